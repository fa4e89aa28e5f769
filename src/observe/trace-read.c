/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a trace of JSON lines.
 *
 * Side: host.
 */
#include "trace-read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/cleanup.h"

#define VERSION 1

long long kbox_trace_int(json_t *event, const char *name)
{
	return json_integer_value(json_object_get(event, name));
}

const char *kbox_trace_string(json_t *event, const char *name)
{
	return json_string_value(json_object_get(event, name));
}

static int check_start(json_t *event)
{
	const char *format = kbox_trace_string(event, "format");

	if (!format || strcmp(format, "kbox-trace") != 0)
		return -EINVAL;
	return kbox_trace_int(event, "version") == VERSION ? 0 :
							     -EPROTONOSUPPORT;
}

static int read_line(struct kbox_trace_reader *reader, const char *text,
		     size_t len)
{
	json_t *event = json_loadb(text, len, 0, NULL);
	const char *type = kbox_trace_string(event, "type");
	int err = type ? 0 : -EINVAL;

	if (!err && reader->lines == 1)
		err = strcmp(type, "start") ? -EINVAL : check_start(event);
	if (!err) {
		reader->ended = !strcmp(type, "end");
		reader->line(reader->arg, type, event);
	}
	json_decref(event);
	return err;
}

int kbox_trace_read(struct kbox_trace_reader *reader, FILE *in)
{
	KBOX_CLEANUP_FREE char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int err;

	while ((len = getline(&text, &room, in)) > 0) {
		/* The last line of a trace that was cut off. */
		if (text[len - 1] != '\n')
			break;
		reader->lines++;
		err = read_line(reader, text, (size_t)len);
		if (err)
			return err;
	}
	if (ferror(in))
		return -EIO;
	return reader->lines ? 0 : -EINVAL;
}
