/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files with more than one name, and the name that each was sent with.
 *
 * Side: host.
 */
#include "links.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct linked {
	dev_t dev;
	ino_t ino;
	char *path;
};

static int compare(const void *a, const void *b)
{
	const struct linked *one = a, *two = b;

	if (one->dev != two->dev)
		return one->dev < two->dev ? -1 : 1;
	return one->ino == two->ino ? 0 : one->ino < two->ino ? -1 : 1;
}

static void free_linked(void *arg)
{
	struct linked *linked = arg;

	free(linked->path);
	free(linked);
}

int kbox_links_set(struct kbox_links *links, struct archive_entry *entry,
		   const struct stat *st, const char *path)
{
	struct linked *linked;
	struct linked **found;

	if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return 0;
	linked = calloc(1, sizeof(*linked));
	if (!linked)
		return -ENOMEM;
	linked->dev = st->st_dev;
	linked->ino = st->st_ino;
	linked->path = strdup(path);
	found = linked->path ? tsearch(linked, &links->tree, compare) : NULL;
	if (found && *found == linked)
		return 0;
	if (found)
		archive_entry_copy_hardlink(entry, (*found)->path);
	free_linked(linked);
	return found ? 0 : -ENOMEM;
}

void kbox_links_done(struct kbox_links *links)
{
	tdestroy(links->tree, free_linked);
	links->tree = NULL;
}
