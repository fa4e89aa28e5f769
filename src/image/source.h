/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an image is made from, whatever it is.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_SOURCE_H
#define KBOX_IMAGE_SOURCE_H

#include <stdbool.h>

#include "blob.h"
#include "guard.h"

struct kbox_source {
	const char *path;		/* not owned */
	bool bounded;			/* see archive.h */
	int fd;				/* owned */
	bool is_folder;
	struct kbox_blob blob;		/* the file, when it is no folder */
};

/*
 * Open @path and find out what it is; nothing has been sent yet. 0, or -errno
 * after one line.
 */
int kbox_source_open(struct kbox_source *source, const char *path);

/*
 * Send all files to @guard, each time the same. 0, or -errno after one line.
 */
int kbox_source_send(const struct kbox_source *source,
		     struct kbox_guard *guard);

void kbox_source_close(struct kbox_source *source);

#endif
