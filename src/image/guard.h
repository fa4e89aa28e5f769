/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is let through from a source that nobody trusts.
 *
 * Side: host. A guard stands between a source and a sink, and is the one place
 * where names, kinds of files and amounts are judged; sinks rely on it.
 *
 * Refused, each with a line that names the file:
 *  - absolute names and names with "..", of files and of targets of hard links;
 *  - a file below a symbolic link that the same layer has made. One that an
 *    earlier layer has made is followed, within the image;
 *  - more bytes or files than the limits allow, by what the headers claim, and
 *    more data than a file's own size;
 *  - kinds of files that Linux does not have, names that it cannot have.
 */
#ifndef KBOX_IMAGE_GUARD_H
#define KBOX_IMAGE_GUARD_H

#include <stdbool.h>

#include "names.h"
#include "sink.h"

/* How much has come. */
struct kbox_amount {
	unsigned long long files;	/* entries, of all kinds */
	unsigned long long bytes;	/* of contents, sizes rounded up to 4 KiB */
};

struct kbox_guard {
	struct kbox_sink *sink;		/* not owned */
	const char *source;		/* named in messages; not owned */
	unsigned long long max_bytes;
	struct kbox_amount amount;
	struct kbox_names made;		/* by this layer; links are marked */
	unsigned long long size;	/* of the file whose data come */
	/* Called after each file and now and then in between; may be NULL. */
	void (*progress)(void *arg, const struct kbox_amount *amount);
	void *progress_arg;
};

/* Pass on to the sink; 0, or -errno after one line. -EPERM: refused. */
int kbox_guard_layer(struct kbox_guard *guard);
int kbox_guard_entry(struct kbox_guard *guard, struct archive_entry *entry);
int kbox_guard_data(struct kbox_guard *guard, const void *data, size_t len,
		    unsigned long long offset);
int kbox_guard_end(struct kbox_guard *guard);

/* Free what it holds. */
void kbox_guard_done(struct kbox_guard *guard);

/*
 * Make a name what sinks get: without "." and empty components, in place. 0, or
 * -EPERM with *@ret_why set when it must be refused.
 */
int kbox_guard_clean_name(char *name, const char **ret_why);

#endif
