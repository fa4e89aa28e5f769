/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A traced event on its way from the supervisor to the writer: numbers, and
 * pieces of what they point to, as they were in the guest's memory.
 *
 * Side: host. Made by capture.c, filled up when the call is over, copied
 * through the ring, read by trace-args.c on the writer's thread.
 *
 * Invariants
 *  1. A record is one block of at most KBOX_TRACE_RECORD_MAX bytes, without
 *     pointers; its pieces follow it, each aligned to 8 bytes.
 *  2. A piece that did not fit is cut off or left out, and marked.
 */
#ifndef KBOX_OBSERVE_TRACE_RECORD_H
#define KBOX_OBSERVE_TRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace-table.h"

enum kbox_trace_type {
	KBOX_TRACE_CALL,
	KBOX_TRACE_THREAD,	/* it made its first call */
	KBOX_TRACE_EXEC,	/* it runs another program now */
};

enum kbox_trace_outcome {
	KBOX_TRACE_VALUE,	/* value is the result */
	KBOX_TRACE_HOST,	/* the host does the call and has the result */
	KBOX_TRACE_UNFINISHED,	/* its thread ended in it */
};

struct kbox_trace_record {
	uint32_t size;		/* bytes, pieces included; a multiple of 8 */
	uint8_t type;		/* enum kbox_trace_type */
	uint8_t outcome;	/* enum kbox_trace_outcome */
	bool native;		/* it was only watched on its way to the host */
	uint64_t seq;		/* numbers events, lost ones too */
	uint64_t begin_ns;	/* CLOCK_MONOTONIC */
	uint64_t duration_ns;
	uint64_t kernel_ns;	/* of that in the library kernel */
	int32_t pid, tid;
	int32_t parent;		/* THREAD: the process that made its process */
	char comm[16];
	int64_t nr;
	uint64_t args[KBOX_TRACE_ARGS];
	int64_t value;
};

enum kbox_trace_what {
	KBOX_TRACE_BYTES,	/* what the argument points to */
	KBOX_TRACE_STRINGS,	/* strings, each with its NUL */
	KBOX_TRACE_PATH,	/* what the descriptor is */
	KBOX_TRACE_CWD,		/* where the relative path begins */
};

struct kbox_trace_piece {
	uint8_t arg;		/* which argument, or KBOX_TRACE_RESULT */
	uint8_t what;		/* enum kbox_trace_what */
	bool cut;		/* there is more than this */
	bool fault;		/* the memory could not be read */
	uint32_t len;		/* bytes of data */
	char data[];
};

/* A record under construction. */
struct kbox_trace_builder {
	struct kbox_trace_record *record;	/* owned; NULL before the first */
	size_t room;				/* bytes */
};

void kbox_trace_builder_done(struct kbox_trace_builder *builder);

/* Begin an empty record. Returns it, or NULL when there is no memory. */
struct kbox_trace_record *
kbox_trace_builder_begin(struct kbox_trace_builder *builder);

/*
 * Add a piece with room for up to @len bytes, whose real length is set by
 * kbox_trace_builder_end(). NULL when there is no room for it.
 */
struct kbox_trace_piece *
kbox_trace_builder_piece(struct kbox_trace_builder *builder, unsigned int arg,
			 enum kbox_trace_what what, size_t len);
void kbox_trace_builder_end(struct kbox_trace_builder *builder,
			    struct kbox_trace_piece *piece, size_t len);

/* The piece of that argument, or NULL. */
const struct kbox_trace_piece *
kbox_trace_find(const struct kbox_trace_record *record, unsigned int arg,
		enum kbox_trace_what what);

#endif
