/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing JSON into a growing buffer.
 *
 * Side: host. For traces, statistics and the doctor's report. Not a library's:
 * a trace writes a hundred thousand objects a second, straight from records,
 * with no tree in between, and must say what bytes that are no UTF-8 were.
 *
 * Invariants
 *  1. Commas are set by the writer; the caller opens, names, and closes.
 *  2. What is in the buffer is UTF-8 without control characters.
 *  3. When memory runs out the text is cut off there and failed is set.
 */
#ifndef KBOX_OBSERVE_JSON_H
#define KBOX_OBSERVE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kbox_json {
	char *text;		/* owned; not NUL terminated */
	size_t len;
	size_t room;
	bool comma;		/* the next name or value comes after one */
	bool failed;
};

void kbox_json_done(struct kbox_json *json);

void kbox_json_open(struct kbox_json *json, char bracket);	/* '{' or '[' */
void kbox_json_close(struct kbox_json *json, char bracket);	/* '}' or ']' */
/* The name of the next value; @name needs no escapes. */
void kbox_json_name(struct kbox_json *json, const char *name);

void kbox_json_null(struct kbox_json *json);
void kbox_json_bool(struct kbox_json *json, bool value);
void kbox_json_int(struct kbox_json *json, int64_t value);
/* One above INT64_MAX is written as kbox_json_hex() does. */
void kbox_json_uint(struct kbox_json *json, uint64_t value);
/* Hexadecimal or octal numbers, as strings: "0x1f", "0644". */
void kbox_json_hex(struct kbox_json *json, uint64_t value);
void kbox_json_octal(struct kbox_json *json, uint64_t value);
/* @value thousandths as a number with three places. */
void kbox_json_thousandths(struct kbox_json *json, uint64_t value);
void kbox_json_string(struct kbox_json *json, const char *text);

/*
 * @len bytes: a string when they are UTF-8 without NUL, otherwise
 * {"hex":"..."}.
 */
void kbox_json_bytes(struct kbox_json *json, const char *bytes, size_t len);

/* Named values in one go. */
void kbox_json_name_int(struct kbox_json *json, const char *name,
			int64_t value);
void kbox_json_name_uint(struct kbox_json *json, const char *name,
			 uint64_t value);
void kbox_json_name_string(struct kbox_json *json, const char *name,
			   const char *text);
void kbox_json_name_bool(struct kbox_json *json, const char *name, bool value);

/* Text as it is, without a comma: line ends, and what others have made. */
void kbox_json_raw(struct kbox_json *json, const char *text, size_t len);

#endif
