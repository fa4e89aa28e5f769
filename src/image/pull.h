/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Container images of registries, which skopeo fetches.
 *
 * Side: host. See docs/decisions/0098-registries-by-skopeo.md.
 */
#ifndef KBOX_IMAGE_PULL_H
#define KBOX_IMAGE_PULL_H

#include <stdbool.h>

#include "source.h"

struct kbox_pull {
	const char *reference;	/* HOST/NAME:TAG or the like; not owned */
	const char *beside;	/* the path of a file in whose folder there is room */
	bool insecure;		/* HTTP, and unknown certificates, will do */
};

/*
 * Fetch the image for the platform of @options, and open it as a source. All that
 * was fetched goes away with the source. Blocks as long as skopeo takes; a signal
 * that ends processes ends this one, when everything is removed. 0, or -errno after
 * one line.
 */
int kbox_pull(const struct kbox_pull *pull,
	      const struct kbox_source_options *options,
	      struct kbox_source *source);

#endif
