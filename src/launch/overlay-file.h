/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of --overlay, made when it does not exist.
 *
 * Side: host. An ext4 file system by mke2fs, sparse, with a label by which it is
 * known. Invariants are in overlay.h.
 */
#ifndef KBOX_LAUNCH_OVERLAY_FILE_H
#define KBOX_LAUNCH_OVERLAY_FILE_H

/* 0 when there is a file of that name; else -errno after one line. */
int kbox_overlay_file_make(const char *path);

/* Whether the file system on @fd has the label of such a file. */
int kbox_overlay_file_known(int fd);

#endif
