/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tar archive as a sink.
 *
 * Side: host. In the pax format, which has room for all that a file has; names in
 * it begin with "./". Sockets, which no archive has, are left out with a warning.
 */
#ifndef KBOX_IMAGE_TAR_H
#define KBOX_IMAGE_TAR_H

#include <archive.h>
#include <stdbool.h>

#include "digest.h"
#include "sink.h"

struct kbox_tar {
	struct kbox_sink sink;
	struct archive *archive;	/* owned */
	const char *name;		/* in messages; not owned */
	unsigned long long at;		/* bytes of the file's contents so far */
	unsigned long long size;	/* of the file */
	/*
	 * NULL, unless its user sets it: of all so far, not compressed. Not owned.
	 */
	struct sha256_ctx *digest;
};

/* Whether @compression is one: NULL for none, "gzip", "xz" or "zstd". */
bool kbox_tar_compresses(const char *compression);

/*
 * Write to @fd, which stays the caller's, with one of these compressions. 0, or
 * -errno after one line.
 */
int kbox_tar_init(struct kbox_tar *tar, int fd, const char *name,
		  const char *compression);

/* Complete the archive. 0, or -errno after one line. */
int kbox_tar_finish(struct kbox_tar *tar);

/* Free it, complete or not. */
void kbox_tar_done(struct kbox_tar *tar);

#endif
