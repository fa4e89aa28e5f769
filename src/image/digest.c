/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 digests, as the OCI image specification writes them.
 *
 * Side: host.
 */
#include "digest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "sha256:"

bool kbox_digest_valid(const char *text)
{
	return strlen(text) == KBOX_DIGEST_CHARS &&
	       !strncmp(text, PREFIX, strlen(PREFIX)) &&
	       strspn(text + strlen(PREFIX), "0123456789abcdef") ==
		       2 * SHA256_DIGEST_SIZE;
}

void kbox_digest_print(struct sha256_ctx *state,
		       char ret_digest[KBOX_DIGEST_CHARS + 1])
{
	uint8_t bytes[SHA256_DIGEST_SIZE];
	char *to = ret_digest + sprintf(ret_digest, PREFIX);

	sha256_digest(state, sizeof(bytes), bytes);
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		to += sprintf(to, "%02x", bytes[i]);
}
