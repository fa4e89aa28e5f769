/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mounted image as a source.
 *
 * Side: host. Read through the supervisor's own task, which goes from folder to
 * folder; symbolic links are never followed. Holes of files are sent as zeros.
 */
#ifndef KBOX_IMAGE_WALK_H
#define KBOX_IMAGE_WALK_H

#include <stdbool.h>

#include "../lkernel/calls.h"
#include "links.h"
#include "listing.h"
#include "sink.h"

struct kbox_walk {
	struct kbox_caller *caller;	/* not owned */
	struct kbox_sink *sink;		/* not owned */
	struct kbox_links links;
	char *buf;			/* owned, KBOX_IMAGE_CHUNK_BYTES */
};

/* 0, or -ENOMEM after one line. */
int kbox_walk_init(struct kbox_walk *walk, struct kbox_caller *caller,
		   struct kbox_sink *sink);
void kbox_walk_done(struct kbox_walk *walk);

/*
 * Send all files of the image in whose root the task of @caller stands, in the
 * order of their names. 0, or -errno after one line.
 */
int kbox_walk_send(struct kbox_caller *caller, struct kbox_sink *sink);

/*
 * Send the file @name of the folder in which the task stands as @path, without
 * what is in it. 0, or -errno after one line.
 */
int kbox_walk_file(struct kbox_walk *walk, const char *name, const char *path);

/* What is said of that file, but not whether it is a hard link. 0 or -errno. */
long kbox_walk_describe(struct kbox_walk *walk, struct archive_entry *entry,
			const char *name, const char *path);

/* The names in the folder in which the task stands, in their order. 0 or -errno. */
long kbox_walk_list(struct kbox_caller *caller, struct kbox_listing *listing);

/* Whether kbox or mke2fs have added it to the image: /.kbox and /lost+found. */
bool kbox_walk_left_out(const char *path);

/* "/PATH: cannot be read" to the log; @err. */
int kbox_walk_complain(const char *path, long err);

#endif
