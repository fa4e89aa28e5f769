/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A window onto what happens now: records of some calls, for as long as
 * somebody looks.
 *
 * Side: host. The supervisor's thread puts records in, one other takes them
 * out and says what it wants to see.
 *
 * Invariants
 *  1. While nobody looks a call costs two loads; while somebody does, at most
 *     KBOX_WINDOW_PER_SECOND calls a second are fetched, and all that the
 *     filter lets begin are counted: what was passed over is known.
 *  2. A full ring loses records, counted too; the supervisor waits for nobody.
 *  3. The filter in use belongs to the supervisor's thread. A new one lies in
 *     the box "next", where whoever takes it out owns it.
 */
#ifndef KBOX_OBSERVE_TRACE_WINDOW_H
#define KBOX_OBSERVE_TRACE_WINDOW_H

#include <stdatomic.h>

#include "trace-filter.h"
#include "trace-ring.h"

struct kbox_trace_window {
	struct kbox_trace_ring ring;
	_Atomic uint64_t until_ns;	/* somebody looks; CLOCK_MONOTONIC */
	_Atomic(struct kbox_trace_filter *) next;	/* owned, or NULL */
	_Atomic uint64_t passed_over;

	struct kbox_trace_filter *filter;	/* owned; supervisor's */
	uint64_t next_seq;
	uint64_t second_ns;		/* when the present one began */
	unsigned int taken;		/* in it */
};

/* 0 or -ENOMEM. */
int kbox_trace_window_init(struct kbox_trace_window *window);
void kbox_trace_window_done(struct kbox_trace_window *window);

/* --- the supervisor's thread */

/* Whether somebody looks at @now_ns. */
bool kbox_trace_window_is_open(struct kbox_trace_window *window,
			       uint64_t now_ns);

/* Whether the call @nr of process @pid, beginning at @now_ns, is fetched. */
bool kbox_trace_window_begins(struct kbox_trace_window *window, long nr,
			      int pid, uint64_t now_ns);

/* Number @record and put it in, if the filter takes it. */
void kbox_trace_window_put(struct kbox_trace_window *window,
			   struct kbox_trace_record *record);

/* --- the other one */

/*
 * Look until @until_ns. @filter, taken over with its text, replaces the one in
 * use; NULL leaves it as it is.
 */
void kbox_trace_window_look(struct kbox_trace_window *window,
			    uint64_t until_ns,
			    struct kbox_trace_filter *filter);

/* The oldest record, or NULL; does not sleep. Dropped with _drop(). */
const struct kbox_trace_record *
kbox_trace_window_take(struct kbox_trace_window *window);
void kbox_trace_window_drop(struct kbox_trace_window *window,
			    const struct kbox_trace_record *record);

#endif
