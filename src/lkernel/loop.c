/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop of the supervisor.
 *
 * Side: host. Invariants are in loop.h.
 */
#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <time.h>

#include "../base/check.h"
#include "../base/cleanup.h"

int kbox_loop_init(struct kbox_loop *loop)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return -errno;
	loop->epoll_fd = fd;
	loop->round_count = 0;
	return 0;
}

void kbox_loop_done(struct kbox_loop *loop)
{
	loop->epoll_fd = kbox_close(loop->epoll_fd);
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

/* epoll_pwait2(2), with a millisecond's resolution where it is missing. */
static int wait_ready(int epoll_fd, struct epoll_event *events, int max,
		      long long timeout_ns)
{
	struct timespec limit = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};
	long long timeout_ms = -1;
	int count = epoll_pwait2(epoll_fd, events, max,
				 timeout_ns < 0 ? NULL : &limit, NULL);

	if (count >= 0 || errno != ENOSYS)
		return count;
	if (timeout_ns >= 0) {
		/* Rounded up: waking too early would only wait again. */
		timeout_ms = timeout_ns / 1000000 + !!(timeout_ns % 1000000);
		if (timeout_ms > INT_MAX)
			timeout_ms = INT_MAX;
	}
	return epoll_wait(epoll_fd, events, max, (int)timeout_ms);
}

int kbox_loop_wait(struct kbox_loop *loop, long long timeout_ns)
{
	struct epoll_event events[KBOX_LOOP_ROUND_MAX];
	int count;

	KBOX_CHECK(loop->round_count == 0);
	count = wait_ready(loop->epoll_fd, events, KBOX_LOOP_ROUND_MAX,
			   timeout_ns);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		loop->round[i] = events[i].data.ptr;
		loop->round_events[i] = events[i].events;
	}
	loop->round_count = count;
	sort_round(loop);
	for (int i = 0; i < count; i++) {
		struct kbox_watch *watch = loop->round[i];

		if (watch)
			watch->ready(watch, loop->round_events[i]);
	}
	loop->round_count = 0;
	return count;
}
