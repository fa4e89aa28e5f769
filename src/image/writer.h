/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mounted image as a sink.
 *
 * Side: host. Files are made by the supervisor's own task in the library kernel,
 * which is root there: owners, devices and attributes need no rights outside.
 *
 * Theory of operation
 *	The task stands in the folder that the current file is made in, and
 *	names only files of that folder. On the way there, openat2() with
 *	RESOLVE_IN_ROOT takes symbolic links as if the image were all there is.
 *	A folder gets the times back that it had when it was entered. What is
 *	in the way of a new file is removed, but that a folder takes on what is
 *	said of it later.
 *
 * Invariants
 *  1. Nothing outside of the image's root is reached: beyond it is only the
 *     kernel's empty one, and no host path exists there.
 *  2. Whiteouts remove what earlier layers made, never what their own did.
 *
 * Source: the OCI image specification, layer.md.
 */
#ifndef KBOX_IMAGE_WRITER_H
#define KBOX_IMAGE_WRITER_H

#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "../lkernel/calls.h"
#include "names.h"
#include "sink.h"

struct kbox_writer {
	struct kbox_sink sink;
	struct kbox_caller *caller;		/* not owned */
	const struct kbox_names *made;		/* not owned: by this layer */
	bool layered;				/* whiteouts are whiteouts */
	int root_fd;				/* of the kernel's */
	bool inside;				/* a folder was entered */
	char parent[PATH_MAX];			/* which one */
	struct timespec times[2];		/* to give back to it */
	struct archive_entry *entry;		/* under way; not owned */
	const char *name;			/* its name in the folder */
	int fd;					/* of a regular file, or -1 */
	unsigned long long end;			/* of its data so far */
};

/*
 * The task of @caller must stand in the root of the mounted image. @made names
 * what the layer under way has made, as struct kbox_guard does. 0, or -errno
 * after one line.
 */
int kbox_writer_init(struct kbox_writer *writer, struct kbox_caller *caller,
		     const struct kbox_names *made);

/* Leave it as it is to be, standing in the root again. 0, or -errno after one line. */
int kbox_writer_done(struct kbox_writer *writer);

/* Make a regular file of root's, and folders on the way to it. 0, or -errno after one line. */
int kbox_writer_put(struct kbox_writer *writer, const char *path,
		    const char *text, size_t len);

#endif
