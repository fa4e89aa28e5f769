/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching a run, as --stats, --trace and --web ask for.
 *
 * Side: host. Opened before anything is booted, so that a file that cannot be
 * written costs nothing; attached to the box before the first guest goes.
 */
#ifndef KBOX_LAUNCH_WATCH_H
#define KBOX_LAUNCH_WATCH_H

#include "../lkernel/host.h"
#include "../observe/observe.h"
#include "../web/web.h"
#include "options.h"

struct kbox_watcher {
	const struct kbox_options *options;	/* not owned */
	struct kbox_observer observer;
	struct kbox_stats stats;
	struct kbox_trace trace;
	struct kbox_trace_window window;	/* of the page */
	int stats_fd;			/* owned; -1: standard error */
	struct kbox_web *web;		/* owned; NULL: no page */
	const struct kbox_box *box;	/* not owned; once started */
	const struct kbox_host *host;
	uint64_t begin_ns;
};

/* 0, or an exit status of kbox after one line that says what is wrong. */
int kbox_watcher_open(struct kbox_watcher *watcher,
		      const struct kbox_options *options);

/* What the filter must notify of, in flags for kbox_filter_install(). */
unsigned int kbox_watcher_filter_flags(const struct kbox_watcher *watcher);

/*
 * Watch @box, which is on @host and whose first guest is started with @argv; all
 * must live until kbox_watcher_report(). 0 or -errno.
 */
int kbox_watcher_start(struct kbox_watcher *watcher, struct kbox_box *box,
		       const struct kbox_host *host, char *const *argv);

/* The box goes: nobody sees it any more. Harmless when repeated. */
void kbox_watcher_stop(struct kbox_watcher *watcher);

/* All guests have ended: stop, print, and bring the trace to its end. */
void kbox_watcher_report(struct kbox_watcher *watcher);

void kbox_watcher_close(struct kbox_watcher *watcher);

#endif
