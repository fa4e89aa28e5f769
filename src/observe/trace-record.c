/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A traced event on its way from the supervisor to the writer.
 *
 * Side: host. Invariants are in trace-record.h.
 */
#include "trace-record.h"

#include <stdlib.h>
#include <string.h>

#include "../base/limits.h"

#define FIRST_ROOM 1024

static size_t aligned(size_t bytes)
{
	return (bytes + 7) & ~(size_t)7;
}

void kbox_trace_builder_done(struct kbox_trace_builder *builder)
{
	free(builder->record);
	*builder = (struct kbox_trace_builder){ 0 };
}

static bool reserve(struct kbox_trace_builder *builder, size_t bytes)
{
	size_t room = builder->room ? builder->room : FIRST_ROOM;
	struct kbox_trace_record *record;

	if (bytes <= builder->room)
		return true;
	if (bytes > KBOX_TRACE_RECORD_MAX)
		return false;
	while (room < bytes)
		room *= 2;
	record = realloc(builder->record, room);
	if (!record)
		return false;
	builder->record = record;
	builder->room = room;
	return true;
}

struct kbox_trace_record *
kbox_trace_builder_begin(struct kbox_trace_builder *builder)
{
	if (!reserve(builder, sizeof(*builder->record)))
		return NULL;
	memset(builder->record, 0, sizeof(*builder->record));
	builder->record->size = aligned(sizeof(*builder->record));
	return builder->record;
}

struct kbox_trace_piece *
kbox_trace_builder_piece(struct kbox_trace_builder *builder, unsigned int arg,
			 enum kbox_trace_what what, size_t len)
{
	struct kbox_trace_piece *piece;
	size_t at = builder->record->size;

	if (!reserve(builder, at + aligned(sizeof(*piece) + len)))
		return NULL;
	piece = (struct kbox_trace_piece *)((char *)builder->record + at);
	memset(piece, 0, sizeof(*piece));
	piece->arg = (uint8_t)arg;
	piece->what = what;
	return piece;
}

void kbox_trace_builder_end(struct kbox_trace_builder *builder,
			    struct kbox_trace_piece *piece, size_t len)
{
	piece->len = (uint32_t)len;
	builder->record->size += aligned(sizeof(*piece) + len);
}

const struct kbox_trace_piece *
kbox_trace_find(const struct kbox_trace_record *record, unsigned int arg,
		enum kbox_trace_what what)
{
	size_t at = aligned(sizeof(*record));

	while (at < record->size) {
		const struct kbox_trace_piece *piece =
			(const void *)((const char *)record + at);

		if (piece->arg == arg && piece->what == what)
			return piece;
		at += aligned(sizeof(*piece) + piece->len);
	}
	return NULL;
}
