/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes to a disk that are kept in memory, in their order.
 *
 * Side: host, on kernel tasks' stacks. disk.c keeps what mounting a file
 * system writes here until a guest changes something, and drops it when none
 * does. Why that loses nothing: docs/decisions/0020-held-writes.md.
 *
 * Invariants
 *  1. Writes are put on the disk in the order in which they came, and with
 *     the flushes that came between them: whenever the power fails meanwhile,
 *     the disk is in a state that it could have been in without us.
 *  2. The writes between two flushes are forgotten only when the second flush
 *     has succeeded; after an error they are written again.
 *  3. All held data together is at most KBOX_HELD_BYTES_MAX.
 *
 * All zeroes is an empty struct kbox_held_writes.
 */
#ifndef KBOX_LKERNEL_HELD_WRITES_H
#define KBOX_LKERNEL_HELD_WRITES_H

#include <stddef.h>

#include "../../abi/lkernel.h"

struct kbox_held_write;

struct kbox_held_writes {
	struct kbox_held_write *first, *last;	/* owned */
	size_t bytes;
};

/* Where held writes go in the end. Both return 0 or -errno. */
struct kbox_held_target {
	int (*write)(void *arg, const void *data, size_t len,
		     unsigned long long offset);
	int (*flush)(void *arg);
	void *arg;
};

/* Copy a write. 0; -ENOSPC when the limit is reached; -ENOMEM. */
int kbox_held_add(struct kbox_held_writes *held, const struct kbox_iovec *iov,
		  unsigned int count, unsigned long long offset);

/* What was added until now must be durable before what is added from now on. */
void kbox_held_flush(struct kbox_held_writes *held);

/*
 * @iov was read from @offset of the disk: put what is held for there over it.
 */
void kbox_held_read(const struct kbox_held_writes *held,
		    const struct kbox_iovec *iov, unsigned int count,
		    unsigned long long offset);

/*
 * Put everything on the disk. 0, and nothing is held any more; or -errno, and
 * what is not yet durable is held as before.
 */
int kbox_held_write_out(struct kbox_held_writes *held,
			const struct kbox_held_target *target);

/* Forget everything. */
void kbox_held_drop(struct kbox_held_writes *held);

#endif
