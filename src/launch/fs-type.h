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
	unsigned long long bytes; /* that it says it has; 0: does not say */
};

/*
 * Look at @bytes bytes of @fd from @start on. 0 with *@ret_type filled;
 * -ENODATA when nothing known is there; -errno of pread(2).
 */
int kbox_fs_type_detect(int fd, unsigned long long start,
			unsigned long long bytes,
			struct kbox_fs_type *ret_type);

/* Whether the kernel in kbox has this file system under this name. */
bool kbox_fs_type_known(const char *name);

#endif
