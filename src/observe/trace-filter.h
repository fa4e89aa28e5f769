/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace shall contain: the text behind --trace=FILE:, terms separated by
 * commas, whose values are separated by '+'.
 *
 *	call=NAME+%file     only these; call!=NAME+... all but these
 *	path=GLOB+GLOB      events with such a path
 *	pid=N+N             processes
 *	error, error=NAME   calls that failed, or failed so
 *	class=KERNEL+SPLIT  of abi/syscalls.tbl
 *	data=N              bytes of buffers that are kept
 *	full=block|drop     when the writer is slower than the guests
 *	native              see calls that go straight to the host, too
 *
 * Side: host. Groups of calls follow from the kinds of their arguments.
 */
#ifndef KBOX_OBSERVE_TRACE_FILTER_H
#define KBOX_OBSERVE_TRACE_FILTER_H

#include "../base/limits.h"
#include "trace-record.h"

struct kbox_trace_filter {
	bool by_call;
	uint64_t calls[(KBOX_COUNTED_NRS + 63) / 64];	/* with by_call */
	unsigned int classes;		/* bits of enum kbox_syscall_class; 0: all */
	unsigned int pid_count;
	int pids[KBOX_TRACE_WORDS_MAX];
	unsigned int path_count;
	char *paths[KBOX_TRACE_WORDS_MAX];	/* into text */
	bool failed;			/* only calls that failed */
	unsigned int error_count;
	int errors[KBOX_TRACE_WORDS_MAX];
	unsigned int data_max;		/* bytes */
	bool drop;			/* rather than hold up the guests */
	bool native;
	char *text;			/* owned */
};

/*
 * Read @text, which may be NULL. 0; -EINVAL with what is wrong with it in
 * *@ret_why, a constant; -ENOMEM.
 */
int kbox_trace_filter_parse(struct kbox_trace_filter *filter, const char *text,
			    const char **ret_why);
void kbox_trace_filter_done(struct kbox_trace_filter *filter);

/* Whether calls of this number and process can match at all. */
bool kbox_trace_filter_begins(const struct kbox_trace_filter *filter, long nr,
			      int pid);

/* Whether a finished @record belongs into the trace. */
bool kbox_trace_filter_takes(const struct kbox_trace_filter *filter,
			     const struct kbox_trace_record *record);

#endif
