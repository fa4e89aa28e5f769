/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of trace records from the supervisor's thread to the writer's.
 *
 * Side: host. One thread puts, one takes.
 *
 * Theory of operation. A ring of bytes holds whole records; one that does not
 * fit before its end begins at its start again. Positions only grow. Neither
 * side takes the lock but to sleep or to wake the other: the taker sleeps when
 * the ring is empty, the putter when there is no room and nothing may be lost.
 *
 * Invariants
 *  1. What was put is taken in order, exactly once.
 *  2. Bytes between the positions belong to the taker, all others to the
 *     putter.
 *  3. A side says that it sleeps before it looks at the other's position for
 *     the last time; the other moves its position before it asks who sleeps.
 */
#ifndef KBOX_OBSERVE_TRACE_RING_H
#define KBOX_OBSERVE_TRACE_RING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace-record.h"

struct kbox_trace_ring {
	char *memory;			/* owned */
	size_t size;
	_Atomic uint64_t put_at, take_at;
	_Atomic bool putter_sleeps, taker_sleeps;
	_Atomic bool ended;		/* nothing will be put any more */
	_Atomic bool broken;		/* nothing will be taken any more */
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

/* 0 or -ENOMEM. */
int kbox_trace_ring_init(struct kbox_trace_ring *ring, size_t size);
void kbox_trace_ring_done(struct kbox_trace_ring *ring);

/*
 * Copy @record into the ring. Without room: waits for it when @may_wait, else
 * gives it up. False when it was given up, or the ring is broken.
 */
bool kbox_trace_ring_put(struct kbox_trace_ring *ring,
			 const struct kbox_trace_record *record, bool may_wait);

/*
 * The oldest record, valid until it is dropped; sleeps until there is one.
 * NULL: the ring has ended and is empty.
 */
const struct kbox_trace_record *
kbox_trace_ring_take(struct kbox_trace_ring *ring);
void kbox_trace_ring_drop(struct kbox_trace_ring *ring,
			  const struct kbox_trace_record *record);

/* Whether a take would sleep now. */
bool kbox_trace_ring_is_empty(struct kbox_trace_ring *ring);

/* For the putter: nothing will follow. */
void kbox_trace_ring_end(struct kbox_trace_ring *ring);
/* For the taker: it has to give up. */
void kbox_trace_ring_break(struct kbox_trace_ring *ring);

#endif
