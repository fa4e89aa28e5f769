/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop of the supervisor: waits until a host fd is ready.
 *
 * Side: host. On a call's way it comes first and last: the listener's fd, the
 * guests' pidfds and host fds that kernel files wait for are all watched here.
 *
 * Invariants
 *  1. Ready watches of a round are called in the order of their priority, so
 *     an end of a process is seen before a notification of the same round.
 *  2. A watch that was deleted is not called any more, not even when it was
 *     ready in the round in which an earlier one deleted it.
 *  3. One timer serves all time limits. It is set anew only for an earlier one,
 *     since setting the processor's timer costs as much as a small call: the
 *     loop may wake up early, for a limit that is no more.
 *  4. The loop allocates nothing and owns no watch and no watched fd. The
 *     caller deletes a watch before closing its fd.
 *
 * Sources: epoll(7), timerfd_create(2).
 */
#ifndef KBOX_LKERNEL_LOOP_H
#define KBOX_LKERNEL_LOOP_H

#include <stdint.h>

#include "../base/limits.h"

/* No time limit. */
#define KBOX_NEVER_NS UINT64_MAX

enum kbox_loop_priority {
	KBOX_PRIO_END,		/* ends of processes, and kbox's own signals */
	KBOX_PRIO_FD,		/* host fds that kernel files wait for, timers */
	KBOX_PRIO_NOTIFY,	/* notifications of guests' calls */
};

struct kbox_watch {
	int fd;
	unsigned int events;	/* EPOLL* */
	int priority;		/* enum kbox_loop_priority */
	void (*ready)(struct kbox_watch *watch, unsigned int events);
};

struct kbox_loop {
	int epoll_fd;
	int timer_fd;
	uint64_t alarm_ns;	/* when the timer goes off, or KBOX_NEVER_NS */
	unsigned int round_count;
	struct kbox_watch *round[KBOX_LOOP_ROUND_MAX];
	unsigned int round_events[KBOX_LOOP_ROUND_MAX];
};

/* 0 or -errno. */
int kbox_loop_init(struct kbox_loop *loop);
void kbox_loop_done(struct kbox_loop *loop);

/*
 * Watch @watch->fd for @watch->events. 0; -EPERM for a file that cannot be
 * waited for because it is always ready; -EEXIST when that fd is watched
 * already; or another -errno of epoll_ctl(2).
 */
int kbox_loop_add(struct kbox_loop *loop, struct kbox_watch *watch);

/* @watch->events has changed. 0 or -errno. */
int kbox_loop_mod(struct kbox_loop *loop, struct kbox_watch *watch);

/* Forget @watch; harmless when it is not watched. May be called by ready(). */
void kbox_loop_del(struct kbox_loop *loop, struct kbox_watch *watch);

/*
 * Wait until a watch is ready, a signal came, or CLOCK_MONOTONIC has reached
 * @until_ns (KBOX_NEVER_NS: no limit; 0: only look), which may seem so a little
 * too early; then call the ready ones. Returns how many were ready, 0 after the
 * time or a signal, or -errno. Not re-entrant.
 */
int kbox_loop_wait(struct kbox_loop *loop, uint64_t until_ns);

#endif
