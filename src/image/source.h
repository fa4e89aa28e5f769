/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an image is made from, whatever it is: a folder, an archive, or a container
 * image in one of them.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_SOURCE_H
#define KBOX_IMAGE_SOURCE_H

#include <stdbool.h>

#include "blob.h"
#include "container.h"
#include "guard.h"
#include "store.h"

/* What the user says about it. */
struct kbox_source_options {
	struct kbox_container_choice choice;
	unsigned long long max_bytes;	/* of its contents */
	bool bounded;			/* see archive.h */
};

struct kbox_source {
	const char *name;		/* in messages; not owned */
	struct kbox_source_options options;
	int fd;				/* owned */
	bool is_folder;
	bool is_container;
	struct kbox_blob blob;		/* the file, when it is no folder */
	struct kbox_store store;	/* of a container image */
	struct kbox_container container;
};

/*
 * Open @path, which messages call @name, and find out what it is; nothing has
 * been sent yet. A container image can be removed from then on. 0, or -errno after
 * one line.
 */
int kbox_source_open(struct kbox_source *source, const char *path,
		     const char *name,
		     const struct kbox_source_options *options);

/* Send all files to @guard, each time the same. 0, or -errno after one line. */
int kbox_source_send(const struct kbox_source *source,
		     struct kbox_guard *guard);

/* The description of a container image, JSON, the source's; else NULL. */
const char *kbox_source_config(const struct kbox_source *source);

void kbox_source_close(struct kbox_source *source);

#endif
