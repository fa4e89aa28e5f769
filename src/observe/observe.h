/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching the calls of a box: the hooks on their way.
 *
 * Side: host, on the supervisor's thread. src/intercept tells when a call has
 * come in and when it is over; src/dispatch how long the library kernel took.
 * While nobody watches, box->observer is NULL, and each hook is one branch.
 */
#ifndef KBOX_OBSERVE_OBSERVE_H
#define KBOX_OBSERVE_OBSERVE_H

#include "../guest/box.h"
#include "stats.h"
#include "trace-window.h"
#include "trace.h"

struct kbox_observer {
	struct kbox_stats *stats;	/* NULL: nothing is counted */
	struct kbox_trace *trace;	/* NULL: nothing is traced */
	struct kbox_trace_window *window;	/* NULL: nobody can look */
};

/* A call under way, as far as it is watched; of a thread. */
struct kbox_seen {
	bool open;
	bool traced;			/* for the trace */
	bool shown;			/* in the window */
	bool native;			/* only watched on its way to the host */
	uint64_t begin_ns;
	uint64_t kernel_ns;
	struct kbox_trace_builder builder;
};

#define kbox_is_observed(box) __builtin_expect(!!(box)->observer, 0)

/* Watch @box, which has no guests yet. @observer must outlive the box. */
void kbox_observe(struct kbox_box *box, struct kbox_observer *observer);

/* thread->call has come in. */
void kbox_observe_call(struct kbox_box *box, struct kbox_thread *thread);

/* The call under way goes to the host as it would without a trace. */
void kbox_observe_native(struct kbox_thread *thread);

/*
 * It is over: KBOX_REPLY with thread->call.value, KBOX_CONTINUE, or KBOX_GONE.
 * Before the guest is answered, since afterwards its memory changes.
 */
void kbox_observe_end(struct kbox_box *box, struct kbox_thread *thread,
		      enum kbox_verdict verdict, long value);

/* For @thread's call the library kernel worked since @begin_ns. */
uint64_t kbox_observe_clock(void);
void kbox_observe_kernel(struct kbox_thread *thread, uint64_t begin_ns);

#endif
