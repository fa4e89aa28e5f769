/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of names of files, each with a mark.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_NAMES_H
#define KBOX_IMAGE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct kbox_names {
	char **slots;		/* owned: a byte for the mark, then the name */
	size_t size;		/* slots, a power of two; or 0 */
	size_t count;
	size_t bytes;		/* of the names */
};

/* Put the first @len bytes of @name in, or change its mark. 0 or -ENOMEM. */
int kbox_names_put(struct kbox_names *names, const char *name, size_t len,
		   bool mark);

bool kbox_names_has(const struct kbox_names *names, const char *name,
		    size_t len);

/* Whether the name is there and marked. */
bool kbox_names_marked(const struct kbox_names *names, const char *name,
		       size_t len);

/* Empty it; it can be used again. */
void kbox_names_done(struct kbox_names *names);

#endif
