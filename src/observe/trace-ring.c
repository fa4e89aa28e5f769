/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of trace records from the supervisor's thread to the writer's.
 *
 * Side: host. Theory and invariants are in trace-ring.h.
 */
#include "trace-ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A size that no record has: the rest up to the ring's end is unused. */
#define SKIP 0U

int kbox_trace_ring_init(struct kbox_trace_ring *ring, size_t size)
{
	memset(ring, 0, sizeof(*ring));
	ring->memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ring->memory == MAP_FAILED)
		return -ENOMEM;
	ring->size = size;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->moved, NULL);
	return 0;
}

void kbox_trace_ring_done(struct kbox_trace_ring *ring)
{
	if (!ring->size)
		return;
	munmap(ring->memory, ring->size);
	pthread_cond_destroy(&ring->moved);
	pthread_mutex_destroy(&ring->lock);
	ring->size = 0;
}

/* Sleep until @ready, as the side whose flag is @sleeps. */
static void sleep_until(struct kbox_trace_ring *ring, _Atomic bool *sleeps,
			bool (*ready)(struct kbox_trace_ring *ring,
				      size_t need), size_t need)
{
	pthread_mutex_lock(&ring->lock);
	atomic_store(sleeps, true);
	while (!ready(ring, need))
		pthread_cond_wait(&ring->moved, &ring->lock);
	atomic_store(sleeps, false);
	pthread_mutex_unlock(&ring->lock);
}

/* Wake the side whose flag is @sleeps. */
static void wake(struct kbox_trace_ring *ring, _Atomic bool *sleeps)
{
	if (!atomic_load(sleeps))
		return;
	pthread_mutex_lock(&ring->lock);
	pthread_cond_broadcast(&ring->moved);
	pthread_mutex_unlock(&ring->lock);
}

/* Bytes that a record takes, with those left unused before it. */
static size_t needed(const struct kbox_trace_ring *ring, uint64_t put_at,
		     size_t size)
{
	size_t left = ring->size - put_at % ring->size;

	return size <= left ? size : left + size;
}

static bool has_room(struct kbox_trace_ring *ring, size_t need)
{
	return atomic_load(&ring->broken) ||
	       ring->size - (atomic_load(&ring->put_at) -
			     atomic_load(&ring->take_at)) >= need;
}

bool kbox_trace_ring_put(struct kbox_trace_ring *ring,
			 const struct kbox_trace_record *record, bool may_wait)
{
	uint64_t put_at = atomic_load_explicit(&ring->put_at,
					       memory_order_relaxed);
	size_t need = needed(ring, put_at, record->size);
	char *at = ring->memory + put_at % ring->size;

	if (!has_room(ring, need)) {
		if (!may_wait)
			return false;
		sleep_until(ring, &ring->putter_sleeps, has_room, need);
	}
	if (atomic_load(&ring->broken))
		return false;
	if (need > record->size) {
		((struct kbox_trace_record *)at)->size = SKIP;
		at = ring->memory;
	}
	memcpy(at, record, record->size);
	atomic_store(&ring->put_at, put_at + need);
	wake(ring, &ring->taker_sleeps);
	return true;
}

bool kbox_trace_ring_is_empty(struct kbox_trace_ring *ring)
{
	return atomic_load(&ring->put_at) == atomic_load(&ring->take_at);
}

static bool has_news(struct kbox_trace_ring *ring, size_t need)
{
	(void)need;
	return !kbox_trace_ring_is_empty(ring) || atomic_load(&ring->ended);
}

static void move_on(struct kbox_trace_ring *ring, size_t bytes)
{
	atomic_fetch_add(&ring->take_at, bytes);
	wake(ring, &ring->putter_sleeps);
}

const struct kbox_trace_record *
kbox_trace_ring_take(struct kbox_trace_ring *ring)
{
	const struct kbox_trace_record *record;
	size_t at;

	if (!has_news(ring, 0))
		sleep_until(ring, &ring->taker_sleeps, has_news, 0);
	if (kbox_trace_ring_is_empty(ring))
		return NULL;
	at = atomic_load(&ring->take_at) % ring->size;
	record = (const void *)(ring->memory + at);
	if (record->size != SKIP)
		return record;
	/* Put together with the record that follows. */
	move_on(ring, ring->size - at);
	return (const void *)ring->memory;
}

void kbox_trace_ring_drop(struct kbox_trace_ring *ring,
			  const struct kbox_trace_record *record)
{
	move_on(ring, record->size);
}

void kbox_trace_ring_end(struct kbox_trace_ring *ring)
{
	atomic_store(&ring->ended, true);
	wake(ring, &ring->taker_sleeps);
}

void kbox_trace_ring_break(struct kbox_trace_ring *ring)
{
	atomic_store(&ring->broken, true);
	wake(ring, &ring->putter_sleeps);
}
