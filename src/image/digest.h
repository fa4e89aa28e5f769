/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 digests, as the OCI image specification writes them.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_DIGEST_H
#define KBOX_IMAGE_DIGEST_H

#include <nettle/sha2.h>
#include <stdbool.h>

/* "sha256:" and 64 digits. */
#define KBOX_DIGEST_CHARS 71

/* Whether @text is one: then it is also safe to make a file's name of. */
bool kbox_digest_valid(const char *text);

/* What @state has come to, as text with a NUL; @state can be used anew. */
void kbox_digest_print(struct sha256_ctx *state,
		       char ret_digest[KBOX_DIGEST_CHARS + 1]);

#endif
