/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What verbs share that make an image from a source: their options, and the making.
 *
 * Side: host.
 */
#ifndef KBOX_CLI_MAKING_H
#define KBOX_CLI_MAKING_H

#include <getopt.h>

#include "../image/new-file.h"
#include "../image/progress.h"
#include "../image/source.h"

struct kbox_making {
	const char *output;		/* the image; not owned */
	unsigned long long size_bytes;	/* of the image; 0: found out */
	struct kbox_source_options options;
	struct kbox_source source;
	struct kbox_guard guard;
	struct kbox_amount amount;	/* of all that is in the source */
	struct kbox_new_file file;
	struct kbox_progress progress;
};

enum {
	KBOX_MAKING_SIZE = 256,
	KBOX_MAKING_LIMIT,
	KBOX_MAKING_PLATFORM,
	KBOX_MAKING_END,		/* numbers of other options begin here */
};

/* Their options, for getopt_long(). */
#define KBOX_MAKING_LETTERS "o:q"
#define KBOX_MAKING_WORDS                                                     \
	{ "output", required_argument, NULL, 'o' },                           \
	{ "size", required_argument, NULL, KBOX_MAKING_SIZE },                \
	{ "limit", required_argument, NULL, KBOX_MAKING_LIMIT },              \
	{ "platform", required_argument, NULL, KBOX_MAKING_PLATFORM },        \
	{ "quiet", no_argument, NULL, 'q' }

void kbox_making_init(struct kbox_making *making);

/* Take one of them. An exit status, after one line when it is not 0. */
int kbox_making_option(struct kbox_making *making, int option);

/*
 * Make the image of the open source, which is closed then. An exit status, after
 * one line when it is not 0.
 */
int kbox_making_run(struct kbox_making *making);

#endif
