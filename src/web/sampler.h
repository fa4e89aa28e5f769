/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes a sample of the box every second.
 *
 * Side: host, on the supervisor's thread, from its event loop.
 */
#ifndef KBOX_WEB_SAMPLER_H
#define KBOX_WEB_SAMPLER_H

#include "../lkernel/loop.h"
#include "history.h"
#include "proc-files.h"
#include "web.h"

struct kbox_sampler {
	const struct kbox_web_sources *sources;	/* not owned */
	struct kbox_proc_files *proc;		/* not owned */
	struct kbox_web_history *history;	/* not owned */
	struct kbox_loop *loop;			/* not owned; NULL: at rest */
	struct kbox_watch watch;		/* of a timerfd, owned */
	unsigned char families[KBOX_COUNTED_NRS + 1];
};

/* Take one now, and more from @loop. All must outlive it. 0 or -errno. */
int kbox_sampler_start(struct kbox_sampler *sampler, struct kbox_loop *loop,
		       const struct kbox_web_sources *sources,
		       struct kbox_proc_files *proc,
		       struct kbox_web_history *history);
void kbox_sampler_stop(struct kbox_sampler *sampler);

#endif
