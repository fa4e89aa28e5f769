/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a traced call's arguments point to.
 *
 * Side: host. See capture.h.
 */
#include "capture.h"

#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../base/limits.h"
#include "../guest/memory.h"

#define PAGE 4096U
#define FIRST_STRING_BYTES 128U	/* most paths end within that */

/*
 * Up to @len bytes of the string at @addr, in pieces that do not cross a page.
 * Returns the bytes before the NUL; *@ret_end tells whether it was found,
 * *@ret_fault whether the memory ended before it.
 */
static size_t read_string(int tid, char *to, kbox_guest_addr addr, size_t len,
			  bool *ret_end, bool *ret_fault)
{
	size_t done = 0, step = FIRST_STRING_BYTES;

	*ret_end = *ret_fault = false;
	while (done < len) {
		size_t left = PAGE - (addr + done) % PAGE;
		const char *nul;

		step = step < left ? step : left;
		step = step < len - done ? step : len - done;
		if (kbox_guest_read(tid, to + done, addr + done, step) < 0) {
			*ret_fault = true;
			return done;
		}
		nul = memchr(to + done, '\0', step);
		if (nul) {
			*ret_end = true;
			return (size_t)(nul - to);
		}
		done += step;
		step = PAGE;
	}
	return done;
}

static void put_string(const struct kbox_capture *c, unsigned int arg,
		       kbox_guest_addr addr)
{
	struct kbox_trace_piece *piece = kbox_trace_builder_piece(
		c->builder, arg, KBOX_TRACE_BYTES, PATH_MAX);
	bool end;
	size_t len;

	if (!piece)
		return;
	len = read_string(c->tid, piece->data, addr, PATH_MAX, &end,
			  &piece->fault);
	piece->cut = !end;
	kbox_trace_builder_end(c->builder, piece, len);
}

static void put_bytes(const struct kbox_capture *c, unsigned int arg,
		      kbox_guest_addr addr, uint64_t len, uint64_t max)
{
	size_t kept = len < max ? len : max;
	struct kbox_trace_piece *piece = kbox_trace_builder_piece(
		c->builder, arg, KBOX_TRACE_BYTES, kept);

	if (!piece)
		return;
	piece->cut = kept < len;
	piece->fault = kept && kbox_guest_read(c->tid, piece->data, addr,
					       kept) < 0;
	kbox_trace_builder_end(c->builder, piece, piece->fault ? 0 : kept);
}

/* What descriptor @fd is; nothing for one that is not open. */
static void put_fd(const struct kbox_capture *c, unsigned int arg, long fd,
		   enum kbox_trace_what what)
{
	struct kbox_trace_piece *piece;
	long len;

	if (!c->task || (fd < 0 && fd != KBOX_FD_CWD) || fd > INT_MAX)
		return;
	piece = kbox_trace_builder_piece(c->builder, arg, what, PATH_MAX);
	if (!piece)
		return;
	len = kbox_lk_fd_path(c->task, (int)fd, piece->data, PATH_MAX);
	if (len >= 0)
		kbox_trace_builder_end(c->builder, piece, (size_t)len);
}

/* Strings of argv or envp, as many as fit. */
static void put_strings(const struct kbox_capture *c, unsigned int arg,
			kbox_guest_addr array)
{
	struct kbox_trace_piece *piece = kbox_trace_builder_piece(
		c->builder, arg, KBOX_TRACE_STRINGS, KBOX_TRACE_STRINGS_MAX);
	size_t done = 0;

	if (!piece)
		return;
	for (unsigned int i = 0; !piece->cut && !piece->fault; i++) {
		kbox_guest_addr at;
		bool end;

		if (kbox_guest_read(c->tid, &at, array + i * sizeof(at),
				    sizeof(at)) < 0) {
			piece->fault = true;
			break;
		}
		if (!at)
			break;
		done += read_string(c->tid, piece->data + done, at,
				    KBOX_TRACE_STRINGS_MAX - 1 - done, &end,
				    &piece->fault);
		piece->cut = !end;
		piece->data[done++] = '\0';
		if (done + 1 >= KBOX_TRACE_STRINGS_MAX)
			piece->cut = true;
	}
	kbox_trace_builder_end(c->builder, piece, done);
}

/* The first bytes of what an array of iovec names, @len at most. */
static void put_iov(const struct kbox_capture *c, unsigned int arg,
		    kbox_guest_addr array, uint64_t count, uint64_t len)
{
	size_t kept = len < c->data_max ? len : c->data_max, done = 0;
	struct kbox_trace_piece *piece = kbox_trace_builder_piece(
		c->builder, arg, KBOX_TRACE_BYTES, kept);

	if (!piece)
		return;
	for (uint64_t i = 0; i < count && done < kept; i++) {
		struct iovec iov;
		size_t step;

		if (kbox_guest_read(c->tid, &iov, array + i * sizeof(iov),
				    sizeof(iov)) < 0) {
			piece->fault = true;
			break;
		}
		step = iov.iov_len < kept - done ? iov.iov_len : kept - done;
		if (step && kbox_guest_read(c->tid, piece->data + done,
					    (uintptr_t)iov.iov_base,
					    step) < 0) {
			piece->fault = true;
			break;
		}
		done += step;
	}
	piece->cut = done == kept && kept < len;
	kbox_trace_builder_end(c->builder, piece, done);
}

/* How much an argument of length @spec->length points to. */
static uint64_t amount(const struct kbox_trace_record *record,
		       const struct kbox_trace_arg *spec)
{
	if (spec->length < KBOX_TRACE_ARGS)
		return record->args[spec->length];
	return record->value > 0 ? (uint64_t)record->value : 0;
}

static void put_sockaddr(const struct kbox_capture *c, unsigned int arg,
			 const struct kbox_trace_arg *spec)
{
	uint64_t len = amount(c->builder->record, spec);
	uint32_t stored;

	if (spec->way == KBOX_TRACE_OUT) {
		if (kbox_guest_read(c->tid, &stored, len, sizeof(stored)) < 0)
			return;
		len = stored;
	}
	put_bytes(c, arg, c->builder->record->args[arg], len,
		  sizeof(struct sockaddr_storage));
}

/* What argument @arg, which is not NULL, points to. */
static void put_memory(const struct kbox_capture *c, unsigned int arg,
		       const struct kbox_trace_arg *spec)
{
	kbox_guest_addr addr = c->builder->record->args[arg];
	uint64_t count = 1;

	if (spec->sockaddr) {
		put_sockaddr(c, arg, spec);
	} else if (spec->structure) {
		if (spec->array)
			count = amount(c->builder->record, spec);
		if (count > KBOX_TRACE_ARRAY_MAX)
			count = KBOX_TRACE_ARRAY_MAX;
		put_bytes(c, arg, addr, count * spec->structure->size,
			  KBOX_TRACE_RECORD_MAX);
	} else if (spec->kind == KBOX_TRACE_KIND_IOV) {
		put_iov(c, arg, addr, c->builder->record->args[arg + 1],
			spec->way == KBOX_TRACE_IN ?
				UINT64_MAX :
				amount(c->builder->record, spec));
	} else {
		put_bytes(c, arg, addr, amount(c->builder->record, spec),
			  c->data_max);
	}
}

/* A path that the call takes from the working folder: which one that is. */
static void put_cwd(const struct kbox_capture *c, unsigned int arg,
		    const struct kbox_trace_call *call)
{
	const struct kbox_trace_piece *path = kbox_trace_find(
		c->builder->record, arg, KBOX_TRACE_BYTES);

	/* Behind a descriptor it is relative to that one, which is shown. */
	if (arg && call->args[arg - 1].kind == KBOX_TRACE_KIND_FD)
		return;
	if (path && path->len && path->data[0] != '/')
		put_fd(c, arg, KBOX_FD_CWD, KBOX_TRACE_CWD);
}

static void before(const struct kbox_capture *c, unsigned int arg,
		   const struct kbox_trace_call *call)
{
	const struct kbox_trace_arg *spec = &call->args[arg];
	uint64_t value = c->builder->record->args[arg];

	switch (spec->kind) {
	case KBOX_TRACE_KIND_FD:
		put_fd(c, arg, (int)value, KBOX_TRACE_PATH);
		break;
	case KBOX_TRACE_KIND_PATH:
		if (value) {
			put_string(c, arg, value);
			put_cwd(c, arg, call);
		}
		break;
	case KBOX_TRACE_KIND_STR:
		if (value)
			put_string(c, arg, value);
		break;
	case KBOX_TRACE_KIND_ARGV:
		if (value)
			put_strings(c, arg, value);
		break;
	default:
		if (value && spec->way == KBOX_TRACE_IN)
			put_memory(c, arg, spec);
		break;
	}
}

void kbox_capture_before(const struct kbox_capture *capture)
{
	const struct kbox_trace_call *call =
		kbox_trace_call((long)capture->builder->record->nr);

	for (unsigned int i = 0; i < KBOX_TRACE_ARGS && call->args[i].name; i++)
		before(capture, i, call);
}

void kbox_capture_after(const struct kbox_capture *capture)
{
	const struct kbox_trace_record *record = capture->builder->record;
	const struct kbox_trace_call *call = kbox_trace_call((long)record->nr);

	if (record->outcome != KBOX_TRACE_VALUE || record->value < 0)
		return;
	for (unsigned int i = 0; i < KBOX_TRACE_ARGS && call->args[i].name; i++)
		if (call->args[i].way == KBOX_TRACE_OUT &&
		    capture->builder->record->args[i])
			put_memory(capture, i, &call->args[i]);
	record = capture->builder->record;
	if (call->result == KBOX_TRACE_RESULT_FD)
		put_fd(capture, KBOX_TRACE_RESULT, (long)record->value,
		       KBOX_TRACE_PATH);
}
