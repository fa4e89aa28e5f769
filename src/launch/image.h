/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image: a host file or disk with a file system, or with partitions.
 *
 * Side: host, first phase of a launch.
 *
 * Invariants
 *  1. The image is locked from open to close: exclusively when it can be
 *     written, else shared. The lock belongs to the open file description, so
 *     it goes with kbox however that ends.
 *  2. What is mounted lies within the file: a truncated image is an error
 *     here and not a read error later.
 *
 * Sources: fcntl(2), F_OFD_SETLK; the superblocks in the kernel's
 * fs/ext4/ext4.h, fs/squashfs/squashfs_fs.h, fs/erofs/erofs_fs.h.
 */
#ifndef KBOX_LAUNCH_IMAGE_H
#define KBOX_LAUNCH_IMAGE_H

#include <stdbool.h>

#include "options.h"

/* Which disk of the kernel is what. */
enum { KBOX_DISK_IMAGE, KBOX_DISK_OVERLAY };

struct kbox_image {
	int fd;				/* owned; -1: closed */
	unsigned long long start;	/* of what is mounted, bytes */
	unsigned long long bytes;	/* multiple of 512 */
	bool read_only;
	bool clean;			/* see struct kbox_fs_type */
	const char *fs_type;		/* the kernel's name; static */
};

/*
 * Open, lock and check the image that @options name. 0, or -errno after one
 * line that says what is wrong.
 */
int kbox_image_open(struct kbox_image *image,
		    const struct kbox_options *options);
void kbox_image_close(struct kbox_image *image);

#endif
