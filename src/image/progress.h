/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line on the terminal that says how far things are.
 *
 * Side: host. Nothing when standard error is no terminal, or with -q.
 */
#ifndef KBOX_IMAGE_PROGRESS_H
#define KBOX_IMAGE_PROGRESS_H

#include <stdbool.h>

#include "guard.h"

struct kbox_progress {
	bool shown;			/* there is a line to be cleared */
	bool enabled;
	const char *what;		/* not owned: "reading" */
	unsigned long long next_ns;	/* when to show it again */
};

/* Begin with @what; a line of before is replaced. */
void kbox_progress_start(struct kbox_progress *progress, const char *what);

/* Show @what alone, at once: nobody knows how far it is. */
void kbox_progress_say(struct kbox_progress *progress, const char *what);

/* For struct kbox_guard: @arg is the struct kbox_progress. */
void kbox_progress_show(void *arg, const struct kbox_amount *amount);

/* Clear the line. */
void kbox_progress_end(struct kbox_progress *progress);

#endif
