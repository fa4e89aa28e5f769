/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A piece of a host file: an archive, a layer of a container image.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_BLOB_H
#define KBOX_IMAGE_BLOB_H

#include <stddef.h>
#include <sys/types.h>

#include "digest.h"

struct kbox_blob {
	int fd;				/* whose it is, its maker says */
	unsigned long long start;	/* bytes */
	unsigned long long bytes;
};

/* At most @len bytes from @offset of the blob; 0 at its end; -errno. */
ssize_t kbox_blob_read(const struct kbox_blob *blob, void *buf, size_t len,
		       unsigned long long offset);

/* The digest of all of it, with the NUL. 0 or -errno. */
int kbox_blob_digest(const struct kbox_blob *blob,
		     char ret_digest[KBOX_DIGEST_CHARS + 1]);

/*
 * The whole of it as a string, which the caller owns: NULL when it has more
 * than @max bytes or cannot be read; errno says why.
 */
char *kbox_blob_text(const struct kbox_blob *blob, size_t max);

#endif
