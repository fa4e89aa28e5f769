/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lifeline: what ends the guests when the supervisor is killed.
 *
 * Side: host. Invariants are in lifeline.h.
 */
#include "lifeline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "../../abi/loader.h"
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

/* That of @process into the host table of @thread. */
static int put(struct kbox_box *box, struct kbox_thread *thread,
	       const struct kbox_process *process, int slot)
{
	KBOX_CLEANUP_CLOSE int fd = open_for(box, process->tgid);

	if (fd < 0)
		return fd;
	/* Not close-on-exec: it must survive the loader's exec. */
	return kbox_guest_put_fd(box, thread, fd, slot, 0);
}

static int first_slot(const struct kbox_box *box, int pair)
{
	return box->lifeline_fd - 2 * pair;
}

static bool is_taken(struct kbox_box *box, unsigned long files_id, int pair)
{
	struct kbox_process *process;

	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		if (process->files_id == files_id &&
		    process->lifeline_pair == pair)
			return true;
	return false;
}

int kbox_lifeline_free_pair(struct kbox_box *box, unsigned long files_id)
{
	for (int pair = 0; pair < box->lifeline_pairs; pair++)
		if (!is_taken(box, files_id, pair))
			return pair;
	return -EAGAIN;
}

bool kbox_lifeline_reserves(const struct kbox_box *box, long slot)
{
	return slot <= box->lifeline_fd &&
	       slot > first_slot(box, box->lifeline_pairs);
}

int kbox_lifeline_attach(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_process *process = thread->process;
	int err = 0;

	if (process->has_lifeline && !thread->slots_lost)
		return 0;
	/* The slot that an exec empties must not be empty before. */
	if (thread->slots_lost)
		err = kbox_guest_put_fd(box, thread, box->never_ready_fd,
					KBOX_LOADER_MAIN_FD, O_CLOEXEC);
	if (!err)
		err = put(box, thread, process,
			  first_slot(box, process->lifeline_pair));
	if (err < 0)
		return err;
	process->has_lifeline = true;
	thread->slots_lost = false;
	return 0;
}

int kbox_lifeline_avoid(struct kbox_box *box, struct kbox_thread *thread,
			int slot)
{
	struct kbox_process *process;
	int pair, other, err = 0;

	if (!kbox_lifeline_reserves(box, slot))
		return 0;
	pair = (box->lifeline_fd - slot) / 2;
	other = first_slot(box, pair) - (slot == first_slot(box, pair));
	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		if (!err && process->files_id == thread->process->files_id &&
		    process->lifeline_pair == pair && process->has_lifeline)
			err = put(box, thread, process, other);
	return err;
}
