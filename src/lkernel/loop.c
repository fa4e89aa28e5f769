/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop of the supervisor.
 *
 * Side: host. Invariants are in loop.h.
 */
#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "../base/check.h"
#include "../base/cleanup.h"

/* In the place of a watch: nothing is to be called. */
static struct kbox_watch timer_watch;

int kbox_loop_init(struct kbox_loop *loop)
{
	/* Edges: that it went off is seen once, and never read. */
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLET,
		.data.ptr = &timer_watch,
	};
	KBOX_CLEANUP_CLOSE int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	KBOX_CLEANUP_CLOSE int timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (epoll_fd < 0 || timer_fd < 0 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &event) < 0)
		return -errno;
	loop->epoll_fd = KBOX_TAKE_FD(epoll_fd);
	loop->timer_fd = KBOX_TAKE_FD(timer_fd);
	loop->alarm_ns = KBOX_NEVER_NS;
	loop->round_count = 0;
	return 0;
}

void kbox_loop_done(struct kbox_loop *loop)
{
	loop->epoll_fd = kbox_close(loop->epoll_fd);
	loop->timer_fd = kbox_close(loop->timer_fd);
	loop->round_count = 0;
}

static int control(struct kbox_loop *loop, int op, struct kbox_watch *watch)
{
	struct epoll_event event = {
		.events = watch->events,
		.data.ptr = watch,
	};

	return epoll_ctl(loop->epoll_fd, op, watch->fd, &event) < 0 ? -errno : 0;
}

int kbox_loop_add(struct kbox_loop *loop, struct kbox_watch *watch)
{
	return control(loop, EPOLL_CTL_ADD, watch);
}

int kbox_loop_mod(struct kbox_loop *loop, struct kbox_watch *watch)
{
	return control(loop, EPOLL_CTL_MOD, watch);
}

void kbox_loop_del(struct kbox_loop *loop, struct kbox_watch *watch)
{
	control(loop, EPOLL_CTL_DEL, watch);
	for (unsigned int i = 0; i < loop->round_count; i++)
		if (loop->round[i] == watch)
			loop->round[i] = NULL;
}

/* Sort the round by priority; stable, so that no watch starves another. */
static void sort_round(struct kbox_loop *loop)
{
	for (unsigned int i = 1; i < loop->round_count; i++) {
		struct kbox_watch *watch = loop->round[i];
		unsigned int events = loop->round_events[i];
		unsigned int at = i;

		while (at && loop->round[at - 1]->priority > watch->priority) {
			loop->round[at] = loop->round[at - 1];
			loop->round_events[at] = loop->round_events[at - 1];
			at--;
		}
		loop->round[at] = watch;
		loop->round_events[at] = events;
	}
}

/* See to it that the timer has gone off by @until_ns. */
static int set_alarm(struct kbox_loop *loop, uint64_t until_ns)
{
	struct itimerspec when = {
		.it_value.tv_sec = (time_t)(until_ns / 1000000000),
		.it_value.tv_nsec = (long)(until_ns % 1000000000),
	};

	if (until_ns >= loop->alarm_ns)
		return 0;
	if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		return -errno;
	loop->alarm_ns = until_ns;
	return 0;
}

/* Take the ready ones over into the round. */
static void begin_round(struct kbox_loop *loop,
			const struct epoll_event *events, int count)
{
	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == &timer_watch) {
			loop->alarm_ns = KBOX_NEVER_NS;
			continue;
		}
		loop->round[loop->round_count] = events[i].data.ptr;
		loop->round_events[loop->round_count] = events[i].events;
		loop->round_count++;
	}
	sort_round(loop);
}

int kbox_loop_wait(struct kbox_loop *loop, uint64_t until_ns)
{
	struct epoll_event events[KBOX_LOOP_ROUND_MAX];
	int count, err;

	KBOX_CHECK(loop->round_count == 0);
	err = until_ns ? set_alarm(loop, until_ns) : 0;
	if (err < 0)
		return err;
	count = epoll_wait(loop->epoll_fd, events, KBOX_LOOP_ROUND_MAX,
			   until_ns ? -1 : 0);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	begin_round(loop, events, count);
	count = (int)loop->round_count;
	for (int i = 0; i < count; i++) {
		struct kbox_watch *watch = loop->round[i];

		if (watch)
			watch->ready(watch, loop->round_events[i]);
	}
	loop->round_count = 0;
	return count;
}
