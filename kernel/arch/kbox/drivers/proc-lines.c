// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of the host's, for the files of /proc that only the host can fill.
 * Side: kernel.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "kbox-drivers.h"

#define TEXT_MIN	(8UL * 1024)
#define TEXT_MAX	(4UL * 1024 * 1024)	/* 40,000 mappings; then cut */

int kbox_lines_get(int kind, int tgid, int tid, struct kbox_lines *ret_lines)
{
	const struct kbox_text which = { .kind = kind, .tgid = tgid, .tid = tid };
	unsigned long size = TEXT_MIN;
	char *bytes;
	long n;

	for (;;) {
		bytes = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
		if (!bytes)
			return -ENOMEM;
		n = kbox_host->text(&which, bytes, size);
		if (n < (long)size || size == TEXT_MAX)
			break;
		kfree(bytes);
		size *= 2;
	}
	/* What comes after the last whole line is left out. */
	while (n > 0 && bytes[n - 1] != '\n')
		n--;
	if (n <= 0) {
		kfree(bytes);
		bytes = NULL;
	}
	if (n < 0)
		return n;
	ret_lines->bytes = bytes;
	ret_lines->len = n;
	while (n-- > 0)
		if (bytes[n] == '\n')
			bytes[n] = '\0';
	return 0;
}

const char *kbox_lines_find(const struct kbox_lines *lines, const char *key)
{
	const char *line;

	for (line = lines->bytes; line < lines->bytes + lines->len;
	     line += strlen(line) + 1)
		if (strstarts(line, key))
			return line;
	return NULL;
}
