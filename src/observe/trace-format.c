/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two formats of a trace's file.
 *
 * Side: host, on the writer's thread.
 */
#include "trace-format.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "trace-args.h"

#define VERSION 1	/* of the lines' format, see kbox-trace(5) */

static uint64_t since(const struct kbox_trace_about *about, uint64_t time_ns)
{
	return time_ns > about->begin_ns ? time_ns - about->begin_ns : 0;
}

/* Members about the whole trace, of the object that is open. */
static void show_about(struct kbox_json *json,
		       const struct kbox_trace_about *about)
{
	time_t seconds = (time_t)(about->begin_realtime_ns / 1000000000);
	char date[32], text[64];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%09uZ", date,
		 (unsigned int)(about->begin_realtime_ns % 1000000000));
	kbox_json_name_string(json, "format", "kbox-trace");
	kbox_json_name_int(json, "version", VERSION);
	kbox_json_name_string(json, "kbox", KBOX_VERSION);
	kbox_json_name_string(json, "time", text);
	kbox_json_name(json, "image");
	kbox_json_bytes(json, about->image, strlen(about->image));
	kbox_json_name(json, "command");
	kbox_json_open(json, '[');
	for (char *const *arg = about->argv; *arg; arg++)
		kbox_json_bytes(json, *arg, strlen(*arg));
	kbox_json_close(json, ']');
	kbox_json_name(json, "filter");
	kbox_json_bytes(json, about->filter, strlen(about->filter));
	kbox_json_name_bool(json, "native", about->native);
}

static void show_comm(struct kbox_json *json,
		      const struct kbox_trace_record *record)
{
	kbox_json_name(json, "comm");
	kbox_json_bytes(json, record->comm,
			strnlen(record->comm, sizeof(record->comm)));
}

/* --- lines */

static void line_open(struct kbox_json *json, const char *type)
{
	json->comma = false;
	kbox_json_open(json, '{');
	kbox_json_name_string(json, "type", type);
}

static void line_close(struct kbox_json *json)
{
	kbox_json_close(json, '}');
	kbox_json_raw(json, "\n", 1);
}

static void lines_begin(struct kbox_json *json,
			const struct kbox_trace_about *about)
{
	line_open(json, "start");
	show_about(json, about);
	line_close(json);
}

static void line_call(struct kbox_json *json,
		      const struct kbox_trace_record *record)
{
	char name[24];

	kbox_json_name_string(json, "call", kbox_trace_name(record, name));
	kbox_json_name_string(json, "class",
			      kbox_trace_class((long)record->nr));
	kbox_json_name(json, "args");
	kbox_trace_args(json, record);
	kbox_trace_result(json, record);
	kbox_json_name_uint(json, "duration_ns", record->duration_ns);
	kbox_json_name_uint(json, "kernel_ns", record->kernel_ns);
}

static void lines_event(struct kbox_json *json,
			const struct kbox_trace_about *about,
			const struct kbox_trace_record *record)
{
	static const char *const types[] = {
		[KBOX_TRACE_CALL] = "call",
		[KBOX_TRACE_THREAD] = "thread",
		[KBOX_TRACE_EXEC] = "exec",
	};

	line_open(json, types[record->type]);
	kbox_json_name_uint(json, "seq", record->seq);
	kbox_json_name_uint(json, "time_ns", since(about, record->begin_ns));
	kbox_json_name_int(json, "pid", record->pid);
	kbox_json_name_int(json, "tid", record->tid);
	show_comm(json, record);
	if (record->type == KBOX_TRACE_THREAD)
		kbox_json_name_int(json, "parent", record->parent);
	if (record->type == KBOX_TRACE_CALL)
		line_call(json, record);
	line_close(json);
}

static void lines_lost(struct kbox_json *json,
		       const struct kbox_trace_about *about, uint64_t count,
		       uint64_t time_ns)
{
	line_open(json, "lost");
	kbox_json_name_uint(json, "time_ns", since(about, time_ns));
	kbox_json_name_uint(json, "count", count);
	line_close(json);
}

static void lines_end(struct kbox_json *json,
		      const struct kbox_trace_about *about, uint64_t events,
		      uint64_t lost, uint64_t time_ns)
{
	line_open(json, "end");
	kbox_json_name_uint(json, "time_ns", since(about, time_ns));
	kbox_json_name_uint(json, "events", events);
	kbox_json_name_uint(json, "lost", lost);
	line_close(json);
}

const struct kbox_trace_format kbox_trace_lines = {
	lines_begin, lines_event, lines_lost, lines_end,
};

/* --- trace events */

static void events_begin(struct kbox_json *json,
			 const struct kbox_trace_about *about)
{
	kbox_json_open(json, '{');
	kbox_json_name_string(json, "displayTimeUnit", "ns");
	kbox_json_name(json, "otherData");
	kbox_json_open(json, '{');
	show_about(json, about);
	kbox_json_close(json, '}');
	kbox_json_name(json, "traceEvents");
	kbox_json_open(json, '[');
}

static void event_open(struct kbox_json *json, const char *name,
		       const char *phase, uint64_t time_ns)
{
	kbox_json_open(json, '{');
	kbox_json_name_string(json, "name", name);
	kbox_json_name_string(json, "ph", phase);
	kbox_json_name(json, "ts");
	kbox_json_thousandths(json, time_ns);
}

static void event_close(struct kbox_json *json)
{
	kbox_json_close(json, '}');
	kbox_json_raw(json, "\n", 1);
}

/* The viewers learn the name of a process or thread. */
static void event_name(struct kbox_json *json, const char *what,
		       const struct kbox_trace_record *record)
{
	event_open(json, what, "M", 0);
	kbox_json_name_int(json, "pid", record->pid);
	kbox_json_name_int(json, "tid", record->tid);
	kbox_json_name(json, "args");
	kbox_json_open(json, '{');
	kbox_json_name(json, "name");
	kbox_json_bytes(json, record->comm,
			strnlen(record->comm, sizeof(record->comm)));
	kbox_json_close(json, '}');
	event_close(json);
}

static void event_call(struct kbox_json *json,
		       const struct kbox_trace_about *about,
		       const struct kbox_trace_record *record)
{
	char name[24];

	event_open(json, kbox_trace_name(record, name), "X",
		   since(about, record->begin_ns));
	kbox_json_name(json, "dur");
	kbox_json_thousandths(json, record->duration_ns);
	kbox_json_name_string(json, "cat", kbox_trace_class((long)record->nr));
	kbox_json_name_int(json, "pid", record->pid);
	kbox_json_name_int(json, "tid", record->tid);
	kbox_json_name(json, "args");
	kbox_json_open(json, '{');
	kbox_json_name(json, "arguments");
	kbox_trace_args(json, record);
	kbox_trace_result(json, record);
	kbox_json_name_uint(json, "kernel_ns", record->kernel_ns);
	kbox_json_close(json, '}');
	event_close(json);
}

static void events_event(struct kbox_json *json,
			 const struct kbox_trace_about *about,
			 const struct kbox_trace_record *record)
{
	if (record->type == KBOX_TRACE_CALL) {
		event_call(json, about, record);
		return;
	}
	event_name(json, "thread_name", record);
	if (record->pid == record->tid)
		event_name(json, "process_name", record);
}

static void event_global(struct kbox_json *json, const char *name,
			 uint64_t time_ns, uint64_t count)
{
	event_open(json, name, "i", time_ns);
	kbox_json_name_string(json, "s", "g");
	kbox_json_name_int(json, "pid", 0);
	kbox_json_name_int(json, "tid", 0);
	kbox_json_name(json, "args");
	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "count", count);
	kbox_json_close(json, '}');
	event_close(json);
}

static void events_lost(struct kbox_json *json,
			const struct kbox_trace_about *about, uint64_t count,
			uint64_t time_ns)
{
	event_global(json, "lost events", since(about, time_ns), count);
}

static void events_end(struct kbox_json *json,
		       const struct kbox_trace_about *about, uint64_t events,
		       uint64_t lost, uint64_t time_ns)
{
	event_global(json, "end", since(about, time_ns), events);
	kbox_json_close(json, ']');
	kbox_json_name_uint(json, "events", events);
	kbox_json_name_uint(json, "lost", lost);
	kbox_json_close(json, '}');
	kbox_json_raw(json, "\n", 1);
}

const struct kbox_trace_format kbox_trace_events = {
	events_begin, events_event, events_lost, events_end,
};

const struct kbox_trace_format *kbox_trace_format_of(const char *file)
{
	static const char suffix[] = ".json";
	size_t len = strlen(file), tail = sizeof(suffix) - 1;

	return len > tail && !strcmp(file + len - tail, suffix) ?
		       &kbox_trace_events : &kbox_trace_lines;
}
