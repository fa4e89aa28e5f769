/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names in a folder of the library kernel.
 *
 * Side: host. Read whole before anything is done with them, so that what is
 * removed or made meanwhile cannot confuse the reading.
 */
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "../base/cleanup.h"
#include "../base/limits.h"

static long add(struct kbox_listing *listing, const char *name)
{
	char **names;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	/* A power of two: the room is used up. */
	if (!(listing->count & (listing->count - 1))) {
		size_t room = listing->count ? listing->count * 2 : 1;

		names = realloc(listing->names, room * sizeof(*names));
		if (!names)
			return -ENOMEM;
		listing->names = names;
	}
	listing->names[listing->count] = strdup(name);
	if (!listing->names[listing->count])
		return -ENOMEM;
	listing->count++;
	return 0;
}

long kbox_listing_read(struct kbox_listing *listing,
		       struct kbox_caller *caller, int fd)
{
	KBOX_CLEANUP_FREE char *buf = malloc(KBOX_IMAGE_CHUNK_BYTES);
	long n = -ENOMEM, err = 0;

	memset(listing, 0, sizeof(*listing));
	if (!buf)
		return n;
	while (!err && (n = kbox_call3(caller, SYS_getdents64, fd, buf,
				       KBOX_IMAGE_CHUNK_BYTES)) > 0) {
		for (long at = 0; !err && at < n;) {
			struct dirent64 *entry = (void *)(buf + at);

			err = add(listing, entry->d_name);
			at += entry->d_reclen;
		}
	}
	if (!err)
		err = n;
	if (err)
		kbox_listing_done(listing);
	return err;
}

void kbox_listing_done(struct kbox_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->names[i]);
	free(listing->names);
	memset(listing, 0, sizeof(*listing));
}
