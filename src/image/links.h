/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files with more than one name, and the name that each was sent with.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_LINKS_H
#define KBOX_IMAGE_LINKS_H

#include <archive_entry.h>
#include <sys/stat.h>

struct kbox_links {
	void *tree;	/* for tsearch(3) */
};

/*
 * Make @entry a hard link, if the file of @st has been here before; else remember
 * that @path is its name. 0 or -ENOMEM.
 */
int kbox_links_set(struct kbox_links *links, struct archive_entry *entry,
		   const struct stat *st, const char *path);
void kbox_links_done(struct kbox_links *links);

#endif
