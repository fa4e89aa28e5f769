/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CLONE_PIDFD: a child born with a descriptor of itself in its parent.
 *
 * Side: host. The way it works is in clone-pidfd.h.
 */
#include "clone-pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "fd.h"
#include "lifeline.h"
#include "sync-call.h"

static long call(struct kbox_box *box, struct kbox_thread *thread, long nr,
		 long a, long b, long c)
{
	unsigned long args[6] = { (unsigned long)a, (unsigned long)b,
				  (unsigned long)c };
	long value = 0;
	int err = kbox_call_wait(box, thread->task, nr, args, &value);

	return err < 0 ? err : value;
}

static bool slot_is_free(const struct kbox_box *box,
			 const struct kbox_process *process, long slot)
{
	return slot < KBOX_SLOTS_KNOWN && !kbox_lifeline_reserves(box, slot) &&
	       !kbox_slots_has(&process->slots, slot);
}

/* A number that is free in both tables, kept by an eventfd; or -errno. */
static long choose(struct kbox_box *box, struct kbox_thread *thread)
{
	long lowest = call(box, thread, SYS_eventfd2, 0, EFD_CLOEXEC, 0);
	long fd = lowest;

	/* The last try finds the first number behind those that are known. */
	while (fd >= 0 && fd < KBOX_SLOTS_KNOWN &&
	       !slot_is_free(box, thread->process, fd)) {
		long next = call(box, thread, SYS_fcntl, lowest,
				 F_DUPFD_CLOEXEC, fd + 1);

		if (fd != lowest)
			call(box, thread, SYS_close, fd, 0, 0);
		fd = next;
	}
	if (lowest >= 0 && fd != lowest)
		call(box, thread, SYS_close, lowest, 0, 0);
	if (fd >= KBOX_SLOTS_KNOWN) {
		call(box, thread, SYS_close, fd, 0, 0);
		return -EMFILE;
	}
	return fd;
}

int kbox_clone_pidfd_reserve(struct kbox_box *box, struct kbox_thread *thread,
			     kbox_guest_addr at)
{
	long fd;
	int err = 0;

	/* A slot that becomes free now would be the host's choice. */
	kbox_guest_await_closed(box, thread);
	fd = choose(box, thread);
	if (fd < 0)
		return (int)fd;
	for (int slot = 0; !err && slot < fd; slot++)
		if (slot_is_free(box, thread->process, slot))
			err = kbox_guest_put_fd(box, thread,
						box->never_ready_fd, slot,
						O_CLOEXEC);
	if (err < 0) {
		call(box, thread, SYS_close, fd, 0, 0);
		return err;
	}
	thread->expect_pidfd = (int)fd;
	thread->expect_pidfd_at = at;
	return 0;
}

static void mark(struct kbox_process *process, int slot)
{
	kbox_slots_set(&process->slots, slot, true);
	kbox_slots_set(&process->pidfd_slots, slot, true);
	process->has_pidfd_slots = true;
}

void kbox_clone_pidfd_bind(struct kbox_box *box, struct kbox_thread *parent,
			   struct kbox_thread *child)
{
	int fd = parent->expect_pidfd;
	long pidfd = call(box, parent, SYS_pidfd_open, child->tid, 0, 0);
	int32_t number = fd;

	/* A child of a fork has what its parent had before. */
	if (!(parent->expect_flags & CLONE_FILES))
		call(box, child, SYS_close, fd, 0, 0);
	mark(parent->process, fd);
	if (parent->expect_flags & CLONE_FILES)
		mark(child->process, fd);
	if (pidfd < 0)
		return;
	call(box, parent, SYS_dup3, pidfd, fd, O_CLOEXEC);
	call(box, parent, SYS_close, pidfd, 0, 0);
	/* Already there, unless tables were shared in an unforeseen way. */
	kbox_guest_write(parent->tid, parent->expect_pidfd_at, &number,
			 sizeof(number));
}

void kbox_clone_pidfd_cancel(struct kbox_box *box, struct kbox_thread *parent)
{
	/* Whether the host has made its pidfd is unknown: not used again. */
	kbox_slots_set(&parent->process->slots, parent->expect_pidfd, true);
	call(box, parent, SYS_close, parent->expect_pidfd, 0, 0);
}
