/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes to a disk that are kept in memory, in their order.
 *
 * Side: host. Invariants are in held-writes.h.
 */
#include "held-writes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../base/limits.h"

struct kbox_held_write {
	struct kbox_held_write *next;
	unsigned long long offset;
	size_t len;
	bool flush;			/* follows it */
	unsigned char data[];
};

int kbox_held_add(struct kbox_held_writes *held, const struct kbox_iovec *iov,
		  unsigned int count, unsigned long long offset)
{
	struct kbox_held_write *write;
	size_t len = 0, at = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (iov[i].len > KBOX_HELD_BYTES_MAX - held->bytes - len)
			return -ENOSPC;
		len += iov[i].len;
	}
	write = malloc(sizeof(*write) + len);
	if (!write)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++) {
		memcpy(write->data + at, iov[i].base, iov[i].len);
		at += iov[i].len;
	}
	write->next = NULL;
	write->offset = offset;
	write->len = len;
	write->flush = false;
	if (held->last)
		held->last->next = write;
	else
		held->first = write;
	held->last = write;
	held->bytes += len;
	return 0;
}

void kbox_held_flush(struct kbox_held_writes *held)
{
	if (held->last)
		held->last->flush = true;
}

/* The bytes that @write has of [@offset, @offset + @len), into @buf. */
static void copy_common(const struct kbox_held_write *write, unsigned char *buf,
			unsigned long long offset, size_t len)
{
	unsigned long long begin = offset, end = offset + len;

	if (begin < write->offset)
		begin = write->offset;
	if (end > write->offset + write->len)
		end = write->offset + write->len;
	if (begin < end)
		memcpy(buf + (begin - offset),
		       write->data + (begin - write->offset), end - begin);
}

void kbox_held_read(const struct kbox_held_writes *held,
		    const struct kbox_iovec *iov, unsigned int count,
		    unsigned long long offset)
{
	const struct kbox_held_write *write;

	for (unsigned int i = 0; i < count; i++) {
		/* The last one wins. */
		for (write = held->first; write; write = write->next)
			copy_common(write, iov[i].base, offset, iov[i].len);
		offset += iov[i].len;
	}
}

static void forget_first(struct kbox_held_writes *held)
{
	struct kbox_held_write *write = held->first;

	held->bytes -= write->len;
	held->first = write->next;
	if (!held->first)
		held->last = NULL;
	free(write);
}

/* Write up to the next flush and flush, or up to the end. */
static int write_part(struct kbox_held_writes *held,
		      const struct kbox_held_target *target)
{
	const struct kbox_held_write *write = held->first;
	bool flush = false, done = false;
	int err = 0;

	for (; write && !flush && !err; write = write->next) {
		err = target->write(target->arg, write->data, write->len,
				    write->offset);
		flush = write->flush;
	}
	if (!err && flush)
		err = target->flush(target->arg);
	if (err)
		return err;
	while (held->first && !done) {
		done = held->first->flush;
		forget_first(held);
	}
	return 0;
}

int kbox_held_write_out(struct kbox_held_writes *held,
			const struct kbox_held_target *target)
{
	int err = 0;

	while (held->first && !err)
		err = write_part(held, target);
	return err;
}

void kbox_held_drop(struct kbox_held_writes *held)
{
	while (held->first)
		forget_first(held);
}
