/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing JSON into a growing buffer.
 *
 * Side: host. Invariants are in json.h.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

void kbox_json_done(struct kbox_json *json)
{
	free(json->text);
	*json = (struct kbox_json){ 0 };
}

/* Room for @len more bytes, or NULL. */
static char *reserve(struct kbox_json *json, size_t len)
{
	size_t room = json->room ? json->room : 1024;
	char *text;

	if (json->room - json->len >= len)
		return json->text + json->len;
	while (room - json->len < len)
		room *= 2;
	text = json->failed ? NULL : realloc(json->text, room);
	if (!text) {
		json->failed = true;
		return NULL;
	}
	json->text = text;
	json->room = room;
	return text + json->len;
}

void kbox_json_raw(struct kbox_json *json, const char *text, size_t len)
{
	char *to = reserve(json, len);

	if (!to)
		return;
	memcpy(to, text, len);
	json->len += len;
}

static void put(struct kbox_json *json, char c)
{
	kbox_json_raw(json, &c, 1);
}

/* Before a value. */
static void separate(struct kbox_json *json)
{
	if (json->comma)
		put(json, ',');
	json->comma = true;
}

void kbox_json_open(struct kbox_json *json, char bracket)
{
	separate(json);
	put(json, bracket);
	json->comma = false;
}

void kbox_json_close(struct kbox_json *json, char bracket)
{
	put(json, bracket);
	json->comma = true;
}

void kbox_json_name(struct kbox_json *json, const char *name)
{
	separate(json);
	put(json, '"');
	kbox_json_raw(json, name, strlen(name));
	kbox_json_raw(json, "\":", 2);
	json->comma = false;
}

static void literal(struct kbox_json *json, const char *text)
{
	separate(json);
	kbox_json_raw(json, text, strlen(text));
}

void kbox_json_null(struct kbox_json *json)
{
	literal(json, "null");
}

void kbox_json_bool(struct kbox_json *json, bool value)
{
	literal(json, value ? "true" : "false");
}

/* The digits of @value before @end; returns where they begin. */
static char *number_before(char *end, uint64_t value, unsigned int base)
{
	do {
		*--end = digits[value % base];
		value /= base;
	} while (value);
	return end;
}

static void number(struct kbox_json *json, uint64_t value, unsigned int base,
		   const char *before, const char *behind)
{
	char buf[24];
	char *end = buf + sizeof(buf), *begin = number_before(end, value, base);

	separate(json);
	kbox_json_raw(json, before, strlen(before));
	kbox_json_raw(json, begin, (size_t)(end - begin));
	kbox_json_raw(json, behind, strlen(behind));
}

void kbox_json_uint(struct kbox_json *json, uint64_t value)
{
	/* Readers have integers of 64 bits with a sign, if not fewer. */
	if (value > INT64_MAX)
		kbox_json_hex(json, value);
	else
		number(json, value, 10, "", "");
}

void kbox_json_int(struct kbox_json *json, int64_t value)
{
	if (value < 0)
		number(json, -(uint64_t)value, 10, "-", "");
	else
		number(json, (uint64_t)value, 10, "", "");
}

void kbox_json_hex(struct kbox_json *json, uint64_t value)
{
	number(json, value, 16, "\"0x", "\"");
}

void kbox_json_octal(struct kbox_json *json, uint64_t value)
{
	number(json, value, 8, "\"0", "\"");
}

void kbox_json_thousandths(struct kbox_json *json, uint64_t value)
{
	unsigned int rest = (unsigned int)(value % 1000);
	char tail[5] = { '.', digits[rest / 100], digits[rest / 10 % 10],
			 digits[rest % 10], '\0' };

	number(json, value / 1000, 10, "", tail);
}

/*
 * Bytes of the UTF-8 character at @at, of which @left are there; 0 when it is
 * none, or a NUL. Overlong forms and surrogates are none.
 */
static unsigned int utf8_length(const unsigned char *at, size_t left)
{
	unsigned int len = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	uint32_t code = *at & (0xffU >> (len + (len > 1)));

	if (!*at || (*at >= 0x80 && *at < 0xc2) || *at > 0xf4 || len > left)
		return 0;
	for (unsigned int i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if ((len == 3 && (code < 0x800 || (code & 0xf800) == 0xd800)) ||
	    (len == 4 && (code < 0x10000 || code > 0x10ffff)))
		return 0;
	return len;
}

static bool is_utf8(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;

	while (len) {
		unsigned int step = utf8_length(at, len);

		if (!step)
			return false;
		at += step;
		len -= step;
	}
	return true;
}

/* @c within a string; returns how many bytes @to got, 6 at most. */
static unsigned int escape(char *to, unsigned char c)
{
	static const char letters[] = "btn\0fr";

	to[0] = '\\';
	if (c == '"' || c == '\\') {
		to[1] = (char)c;
		return 2;
	}
	if (c >= 8 && c <= 13 && letters[c - 8]) {
		to[1] = letters[c - 8];
		return 2;
	}
	if (c < 0x20 || c == 0x7f) {
		memcpy(to + 1, "u00", 3);
		to[4] = digits[c >> 4];
		to[5] = digits[c & 15];
		return 6;
	}
	to[0] = (char)c;
	return 1;
}

static void quoted(struct kbox_json *json, const char *text, size_t len)
{
	char *to = reserve(json, 6 * len + 2), *at = to;

	if (!to)
		return;
	*at++ = '"';
	for (size_t i = 0; i < len; i++)
		at += escape(at, (unsigned char)text[i]);
	*at++ = '"';
	json->len += (size_t)(at - to);
}

static void hex_object(struct kbox_json *json, const char *bytes, size_t len)
{
	char *to;

	kbox_json_open(json, '{');
	kbox_json_name(json, "hex");
	separate(json);
	to = reserve(json, 2 * len + 2);
	if (!to)
		return;
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		*to++ = digits[(unsigned char)bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	*to = '"';
	json->len += 2 * len + 2;
	kbox_json_close(json, '}');
}

void kbox_json_bytes(struct kbox_json *json, const char *bytes, size_t len)
{
	if (!is_utf8(bytes, len)) {
		hex_object(json, bytes, len);
		return;
	}
	separate(json);
	quoted(json, bytes, len);
}

void kbox_json_string(struct kbox_json *json, const char *text)
{
	separate(json);
	quoted(json, text, strlen(text));
}

void kbox_json_name_int(struct kbox_json *json, const char *name, int64_t value)
{
	kbox_json_name(json, name);
	kbox_json_int(json, value);
}

void kbox_json_name_uint(struct kbox_json *json, const char *name,
			 uint64_t value)
{
	kbox_json_name(json, name);
	kbox_json_uint(json, value);
}

void kbox_json_name_string(struct kbox_json *json, const char *name,
			   const char *text)
{
	kbox_json_name(json, name);
	kbox_json_string(json, text);
}

void kbox_json_name_bool(struct kbox_json *json, const char *name, bool value)
{
	kbox_json_name(json, name);
	kbox_json_bool(json, value);
}
