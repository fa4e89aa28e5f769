/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happened in a traced run: programs, files, sockets, calls, the slowest.
 *
 * Side: host. Tables are JSON objects, which are hash tables that keep their
 * order.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "trace-read.h"

#define SLOWEST_MAX 1000

struct slow {
	long long duration_ns, time_ns, tid;
	char call[32];
	char comm[32];
};

struct summary {
	json_t *start, *end;
	json_t *execs;		/* tid -> path of the last execve */
	json_t *programs;	/* path -> { count } */
	json_t *files;		/* path -> { count, errors } */
	json_t *sockets;	/* call and address -> { count, errors } */
	json_t *calls;		/* name -> { count, errors, time } */
	unsigned int most;
	struct slow slowest[SLOWEST_MAX];	/* the first has the longest */
	unsigned int slow_count;
};

static void add(json_t *row, const char *name, long long value)
{
	json_object_set_new(row, name,
			    json_integer(kbox_trace_int(row, name) + value));
}

/* The row of @key, made if need be. */
static json_t *row_of(json_t *table, const char *key)
{
	json_t *row = json_object_get(table, key);

	if (!row) {
		row = json_object();
		json_object_set_new(table, key, row);
	}
	return row;
}

static void count(json_t *table, const char *key, bool failed)
{
	json_t *row = row_of(table, key);

	add(row, "count", 1);
	add(row, "errors", failed);
}

/* A path as text: of bytes that are none, their digits. */
static const char *text_of(json_t *value)
{
	return json_is_string(value) ? json_string_value(value) :
				       kbox_trace_string(value, "hex");
}

/* A path below the folder @base, which may be NULL. */
static void count_path(struct summary *s, const char *base, const char *path,
		       bool failed)
{
	char whole[2 * PATH_MAX];

	if (*path == '/' || !base)
		snprintf(whole, sizeof(whole), "%s", path);
	else if (!*path)
		snprintf(whole, sizeof(whole), "%s", base);
	else
		snprintf(whole, sizeof(whole), "%s%s%s", base,
			 strcmp(base, "/") ? "/" : "", path);
	count(s->files, whole, failed);
}

/* Arguments that are called like paths, behind the folder they start from. */
static bool names_path(const char *name)
{
	return !strcmp(name, "path") || !strcmp(name, "old") ||
	       !strcmp(name, "new");
}

static void take_paths(struct summary *s, json_t *event, json_t *args,
		       bool failed)
{
	const char *base = text_of(json_object_get(event, "cwd")), *name;
	json_t *value;

	json_object_foreach(args, name, value) {
		const char *text = text_of(value);

		if (json_object_get(value, "fd"))
			base = text_of(json_object_get(value, "path"));
		else if (text && names_path(name))
			count_path(s, base, text, failed);
	}
}

static void take_address(struct summary *s, const char *call, json_t *address,
			 bool failed)
{
	const char *family = kbox_trace_string(address, "family");
	const char *path = text_of(json_object_get(address, "path"));
	const char *host = kbox_trace_string(address, "address");
	const char *abstract = text_of(json_object_get(address, "abstract"));
	char key[PATH_MAX + 64];

	if (!family)
		return;
	if (host)
		snprintf(key, sizeof(key), "%s %s %s port %lld", call, family,
			 host, kbox_trace_int(address, "port"));
	else
		snprintf(key, sizeof(key), "%s %s %s%s", call, family,
			 abstract ? "@" : "",
			 path ? path : abstract ? abstract : "");
	count(s->sockets, key, failed);
}

static void take_slow(struct summary *s, json_t *event, const char *call)
{
	const char *comm = kbox_trace_string(event, "comm");
	struct slow new = {
		.duration_ns = kbox_trace_int(event, "duration_ns"),
		.time_ns = kbox_trace_int(event, "time_ns"),
		.tid = kbox_trace_int(event, "tid"),
	};
	unsigned int at = s->slow_count;

	if (at == s->most && s->slowest[at - 1].duration_ns >= new.duration_ns)
		return;
	snprintf(new.call, sizeof(new.call), "%s", call);
	snprintf(new.comm, sizeof(new.comm), "%s", comm ? comm : "");
	if (at < s->most)
		s->slow_count++;
	else
		at--;
	for (; at && s->slowest[at - 1].duration_ns < new.duration_ns; at--)
		s->slowest[at] = s->slowest[at - 1];
	s->slowest[at] = new;
}

static void take_call(struct summary *s, json_t *event)
{
	const char *call = kbox_trace_string(event, "call");
	json_t *args = json_object_get(event, "args"), *row;
	bool failed = json_object_get(event, "error");
	char tid[24];

	if (!call)
		return;
	row = row_of(s->calls, call);
	add(row, "count", 1);
	add(row, "errors", failed);
	add(row, "time", kbox_trace_int(event, "duration_ns"));
	if (s->most)
		take_slow(s, event, call);
	take_paths(s, event, args, failed);
	take_address(s, call, json_object_get(args, "address"), failed);
	if (!strncmp(call, "execve", 6)) {
		snprintf(tid, sizeof(tid), "%lld",
			 kbox_trace_int(event, "pid"));
		json_object_set(s->execs, tid, json_object_get(args, "path"));
	}
}

/* The program that was executed under that number is what runs now. */
static void take_exec(struct summary *s, json_t *event)
{
	const char *path;
	char pid[24];

	snprintf(pid, sizeof(pid), "%lld", kbox_trace_int(event, "pid"));
	path = text_of(json_object_get(s->execs, pid));
	if (!path)
		path = kbox_trace_string(event, "comm");
	if (path)
		count(s->programs, path, false);
}

static void take_line(void *arg, const char *type, json_t *event)
{
	struct summary *s = arg;

	if (!strcmp(type, "call"))
		take_call(s, event);
	else if (!strcmp(type, "exec"))
		take_exec(s, event);
	else if (!strcmp(type, "start"))
		s->start = json_incref(event);
	else if (!strcmp(type, "end"))
		s->end = json_incref(event);
}

struct entry {
	const char *key;
	json_t *row;
	long long weight;
};

static int heavier(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	if (left->weight != right->weight)
		return left->weight < right->weight ? 1 : -1;
	return strcmp(left->key, right->key);
}

/* The rows of @table, those with most @weight first; NULL without memory. */
static struct entry *sorted(json_t *table, const char *weight)
{
	struct entry *entries = calloc(json_object_size(table) + 1,
				       sizeof(*entries));
	const char *key;
	json_t *row;
	size_t n = 0;

	if (!entries)
		return NULL;
	json_object_foreach(table, key, row)
		entries[n++] = (struct entry){ key, row,
					       kbox_trace_int(row, weight) };
	qsort(entries, n, sizeof(*entries), heavier);
	return entries;
}

/* Control characters of a name cannot reach the terminal. */
static void print_name(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc((unsigned char)*name < 0x20 || *name == 0x7f ? '?' :
								     *name,
		      out);
	fputc('\n', out);
}

static void print_table(FILE *out, const struct summary *s, const char *title,
			json_t *table)
{
	struct entry *entries = sorted(table, "count");
	size_t all = json_object_size(table);

	fprintf(out, "\n%s: %zu\n", title, all);
	for (size_t i = 0; entries && i < all && i < s->most; i++) {
		long long errors = kbox_trace_int(entries[i].row, "errors");
		char failed[32] = "";

		if (errors)
			snprintf(failed, sizeof(failed), "%lld failed", errors);
		fprintf(out, "%9lld %-12s ", entries[i].weight, failed);
		print_name(out, entries[i].key);
	}
	if (all > s->most)
		fprintf(out, "          ... and %zu more\n", all - s->most);
	free(entries);
}

static void print_calls(FILE *out, const struct summary *s)
{
	struct entry *entries = sorted(s->calls, "time");
	size_t all = json_object_size(s->calls);

	fprintf(out, "\ncalls: %zu\n%12s %9s %9s %9s call\n", all, "ms",
		"us/call", "count", "failed");
	for (size_t i = 0; entries && i < all && i < s->most; i++) {
		long long calls = kbox_trace_int(entries[i].row, "count");

		fprintf(out, "%12.3f %9.1f %9lld %9lld ",
			(double)entries[i].weight / 1e6,
			(double)entries[i].weight / 1e3 / (double)calls, calls,
			kbox_trace_int(entries[i].row, "errors"));
		print_name(out, entries[i].key);
	}
	if (all > s->most)
		fprintf(out, "          ... and %zu more\n", all - s->most);
	free(entries);
}

static void print_slowest(FILE *out, const struct summary *s)
{
	fprintf(out, "\nslowest calls\n");
	for (unsigned int i = 0; i < s->slow_count; i++) {
		const struct slow *slow = &s->slowest[i];

		fprintf(out, "%12.3f ms at %.6f by %lld: %s ",
			(double)slow->duration_ns / 1e6,
			(double)slow->time_ns / 1e9, slow->tid, slow->call);
		print_name(out, slow->comm);
	}
}

static void print_head(FILE *out, const struct summary *s)
{
	json_t *word;
	size_t i;

	fputs("command:", out);
	json_array_foreach(json_object_get(s->start, "command"), i, word) {
		const char *text = text_of(word);

		fprintf(out, " %.200s", text ? text : "?");
	}
	fprintf(out, "\nbegun: %s\n", kbox_trace_string(s->start, "time"));
	if (!s->end) {
		fputs("The trace has no end: some of it is missing.\n", out);
		return;
	}
	fprintf(out, "events: %lld in %.3f s, %lld lost\n",
		kbox_trace_int(s->end, "events"),
		(double)kbox_trace_int(s->end, "time_ns") / 1e9,
		kbox_trace_int(s->end, "lost"));
}

int kbox_trace_summary(FILE *in, FILE *out, unsigned int most,
		       unsigned long *ret_lines)
{
	struct summary *s = calloc(1, sizeof(*s));
	struct kbox_trace_reader reader = { .line = take_line, .arg = s };
	int err;

	if (!s)
		return -ENOMEM;
	s->most = most < SLOWEST_MAX ? most : SLOWEST_MAX;
	s->execs = json_object();
	s->programs = json_object();
	s->files = json_object();
	s->sockets = json_object();
	s->calls = json_object();
	err = kbox_trace_read(&reader, in);
	*ret_lines = reader.lines;
	if (!err) {
		print_head(out, s);
		print_table(out, s, "programs run", s->programs);
		print_table(out, s, "files touched", s->files);
		print_table(out, s, "sockets", s->sockets);
		print_calls(out, s);
		print_slowest(out, s);
	}
	json_decref(s->start);
	json_decref(s->end);
	json_decref(s->execs);
	json_decref(s->programs);
	json_decref(s->files);
	json_decref(s->sockets);
	json_decref(s->calls);
	free(s);
	return err;
}
