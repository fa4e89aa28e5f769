/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The changes of an overlay as a layer, for the verbs that need it.
 *
 * Side: host.
 */
#ifndef KBOX_CLI_OVERLAY_LAYER_H
#define KBOX_CLI_OVERLAY_LAYER_H

/*
 * Boot with both and write a tar archive of the changes to @fd, which messages
 * call @name. Once per process. @compression is NULL or what struct kbox_tar
 * knows. 0, or -errno after one line.
 */
int kbox_overlay_layer_write(const char *image, const char *overlay, int fd,
			     const char *name, const char *compression);

#endif
