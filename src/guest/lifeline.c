/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lifeline: what ends the guests when the supervisor is killed.
 *
 * Side: host.
 */
#include "lifeline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "../base/cleanup.h"
#include "fd.h"

/* An open file of its own for process @tgid: a host fd, or -errno. */
static int open_for(struct kbox_box *box, int tgid)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", box->death_pipe[0]);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETOWN, tgid) < 0 ||
	    fcntl(fd, F_SETSIG, SIGKILL) < 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC) < 0)
		return -errno;
	return KBOX_TAKE_FD(fd);
}

static int put_at(struct kbox_box *box, struct kbox_thread *thread, int slot)
{
	KBOX_CLEANUP_CLOSE int fd = open_for(box, thread->process->tgid);
	int err;

	if (fd < 0)
		return fd;
	/* Not close-on-exec: it must survive the loader's exec. */
	err = kbox_guest_put_fd(box, thread, fd, slot, 0);
	if (err < 0)
		return err;
	thread->process->lifeline_fd = slot;
	kbox_slots_set(&thread->process->pidfd_slots, slot, false);
	return 0;
}

/* Processes that share a table need slots of their own in it. */
static int slot_for(const struct kbox_box *box,
		    const struct kbox_process *process)
{
	if (!process->shares_fds)
		return box->lifeline_fd;
	return box->lifeline_fd - 2 * (1 + process->tgid % 100);
}

int kbox_lifeline_attach(struct kbox_box *box, struct kbox_thread *thread)
{
	if (thread->process->lifeline_fd >= 0)
		return 0;
	return put_at(box, thread, slot_for(box, thread->process));
}

int kbox_lifeline_avoid(struct kbox_box *box, struct kbox_thread *thread,
			int slot)
{
	int usual = slot_for(box, thread->process);

	if (thread->process->lifeline_fd != slot)
		return 0;
	return put_at(box, thread, slot == usual ? usual - 1 : usual);
}
