/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is in an image, by its magic numbers.
 *
 * Side: host. Reads only; checks no more than is needed for a clear message,
 * since the library kernel checks everything when it mounts.
 */
#ifndef KBOX_LAUNCH_FS_TYPE_H
#define KBOX_LAUNCH_FS_TYPE_H

#include <stdbool.h>

struct kbox_fs_type {
	const char *name;	/* the kernel's name, or what it is instead */
	bool mountable;
	bool clean;		/* was unmounted in order: nothing to repair */
	unsigned long long bytes; /* that it says it has; 0: does not say */
};

/* Bytes of an ext2, ext3 or ext4 superblock, and where it lies. */
#define KBOX_EXT_SUPER_BYTES 1024
#define KBOX_EXT_SUPER_OFFSET 1024

/*
 * Look at @bytes bytes of @fd from @start on. 0 with *@ret_type filled;
 * -ENODATA when nothing known is there; -errno of pread(2).
 */
int kbox_fs_type_detect(int fd, unsigned long long start,
			unsigned long long bytes,
			struct kbox_fs_type *ret_type);

/*
 * Whether the kernel has noted an error of the file system in @super, the
 * KBOX_EXT_SUPER_BYTES of an ext superblock.
 */
bool kbox_fs_type_ext_error(const unsigned char *super);

/* Whether the kernel in kbox has this file system under this name. */
bool kbox_fs_type_known(const char *name);

#endif
