/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Partitions of an image: MBR with logical partitions, and GPT.
 *
 * Side: host. The kernel sees only the chosen partition, as a disk.
 *
 * Sources: UEFI specification, chapter 5; block/partitions/msdos.c of the
 * kernel for logical partitions.
 */
#ifndef KBOX_LAUNCH_PARTITION_H
#define KBOX_LAUNCH_PARTITION_H

#include <stdbool.h>

/*
 * Where partition @number (from 1, as in /dev/sdaN) of the image @fd lies;
 * @bytes is the size of the image. *@ret_start and *@ret_bytes are in bytes.
 * 0; -ENODATA when there is no partition table; -ENOENT when there is no such
 * partition; -ERANGE when it does not lie within the image; -errno.
 */
int kbox_partition_find(int fd, unsigned long long bytes, unsigned int number,
			unsigned long long *ret_start,
			unsigned long long *ret_bytes);

/* Whether the image has a partition table. */
bool kbox_partition_table(int fd);

#endif
