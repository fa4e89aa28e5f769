/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names in a folder of the library kernel.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_LISTING_H
#define KBOX_IMAGE_LISTING_H

#include <stddef.h>

#include "../lkernel/calls.h"

/* All but "." and "..", as they come. */
struct kbox_listing {
	char **names;		/* owned, each of them */
	size_t count;
};

/* Read it whole from descriptor @fd of the caller's. 0 or -errno. */
long kbox_listing_read(struct kbox_listing *listing,
		       struct kbox_caller *caller, int fd);
void kbox_listing_done(struct kbox_listing *listing);

#endif
