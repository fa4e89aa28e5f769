/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace as strace(1) would show it.
 *
 * Side: host. Text of the traced programs is quoted, with escapes for
 * everything that could drive a terminal.
 */
#include <errno.h>
#include <string.h>

#include "../base/macros.h"
#include "trace-read.h"

static void show_value(FILE *out, json_t *value, bool name);

/* UTF-8 of the trace, in quotes; control characters were escaped there. */
static void quote(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* Bytes that are no text come as pairs of digits. */
static void show_hex(FILE *out, const char *hex)
{
	fputc('"', out);
	for (; hex[0] && hex[1]; hex += 2)
		fprintf(out, "\\x%.2s", hex);
	fputc('"', out);
}

static void show_fd(FILE *out, json_t *fd, json_t *path)
{
	if (json_is_string(fd))
		fputs(json_string_value(fd), out);
	else
		fprintf(out, "%lld", json_integer_value(fd));
	if (!path)
		return;
	fputc('<', out);
	show_value(out, path, true);
	fputc('>', out);
}

static void show_object(FILE *out, json_t *object)
{
	json_t *value, *text = json_object_get(object, "text");
	json_t *data = json_object_get(object, "data");
	const char *hex = kbox_trace_string(object, "hex"), *name;
	bool first = true;

	if (hex) {
		show_hex(out, hex);
	} else if (json_object_get(object, "fd")) {
		show_fd(out, json_object_get(object, "fd"),
			json_object_get(object, "path"));
	} else if (text || data) {
		show_value(out, text ? text : data, false);
		if (text || json_object_get(object, "bytes"))
			fputs("...", out);
	} else {
		fputc('{', out);
		json_object_foreach(object, name, value) {
			fprintf(out, "%s%s=", first ? "" : ", ", name);
			show_value(out, value, true);
			first = false;
		}
		fputc('}', out);
	}
}

/* @name: a string is one of ours, such as names of bits, or a path in <>. */
static void show_value(FILE *out, json_t *value, bool name)
{
	json_t *item;
	size_t i;

	if (json_is_string(value) && name)
		fputs(json_string_value(value), out);
	else if (json_is_string(value))
		quote(out, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(out, "%lld", json_integer_value(value));
	else if (json_is_object(value))
		show_object(out, value);
	else if (json_is_array(value)) {
		fputc('[', out);
		json_array_foreach(value, i, item) {
			fputs(i ? ", " : "", out);
			show_value(out, item, false);
		}
		fputc(']', out);
	} else {
		fputs("NULL", out);
	}
}

/* Whether a string can only be names, numbers in hexadecimal, or octal. */
static bool is_name(json_t *value)
{
	const char *text = json_string_value(value);
	size_t len = text ? strlen(text) : 0;

	return len && len == strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_|"
					  "0123456789xabcdef") &&
	       strcspn(text, "_|x0") < len;
}

static void show_result(FILE *out, json_t *event)
{
	const char *error = kbox_trace_string(event, "error");
	const char *outcome = kbox_trace_string(event, "outcome");

	fputs(" = ", out);
	if (outcome)
		fprintf(out, "? (%s)", outcome);
	else
		show_value(out, json_object_get(event, "result"), true);
	if (error)
		fprintf(out, " %s", error);
	fprintf(out, " <%.6f>\n",
		(double)kbox_trace_int(event, "duration_ns") / 1e9);
}

static void show_call(FILE *out, json_t *event)
{
	const char *call = kbox_trace_string(event, "call"), *name;
	json_t *value, *args = json_object_get(event, "args");
	bool first = true;

	fprintf(out, "%s(", call ? call : "?");
	json_object_foreach(args, name, value) {
		fputs(first ? "" : ", ", out);
		show_value(out, value, is_name(value));
		first = false;
	}
	fputc(')', out);
	show_result(out, event);
}

static void show_line(void *arg, const char *type, json_t *event)
{
	FILE *out = arg;
	json_t *comm = json_object_get(event, "comm");

	if (!strcmp(type, "start") || !strcmp(type, "end"))
		return;
	fprintf(out, "%.6f ", (double)kbox_trace_int(event, "time_ns") / 1e9);
	if (!strcmp(type, "lost")) {
		fprintf(out, "--- %lld events lost ---\n",
			kbox_trace_int(event, "count"));
		return;
	}
	fprintf(out, "%lld ", kbox_trace_int(event, "tid"));
	show_value(out, comm, true);
	fputc(' ', out);
	if (!strcmp(type, "call"))
		show_call(out, event);
	else if (!strcmp(type, "thread"))
		fprintf(out, "--- thread of process %lld, made by %lld ---\n",
			kbox_trace_int(event, "pid"),
			kbox_trace_int(event, "parent"));
	else
		fprintf(out, "--- %s ---\n", type);
}

int kbox_trace_show(FILE *in, FILE *out, unsigned long *ret_lines)
{
	struct kbox_trace_reader reader = { .line = show_line, .arg = out };
	int err = kbox_trace_read(&reader, in);

	*ret_lines = reader.lines;
	if (!err && !reader.ended)
		fputs("--- the trace has no end: what follows is missing ---\n",
		      out);
	return err;
}
