/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a trace of JSON lines, for "kbox trace show" and "summary".
 *
 * Side: host, outside of any run. A trace may come from anybody: whatever is
 * in it is shown with control characters defused.
 */
#ifndef KBOX_OBSERVE_TRACE_READ_H
#define KBOX_OBSERVE_TRACE_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct kbox_trace_reader {
	/* Called for each line, whose object is lent. */
	void (*line)(void *arg, const char *type, json_t *event);
	void *arg;
	bool ended;		/* there was a line of type end */
	unsigned long lines;
};

/*
 * Read all of @in. 0; -EINVAL at a line that is not of a trace (reader->lines
 * tells which); -EPROTONOSUPPORT for another version of the format; -EIO.
 */
int kbox_trace_read(struct kbox_trace_reader *reader, FILE *in);

/* Members of @event; 0 or NULL when it has none of that kind. */
long long kbox_trace_int(json_t *event, const char *name);
const char *kbox_trace_string(json_t *event, const char *name);

/* Print every call as strace(1) does. 0 or as kbox_trace_read(). */
int kbox_trace_show(FILE *in, FILE *out, unsigned long *ret_lines);

/*
 * Print what happened: programs, files, sockets, calls, the slowest; at most
 * @most lines of each. 0 or as kbox_trace_read().
 */
int kbox_trace_summary(FILE *in, FILE *out, unsigned int most,
		       unsigned long *ret_lines);

#endif
