/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the arguments of each system call are, as data.
 *
 * Side: host. Made from abi/syscalls.tbl and abi/trace.tbl. Capturing
 * (capture.c) and showing (trace-args.c) follow it, and neither knows a call
 * by name.
 */
#ifndef KBOX_OBSERVE_TRACE_TABLE_H
#define KBOX_OBSERVE_TRACE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct kbox_trace_word {
	uint64_t value;
	const char *name;
};

/* Names of numbers, or of bits. */
struct kbox_trace_set {
	const struct kbox_trace_word *words;
	unsigned int count;
	bool bits;
};

enum kbox_trace_how {
	KBOX_TRACE_NUMBER,
	KBOX_TRACE_HEX,
	KBOX_TRACE_OCTAL,
	KBOX_TRACE_TEXT,
	KBOX_TRACE_FD,
};

struct kbox_trace_field {
	const char *name;
	uint16_t offset;
	uint16_t size;		/* bytes; of numbers 1, 2, 4 or 8 */
	bool is_signed;
	uint8_t how;		/* enum kbox_trace_how */
	const struct kbox_trace_set *set;	/* or NULL */
};

struct kbox_trace_struct {
	const struct kbox_trace_field *fields;
	unsigned int count;
	unsigned int size;	/* bytes */
	bool plain;		/* its one field is the whole of it */
};

/* The kinds of abi/syscalls.tbl. */
enum kbox_trace_kind {
	KBOX_TRACE_KIND_INT,
	KBOX_TRACE_KIND_SIZE,
	KBOX_TRACE_KIND_FD,
	KBOX_TRACE_KIND_OFF,
	KBOX_TRACE_KIND_PATH,
	KBOX_TRACE_KIND_FLAGS,
	KBOX_TRACE_KIND_STR,
	KBOX_TRACE_KIND_MODE,
	KBOX_TRACE_KIND_BUF,
	KBOX_TRACE_KIND_OP,
	KBOX_TRACE_KIND_IOV,
	KBOX_TRACE_KIND_SIG,
	KBOX_TRACE_KIND_PTR,
	KBOX_TRACE_KIND_PID,
	KBOX_TRACE_KIND_TIME,
	KBOX_TRACE_KIND_UID,
	KBOX_TRACE_KIND_MASK,
	KBOX_TRACE_KIND_CLOCK,
	KBOX_TRACE_KIND_ARGV,
	KBOX_TRACE_KIND_ID,
	KBOX_TRACE_KIND_ADDR,
};

/* When what an argument points to is worth looking at. */
enum kbox_trace_way {
	KBOX_TRACE_NONE,
	KBOX_TRACE_IN,		/* before the call */
	KBOX_TRACE_OUT,		/* after it, when it has succeeded */
};

#define KBOX_TRACE_ARGS 6
#define KBOX_TRACE_RESULT KBOX_TRACE_ARGS	/* in place of an argument */

struct kbox_trace_arg {
	const char *name;	/* NULL: the call has fewer arguments */
	uint8_t kind;		/* enum kbox_trace_kind */
	uint8_t way;		/* enum kbox_trace_way; of strings always in */
	uint8_t length;		/* which argument tells how much, or the result */
	bool array;
	bool sockaddr;
	const struct kbox_trace_set *set;		/* or NULL */
	const struct kbox_trace_struct *structure;	/* or NULL */
};

enum kbox_trace_result {
	KBOX_TRACE_RESULT_INT,
	KBOX_TRACE_RESULT_FD,
	KBOX_TRACE_RESULT_ADDR,
	KBOX_TRACE_RESULT_BYTES,
};

struct kbox_trace_call {
	uint8_t result;		/* enum kbox_trace_result */
	struct kbox_trace_arg args[KBOX_TRACE_ARGS];
};

/* Of call @nr; of a number that nobody has, six arguments of kind addr. */
const struct kbox_trace_call *kbox_trace_call(long nr);

#endif
