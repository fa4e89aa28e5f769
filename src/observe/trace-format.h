/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two formats of a trace's file: JSON lines, a contract that
 * kbox-trace(5) describes; and the trace-event format that Perfetto and
 * Chrome show.
 *
 * Side: host, on the writer's thread. Appends to a buffer; trace.c writes it.
 */
#ifndef KBOX_OBSERVE_TRACE_FORMAT_H
#define KBOX_OBSERVE_TRACE_FORMAT_H

#include "json.h"
#include "trace-record.h"

/* What the beginning of a trace says. */
struct kbox_trace_about {
	uint64_t begin_ns;		/* CLOCK_MONOTONIC; times count from it */
	uint64_t begin_realtime_ns;
	const char *image;
	char *const *argv;		/* NULL ends it */
	const char *filter;		/* as given, may be empty */
	bool native;			/* calls of class HOST are seen */
};

struct kbox_trace_format {
	void (*begin)(struct kbox_json *json,
		      const struct kbox_trace_about *about);
	void (*event)(struct kbox_json *json,
		      const struct kbox_trace_about *about,
		      const struct kbox_trace_record *record);
	/* @count events were lost here. */
	void (*lost)(struct kbox_json *json,
		     const struct kbox_trace_about *about, uint64_t count,
		     uint64_t time_ns);
	void (*end)(struct kbox_json *json,
		    const struct kbox_trace_about *about, uint64_t events,
		    uint64_t lost, uint64_t time_ns);
};

extern const struct kbox_trace_format kbox_trace_lines;
extern const struct kbox_trace_format kbox_trace_events;

/* By the end of the file's name: ".json" is for trace events. */
const struct kbox_trace_format *kbox_trace_format_of(const char *file);

#endif
