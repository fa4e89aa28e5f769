/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cleanup at the end of a scope, and the transfer of ownership out of it.
 *
 * Side: host. Not to be used across longjmp, in signal handlers, in a vfork
 * child, nor in a function that calls back into the library kernel while it
 * may never return (kernel panics leave the stack as it is).
 *
 *	KBOX_CLEANUP_CLOSE int fd = open(...);
 *	if (fd < 0)
 *		return -errno;
 *	...
 *	*ret_fd = KBOX_TAKE_FD(fd);
 *	return 0;
 *
 * errno is kept over all of them.
 */
#ifndef KBOX_BASE_CLEANUP_H
#define KBOX_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Close @fd when it is one; always returns -1, errno is kept. */
static inline int kbox_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

static inline void kbox_cleanup_close_(int *fd)
{
	*fd = kbox_close(*fd);
}

static inline void kbox_cleanup_free_(void *ptr)
{
	int saved = errno;

	free(*(void **)ptr);
	errno = saved;
}

static inline void kbox_cleanup_file_(FILE **file)
{
	int saved = errno;

	if (*file)
		fclose(*file);
	errno = saved;
}

static inline void kbox_cleanup_dir_(DIR **dir)
{
	int saved = errno;

	if (*dir)
		closedir(*dir);
	errno = saved;
}

static inline int kbox_take_fd_(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define KBOX_CLEANUP_CLOSE __attribute__((cleanup(kbox_cleanup_close_)))
#define KBOX_CLEANUP_FREE __attribute__((cleanup(kbox_cleanup_free_)))
#define KBOX_CLEANUP_FILE __attribute__((cleanup(kbox_cleanup_file_)))
#define KBOX_CLEANUP_DIR __attribute__((cleanup(kbox_cleanup_dir_)))

/* The value of a variable, which no longer owns it afterwards. */
#define KBOX_TAKE_FD(fd) kbox_take_fd_(&(fd))
#define KBOX_TAKE_PTR(ptr)                                                    \
	({                                                                    \
		__typeof__(ptr) taken_ = (ptr);                               \
		(ptr) = NULL;                                                 \
		taken_;                                                       \
	})

#endif
