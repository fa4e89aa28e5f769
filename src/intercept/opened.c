/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Learning when the host has opened the loader for an exec.
 *
 * Side: host. Source: inotify(7).
 */
#include "opened.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>

#include "../base/cleanup.h"
#include "../base/close-later.h"
#include "../dispatch/exec.h"
#include "../lkernel/loop.h"

struct kbox_opened {
	struct kbox_watch watch;
	struct kbox_box *box;
};

static void ready(struct kbox_watch *watch, unsigned int events)
{
	struct kbox_opened *opened =
		KBOX_CONTAINER_OF(watch, struct kbox_opened, watch);

	(void)events;
	kbox_exec_opened(opened->box);
}

/* Instances of earlier boxes may still be on their way out of the limit. */
static int make_instance(void)
{
	const struct timespec nap = { .tv_nsec = KBOX_INOTIFY_NAP_NS };
	int fd;

	for (int tries = KBOX_INOTIFY_TRIES;; tries--) {
		fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (fd >= 0 || errno != EMFILE || !tries)
			return fd < 0 ? -errno : fd;
		nanosleep(&nap, NULL);
	}
}

static int watch_loader(struct kbox_box *box)
{
	KBOX_CLEANUP_FREE struct kbox_opened *opened =
		calloc(1, sizeof(*opened));
	KBOX_CLEANUP_CLOSE int fd = -1;
	char path[32];
	int err;

	if (!opened)
		return -ENOMEM;
	fd = make_instance();
	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", box->loader->fd);
	if (inotify_add_watch(fd, path, IN_OPEN) < 0)
		return -errno;
	opened->box = box;
	opened->watch.fd = fd;
	opened->watch.events = EPOLLIN;
	opened->watch.priority = KBOX_PRIO_FD;
	opened->watch.ready = ready;
	err = kbox_loop_add(box->loop, &opened->watch);
	if (err)
		return err;
	box->opened = KBOX_TAKE_PTR(opened);
	box->open_watch_fd = KBOX_TAKE_FD(fd);
	return 0;
}

void kbox_opened_init(struct kbox_box *box)
{
	box->watch_loader = watch_loader;
}

void kbox_opened_done(struct kbox_box *box)
{
	if (!box->opened)
		return;
	kbox_loop_del(box->loop, &box->opened->watch);
	free(box->opened);
	box->opened = NULL;
	box->open_watch_fd = kbox_close_later(box->open_watch_fd);
}
