/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace: records from the supervisor, written to a file by a thread of its
 * own.
 *
 * Side: host. The supervisor fetches what a record needs (capture.c) and puts
 * it into a ring (trace-ring.h); the thread turns records into text and writes
 * it, so that a call pays only for the first.
 *
 * Invariants
 *  1. Events are written in the order in which they ended, and numbered; one
 *     that was lost leaves a gap in the numbers and an event that tells so.
 *  2. Memory is bounded by the ring. When it is full, the supervisor waits or
 *     counts the event as lost, as the filter says.
 *  3. The last line of a complete trace is its end; without it the rest was
 *     lost with the supervisor.
 */
#ifndef KBOX_OBSERVE_TRACE_H
#define KBOX_OBSERVE_TRACE_H

#include <pthread.h>

#include "trace-filter.h"
#include "trace-format.h"
#include "trace-ring.h"

struct kbox_trace {
	struct kbox_trace_filter filter;
	struct kbox_trace_about about;
	const struct kbox_trace_format *format;
	struct kbox_trace_ring ring;
	pthread_t thread;
	bool started;
	int fd;				/* owned */

	uint64_t next_seq;		/* supervisor's thread */

	struct kbox_json text;		/* writer's thread, from here on */
	uint64_t awaited_seq;
	uint64_t written;		/* events */
	uint64_t lost;
	int error;			/* errno of a write that failed */
};

/*
 * Make the file @file, readable for its owner alone, for what @filter_text
 * (may be NULL) says. 0; -EINVAL with what is wrong with the filter in
 * *@ret_why; or -errno for the file, *@ret_why NULL.
 */
int kbox_trace_open(struct kbox_trace *trace, const char *file,
		    const char *filter_text, const char **ret_why);

/*
 * Start writing. @about's strings must live until kbox_trace_close(). Makes a
 * thread, so it comes after all forks that are not followed by an exec. 0 or
 * -errno.
 */
int kbox_trace_start(struct kbox_trace *trace,
		     const struct kbox_trace_about *about);

/* Number @record, and hand it to the writer if the filter takes it. */
void kbox_trace_put(struct kbox_trace *trace, struct kbox_trace_record *record);

/*
 * Write the rest and close the file; waits for it. Returns 0, or -errno when
 * something could not be written. trace->written and ->lost are final then.
 */
int kbox_trace_close(struct kbox_trace *trace);

#endif
