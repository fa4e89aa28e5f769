/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An OCI layout, written: a container image with one layer.
 *
 * Side: host. The pieces go to a sink, which makes a folder or an archive of
 * them; all times in it are 0, so that the same image gives the same pieces.
 *
 * Sources: the OCI image specification, image-layout.md, manifest.md, config.md,
 * layer.md, annotations.md.
 */
#ifndef KBOX_IMAGE_LAYOUT_H
#define KBOX_IMAGE_LAYOUT_H

#include <jansson.h>
#include <stdbool.h>

#include "blob.h"
#include "sink.h"

struct kbox_layout {
	const char *name;		/* in messages; not owned */
	const char *reference;		/* the tag; not owned */
	struct kbox_blob layer;		/* its descriptor is not owned */
	const char *compression;	/* as for kbox_tar_init() */
	char content_digest[KBOX_DIGEST_CHARS + 1]; /* before compression */
	json_t *config;			/* not owned; NULL: none is known */
};

/* Whether layers may have this compression; NULL for none. */
bool kbox_layout_compresses(const char *compression);

/* Whether @reference can be a tag, by annotations.md. */
bool kbox_layout_tags(const char *reference);

/* Send all of it. 0, or -errno after one line. */
int kbox_layout_send(const struct kbox_layout *layout, struct kbox_sink *sink);

#endif
