/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line on the terminal that says how far things are.
 *
 * Side: host. The rest of an earlier, longer line is cleared (\033[K); the cursor
 * stays at its beginning, so that an error message takes its place.
 */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../base/log.h"

#define INTERVAL_NS 100000000ULL

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000000 +
	       (unsigned long long)now.tv_nsec;
}

void kbox_progress_start(struct kbox_progress *progress, const char *what)
{
	progress->enabled = isatty(STDERR_FILENO) &&
			    kbox_log_level() >= KBOX_LOG_WARN;
	progress->what = what;
	progress->next_ns = now_ns() + INTERVAL_NS;
}

void kbox_progress_say(struct kbox_progress *progress, const char *what)
{
	kbox_progress_start(progress, what);
	progress->shown = progress->enabled;
	if (progress->shown)
		fprintf(stderr, "kbox: %s\033[K\r", what);
}

void kbox_progress_show(void *arg, const struct kbox_amount *amount)
{
	struct kbox_progress *progress = arg;

	if (!progress->enabled || now_ns() < progress->next_ns)
		return;
	progress->next_ns = now_ns() + INTERVAL_NS;
	progress->shown = true;
	fprintf(stderr, "kbox: %s: %llu files, %llu MiB\033[K\r",
		progress->what, amount->files, amount->bytes >> 20);
	fflush(stderr);
}

void kbox_progress_end(struct kbox_progress *progress)
{
	if (progress->shown)
		fputs("\033[K", stderr);
	progress->shown = false;
}
