/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of names of files, each with a mark.
 *
 * Side: host. Open addressing, at most three quarters full. The hash is FNV-1a:
 * who chooses names to collide slows down the import of an own archive.
 */
#include "names.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

static uint64_t hash(const char *name, size_t len)
{
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		value = (value ^ (unsigned char)name[i]) * 0x100000001b3;
	return value ^ value >> 32;
}

/* The slot that has the name, or the free one where it belongs. */
static char **slot_of(const struct kbox_names *names, const char *name,
		      size_t len)
{
	size_t i = hash(name, len) & (names->size - 1);

	while (names->slots[i] && (strncmp(names->slots[i] + 1, name, len) ||
				   names->slots[i][1 + len]))
		i = (i + 1) & (names->size - 1);
	return &names->slots[i];
}

static int grow(struct kbox_names *names)
{
	struct kbox_names more = {
		.size = names->size ? names->size * 2 : FIRST_SIZE,
		.count = names->count,
		.bytes = names->bytes,
	};

	if ((names->count + 1) * 4 <= names->size * 3)
		return 0;
	more.slots = calloc(more.size, sizeof(*more.slots));
	if (!more.slots)
		return -ENOMEM;
	for (size_t i = 0; i < names->size; i++) {
		char *name = names->slots[i];

		if (name)
			*slot_of(&more, name + 1, strlen(name + 1)) = name;
	}
	free(names->slots);
	*names = more;
	return 0;
}

int kbox_names_put(struct kbox_names *names, const char *name, size_t len,
		   bool mark)
{
	char **slot;

	if (grow(names))
		return -ENOMEM;
	slot = slot_of(names, name, len);
	if (!*slot) {
		*slot = malloc(len + 2);
		if (!*slot)
			return -ENOMEM;
		memcpy(*slot + 1, name, len);
		(*slot)[1 + len] = '\0';
		names->count++;
		names->bytes += len + 2;
	}
	**slot = mark;
	return 0;
}

bool kbox_names_has(const struct kbox_names *names, const char *name,
		    size_t len)
{
	return names->size && *slot_of(names, name, len);
}

bool kbox_names_marked(const struct kbox_names *names, const char *name,
		       size_t len)
{
	return kbox_names_has(names, name, len) && **slot_of(names, name, len);
}

void kbox_names_done(struct kbox_names *names)
{
	for (size_t i = 0; i < names->size; i++)
		free(names->slots[i]);
	free(names->slots);
	memset(names, 0, sizeof(*names));
}
