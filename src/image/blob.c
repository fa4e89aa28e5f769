/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A piece of a host file: an archive, a layer of a container image.
 *
 * Side: host.
 */
#include "blob.h"

#include <errno.h>
#include <stdlib.h>

#include "../base/cleanup.h"
#include "../base/io.h"
#include "../base/limits.h"

ssize_t kbox_blob_read(const struct kbox_blob *blob, void *buf, size_t len,
		       unsigned long long offset)
{
	if (offset >= blob->bytes)
		return 0;
	if (len > blob->bytes - offset)
		len = blob->bytes - offset;
	return kbox_pread_all(blob->fd, buf, len,
			      (off_t)(blob->start + offset));
}

int kbox_blob_digest(const struct kbox_blob *blob,
		     char ret_digest[KBOX_DIGEST_CHARS + 1])
{
	KBOX_CLEANUP_FREE void *buf = malloc(KBOX_IMAGE_CHUNK_BYTES);
	unsigned long long at = 0;
	struct sha256_ctx state;
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	sha256_init(&state);
	while ((n = kbox_blob_read(blob, buf, KBOX_IMAGE_CHUNK_BYTES, at)) > 0) {
		sha256_update(&state, (size_t)n, buf);
		at += (unsigned long long)n;
	}
	if (n < 0)
		return (int)n;
	kbox_digest_print(&state, ret_digest);
	return 0;
}

char *kbox_blob_text(const struct kbox_blob *blob, size_t max)
{
	KBOX_CLEANUP_FREE char *text = NULL;
	size_t at = 0;

	if (blob->bytes > max) {
		errno = EFBIG;
		return NULL;
	}
	text = calloc(1, blob->bytes + 1);
	while (text && at < blob->bytes) {
		ssize_t n = kbox_blob_read(blob, text + at, blob->bytes - at,
					   at);

		if (n <= 0) {
			errno = n < 0 ? (int)-n : EIO;
			return NULL;
		}
		at += (size_t)n;
	}
	return KBOX_TAKE_PTR(text);
}
