/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads for what may wait for the host's disks.
 *
 * Side: host. The supervisor serves guests with one thread, which must not
 * wait. What may is handed to a worker and comes back through the event loop.
 *
 * Invariants
 *  1. A worker runs only kbox_work.run of a piece of work that was put: it
 *     touches nothing else of the supervisor's, and never the library kernel.
 *  2. Work is begun in the order in which it was put; several pieces run at
 *     once and end in any order.
 *  3. Everything that was put ends once, on the supervisor's thread.
 *  4. Workers get no signals. None exists before the first work was put.
 */
#ifndef KBOX_LKERNEL_WORKERS_H
#define KBOX_LKERNEL_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../base/limits.h"
#include "loop.h"

struct kbox_work {
	struct kbox_work *next;
	void (*run)(struct kbox_work *work);	/* may block */
	/* On the supervisor's thread, when it is done and was taken. */
	void (*ended)(struct kbox_work *work);
};

struct kbox_work_queue {
	struct kbox_work *first, *last;
};

struct kbox_workers {
	bool started;
	struct kbox_loop *loop;
	struct kbox_watch watch;	/* an eventfd, owned: something is done */
	unsigned int under_way;		/* put, and not yet ended */
	pthread_mutex_t lock;		/* over what follows */
	pthread_cond_t wanted;
	struct kbox_work_queue todo, done;
	unsigned int todo_count, idle, count;
	bool stopping;
	pthread_t threads[KBOX_WORKERS_MAX];
	/* Whether something is done, to be asked without the lock. */
	atomic_bool any_done;
};

/* All zeroes is a struct kbox_workers that is not started. 0 or -errno. */
int kbox_workers_start(struct kbox_workers *workers, struct kbox_loop *loop);

/*
 * Have @work done; it stays the caller's, who keeps it until it has ended.
 * False when there is no worker and none can be made: nothing has happened.
 */
bool kbox_workers_put(struct kbox_workers *workers, struct kbox_work *work);

/* End a piece of work that is done. False: none is. Does not block. */
bool kbox_workers_end_one(struct kbox_workers *workers);

/* Block until some work is done; only when some is under way. */
void kbox_workers_wait(struct kbox_workers *workers);

/* End the workers. All work must have ended. */
void kbox_workers_stop(struct kbox_workers *workers);

#endif
