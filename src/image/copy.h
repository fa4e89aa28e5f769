/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies of images, in which holes stay holes.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_COPY_H
#define KBOX_IMAGE_COPY_H

/*
 * Copy the image @path to the empty file @fd, which messages call @name. 0, or
 * -errno after one line; -EBUSY while a box writes to the image.
 */
int kbox_copy_sparse(const char *path, int fd, const char *name);

#endif
