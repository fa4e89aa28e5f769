/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The named pieces that a container image consists of: a folder, or an archive.
 *
 * Side: host. An archive, which can be read from front to back only, is unpacked
 * into a file without a name: its pieces stay what they were when their digests
 * were looked at.
 */
#ifndef KBOX_IMAGE_STORE_H
#define KBOX_IMAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "blob.h"
#include "guard.h"

/* A piece: of the unpacked archive, or opened in the folder. */
struct kbox_piece {
	char *name;			/* owned */
	char *target;			/* owned: of a link to another; or NULL */
	struct kbox_blob blob;
};

struct kbox_store {
	struct kbox_sink sink;		/* what an archive is unpacked to */
	const char *source;		/* named in messages; not owned */
	int folder_fd;			/* not owned; -1: an archive */
	int file_fd;			/* owned: what was unpacked; or -1 */
	unsigned long long used;	/* bytes of it */
	struct kbox_piece *pieces;	/* owned */
	size_t count;
};

/* A store in front of the open folder @fd. */
void kbox_store_open_folder(struct kbox_store *store, const char *source,
			    int fd);

/*
 * Unpack an archive of pieces. 0; -ENODATA without a line when there are files
 * in it as no container image has; -errno after one line.
 */
int kbox_store_open_archive(struct kbox_store *store, const char *source,
			    const struct kbox_blob *archive,
			    unsigned long long max_bytes, bool bounded);

/*
 * Find a piece; its descriptor is the store's. 0 or -errno, -ENOENT when there is
 * none.
 */
int kbox_store_find(struct kbox_store *store, const char *name,
		    struct kbox_blob *ret_blob);

void kbox_store_close(struct kbox_store *store);

#endif
