/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Container images: OCI layouts, and what "docker save" writes.
 *
 * Side: host. Every piece is compared with its digest before anything in it is
 * looked at.
 *
 * Sources: the OCI image specification, image-layout.md, image-index.md,
 * manifest.md, descriptor.md; the Docker image specification v1.2.
 */
#ifndef KBOX_IMAGE_CONTAINER_H
#define KBOX_IMAGE_CONTAINER_H

#include <stdbool.h>

#include "store.h"

/* What is wanted of what is there. */
struct kbox_container_choice {
	const char *platform;	/* "linux/amd64", perhaps with "/v2" */
	const char *reference;	/* a tag; NULL: the only one */
};

struct kbox_container {
	struct kbox_store *store;	/* not owned */
	struct kbox_blob *layers;	/* owned, from the bottom up */
	size_t layer_count;
	char *config;			/* owned: the image's description, JSON */
};

/*
 * Read the description of the chosen image in @store. 0; -ENODATA without a line
 * when there is no container image in it; -errno after one line.
 */
int kbox_container_open(struct kbox_container *container,
			struct kbox_store *store,
			const struct kbox_container_choice *choice);

/* Send all layers. 0, or -errno after one line. */
int kbox_container_send(const struct kbox_container *container,
			struct kbox_guard *guard, bool bounded);

void kbox_container_close(struct kbox_container *container);

#endif
