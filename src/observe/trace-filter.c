/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace shall contain.
 *
 * Side: host. The language is described in trace-filter.h.
 */
#include "trace-filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/macros.h"
#include "../base/syscalls.h"

/* The highest errno that has a name. */
#define ERRNO_MAX 133

static const char too_many[] = "too many values in one term";

static void set_call(struct kbox_trace_filter *filter, long nr, bool on)
{
	uint64_t bit = 1ULL << nr % 64;

	if (on)
		filter->calls[nr / 64] |= bit;
	else
		filter->calls[nr / 64] &= ~bit;
}

/* Whether a call with these arguments belongs to %GROUP. */
static bool in_group(const struct kbox_trace_call *call, const char *group)
{
	bool file = !strcmp(group, "file"), desc = !strcmp(group, "desc");
	bool memory = !strcmp(group, "memory"), sig = !strcmp(group, "signal");

	if (desc && call->result == KBOX_TRACE_RESULT_FD)
		return true;
	for (unsigned int i = 0; i < KBOX_TRACE_ARGS && call->args[i].name; i++) {
		enum kbox_trace_kind kind = call->args[i].kind;

		if ((file && kind == KBOX_TRACE_KIND_PATH) ||
		    (desc && kind == KBOX_TRACE_KIND_FD) ||
		    (memory && kind == KBOX_TRACE_KIND_ADDR) ||
		    (sig && (kind == KBOX_TRACE_KIND_SIG ||
			     kind == KBOX_TRACE_KIND_MASK)))
			return true;
	}
	return false;
}

/* One name or %GROUP; -EINVAL when no call has it. */
static int add_call(struct kbox_trace_filter *filter, const char *name, bool on)
{
	bool found = false;

	for (long nr = 0; nr <= kbox_syscall_max(); nr++) {
		const struct kbox_syscall_info *info = kbox_syscall_info(nr);

		if (!info || nr >= KBOX_COUNTED_NRS)
			continue;
		if (*name == '%' ? in_group(kbox_trace_call(nr), name + 1) :
				   !strcmp(info->name, name)) {
			set_call(filter, nr, on);
			found = true;
		}
	}
	return found ? 0 : -EINVAL;
}

static int number(const char *text, long max, long *ret_value)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (!*text || *end || value < 0 || value > max)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

static const char *add_error(struct kbox_trace_filter *filter, const char *word)
{
	if (filter->error_count == KBOX_TRACE_WORDS_MAX)
		return too_many;
	for (int error = 1; error <= ERRNO_MAX; error++) {
		const char *name = strerrorname_np(error);

		if (name && !strcmp(name, word)) {
			filter->errors[filter->error_count++] = error;
			return NULL;
		}
	}
	return "there is no such error";
}

static const char *add_class(struct kbox_trace_filter *filter, const char *word)
{
	static const char *const names[] = {
		[KBOX_SYSCALL_KERNEL] = "KERNEL",
		[KBOX_SYSCALL_HOST] = "HOST",
		[KBOX_SYSCALL_SPLIT] = "SPLIT",
		[KBOX_SYSCALL_DENY] = "DENY",
	};

	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], word)) {
			filter->classes |= 1U << i;
			return NULL;
		}
	return "a class is KERNEL, SPLIT, HOST or DENY";
}

static const char *add_pid(struct kbox_trace_filter *filter, const char *word)
{
	long value;

	if (filter->pid_count == KBOX_TRACE_WORDS_MAX)
		return too_many;
	if (number(word, INT_MAX, &value) < 0)
		return "pid= needs numbers of processes";
	filter->pids[filter->pid_count++] = (int)value;
	return NULL;
}

static const char *set_data(struct kbox_trace_filter *filter, const char *word)
{
	long value;

	if (number(word, KBOX_TRACE_DATA_MAX, &value) < 0)
		return "data= needs a number of bytes up to 4096";
	filter->data_max = (unsigned int)value;
	return NULL;
}

/* One value of the term @key; NULL, or what is wrong. */
static const char *add_value(struct kbox_trace_filter *filter, const char *key,
			     char *word)
{
	if (!strcmp(key, "call") || !strcmp(key, "call!"))
		return add_call(filter, word, key[4] != '!') < 0 ?
			       "there is no such call or group of calls" :
			       NULL;
	if (!strcmp(key, "pid"))
		return add_pid(filter, word);
	if (!strcmp(key, "error"))
		return add_error(filter, word);
	if (!strcmp(key, "class"))
		return add_class(filter, word);
	if (!strcmp(key, "data"))
		return set_data(filter, word);
	if (!strcmp(key, "path")) {
		if (filter->path_count == KBOX_TRACE_WORDS_MAX)
			return too_many;
		filter->paths[filter->path_count++] = word;
		return NULL;
	}
	if (!strcmp(key, "full") &&
	    (!strcmp(word, "drop") || !strcmp(word, "block"))) {
		filter->drop = *word == 'd';
		return NULL;
	}
	return !strcmp(key, "full") ? "full= is block or drop" :
				      "not a term of a filter";
}

static const char *add_term(struct kbox_trace_filter *filter, char *term)
{
	char *values = strchr(term, '='), *save = NULL;
	const char *why = NULL;

	if (!strcmp(term, "error")) {
		filter->failed = true;
		return NULL;
	}
	if (!strcmp(term, "native")) {
		filter->native = true;
		return NULL;
	}
	if (!values || !values[1])
		return "not a term of a filter";
	*values++ = '\0';
	if (!strncmp(term, "call", 4) && !filter->by_call) {
		filter->by_call = true;
		memset(filter->calls, term[4] == '!' ? 0xff : 0,
		       sizeof(filter->calls));
	}
	for (char *word = strtok_r(values, "+", &save); word && !why;
	     word = strtok_r(NULL, "+", &save))
		why = add_value(filter, term, word);
	return why;
}

int kbox_trace_filter_parse(struct kbox_trace_filter *filter, const char *text,
			    const char **ret_why)
{
	const char *why = NULL;
	char *save = NULL;

	memset(filter, 0, sizeof(*filter));
	filter->data_max = KBOX_TRACE_DATA_BYTES;
	filter->text = strdup(text ? text : "");
	if (!filter->text) {
		*ret_why = "out of memory";
		return -ENOMEM;
	}
	for (char *term = strtok_r(filter->text, ",", &save); term && !why;
	     term = strtok_r(NULL, ",", &save))
		why = add_term(filter, term);
	if (!why)
		return 0;
	kbox_trace_filter_done(filter);
	*ret_why = why;
	return -EINVAL;
}

void kbox_trace_filter_done(struct kbox_trace_filter *filter)
{
	free(filter->text);
	filter->text = NULL;
}

static bool has_int(const int *list, unsigned int count, int value)
{
	for (unsigned int i = 0; i < count; i++)
		if (list[i] == value)
			return true;
	return false;
}

bool kbox_trace_filter_begins(const struct kbox_trace_filter *filter, long nr,
			      int pid)
{
	const struct kbox_syscall_info *info = kbox_syscall_info(nr);

	/* A number that nobody has is in no list; only "all but" takes it. */
	if (filter->by_call &&
	    (nr < 0 || nr >= KBOX_COUNTED_NRS ||
	     !(filter->calls[nr / 64] >> nr % 64 & 1)))
		return false;
	if (filter->classes && (!info || !(filter->classes >> info->class & 1)))
		return false;
	return !filter->pid_count ||
	       has_int(filter->pids, filter->pid_count, pid);
}

static bool matches(const struct kbox_trace_filter *filter, const char *path)
{
	for (unsigned int i = 0; i < filter->path_count; i++)
		if (!fnmatch(filter->paths[i], path, 0))
			return true;
	return false;
}

/* Whether argument @arg is a path that matches, from its folder on. */
static bool path_matches(const struct kbox_trace_filter *filter,
			 const struct kbox_trace_record *record,
			 unsigned int arg, const struct kbox_trace_piece *name)
{
	const struct kbox_trace_piece *base;
	char path[2 * PATH_MAX];

	base = kbox_trace_find(record, arg, KBOX_TRACE_CWD);
	if (!base && arg)
		base = kbox_trace_find(record, arg - 1, KBOX_TRACE_PATH);
	if (name->len && name->data[0] == '/')
		base = NULL;
	snprintf(path, sizeof(path), "%.*s%s%.*s", base ? (int)base->len : 0,
		 base ? base->data : "",
		 base && base->len && base->data[base->len - 1] != '/' ? "/" : "",
		 (int)name->len, name->data);
	return matches(filter, path);
}

static bool some_path_matches(const struct kbox_trace_filter *filter,
			      const struct kbox_trace_record *record)
{
	const struct kbox_trace_call *call = kbox_trace_call((long)record->nr);

	for (unsigned int i = 0; i <= KBOX_TRACE_ARGS; i++) {
		const struct kbox_trace_piece *piece =
			kbox_trace_find(record, i, KBOX_TRACE_PATH);

		if (piece && path_matches(filter, record, 0, piece))
			return true;
		if (i == KBOX_TRACE_ARGS ||
		    call->args[i].kind != KBOX_TRACE_KIND_PATH)
			continue;
		piece = kbox_trace_find(record, i, KBOX_TRACE_BYTES);
		if (piece && path_matches(filter, record, i, piece))
			return true;
	}
	return false;
}

bool kbox_trace_filter_takes(const struct kbox_trace_filter *filter,
			     const struct kbox_trace_record *record)
{
	bool failed = record->outcome == KBOX_TRACE_VALUE && record->value < 0 &&
		      record->value >= -4095;

	if (record->type != KBOX_TRACE_CALL)
		return true;
	if (filter->failed && !failed)
		return false;
	if (filter->error_count &&
	    !(failed && has_int(filter->errors, filter->error_count,
				(int)-record->value)))
		return false;
	return !filter->path_count || some_path_matches(filter, record);
}
