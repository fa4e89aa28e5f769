/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making empty ext4 file systems, with e2fsprogs.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_EXT4_H
#define KBOX_IMAGE_EXT4_H

#include "guard.h"
#include "new-file.h"

/*
 * Bytes of a file system that holds @amount and as much again and 1 GiB: what is
 * not used costs no space on the host, since the file is sparse.
 */
unsigned long long kbox_ext4_size(const struct kbox_amount *amount);

/*
 * Make one of @size_bytes in @file, for the files of @amount. 0, or -errno after
 * one line.
 */
int kbox_ext4_make(const struct kbox_new_file *file,
		   unsigned long long size_bytes,
		   const struct kbox_amount *amount);

#endif
