/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loader as a host file, which every exec of a guest really executes.
 *
 * Side: host. src/launch puts the file in place; exec (src/dispatch/exec.c)
 * uses it.
 *
 * Invariants
 *  1. The directory holds nothing but the loader, under the name
 *     KBOX_LOADER_NAME, and a symbolic link to it, KBOX_LOADER_NAME_2. It is
 *     the host working directory of every guest.
 *  2. No other running kbox executes the same inode: an exec after vfork takes
 *     the opening of this inode for the sign that the host has read the path.
 *     (A copy per box, or a pool of copies, each locked by its user.)
 */
#ifndef KBOX_GUEST_LOADER_FILE_H
#define KBOX_GUEST_LOADER_FILE_H

#include <sys/types.h>

#define KBOX_LOADER_NAME "l"
#define KBOX_LOADER_NAME_2 "ll"	/* a link to it, for paths of two bytes */

struct kbox_loader_file {
	int dir_fd;		/* owned: O_PATH of the directory */
	int fd;			/* owned: O_RDONLY of the loader */
	dev_t dev;		/* of the loader, as fstat(2) says */
	ino_t ino;
	const char *dir;	/* the directory's path */
};

#endif
