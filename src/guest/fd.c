/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors in a guest's host table.
 *
 * Side: host.
 */
#include "fd.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int kbox_guest_put_fd(struct kbox_box *box, struct kbox_thread *thread, int fd,
		      int slot, int flags)
{
	struct seccomp_notif_addfd add = {
		.id = thread->call.id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.srcfd = (uint32_t)fd,
		.newfd = (uint32_t)slot,
		.newfd_flags = (uint32_t)flags,
	};
	int err;

	if (slot < 0)
		return -EBADF;
	if (kbox_slots_has(&thread->process->closing, slot))
		kbox_guest_await_closed(box, thread);
	do {
		err = ioctl(thread->process->listener->fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	} while (err < 0 && errno == EINTR);
	err = err < 0 ? -errno : 0;
	if (slot < KBOX_SHADOW_SLOTS)
		thread->process->shadows[slot] = 0;
	if (!err)
		kbox_slots_set(&thread->process->slots, slot, true);
	return err == -EBADF || err == -EMFILE ? -ENFILE : err;
}

void kbox_guest_closes_fd(struct kbox_process *process, int slot)
{
	kbox_slots_set(&process->closing, slot, true);
	process->has_closing = true;
}

/* False also while it is open; true also when the host does not say. */
static bool is_closed(const struct kbox_box *box, int tid, int slot)
{
	return syscall(SYS_kcmp, tid, box->supervisor_pid, KCMP_FILE, slot,
		       box->never_ready_fd) < 0;
}

void kbox_guest_await_closed(const struct kbox_box *box,
			     struct kbox_thread *thread)
{
	const struct timespec nap = { .tv_nsec = 50000 };
	struct kbox_process *process = thread->process;
	unsigned int naps = 0;

	if (!process->has_closing)
		return;
	for (int slot = 0; slot < KBOX_SLOTS_KNOWN; slot++) {
		if (!kbox_slots_has(&process->closing, slot))
			continue;
		while (!is_closed(box, thread->tid, slot) &&
		       naps++ < KBOX_CLOSE_NAPS_MAX)
			nanosleep(&nap, NULL);
		kbox_slots_set(&process->closing, slot, false);
	}
	process->has_closing = false;
}

unsigned long kbox_guest_shadow(const struct kbox_process *process, int slot)
{
	return slot >= 0 && slot < KBOX_SHADOW_SLOTS ? process->shadows[slot] :
						       0;
}

void kbox_guest_note_shadow(struct kbox_process *process, int slot,
			    unsigned long number)
{
	if (slot >= 0 && slot < KBOX_SHADOW_SLOTS && !process->has_shared_fds)
		process->shadows[slot] = number;
}

bool kbox_guest_has_fd(const struct kbox_box *box, int tid, int slot, int fd)
{
	return slot >= 0 && syscall(SYS_kcmp, tid, box->supervisor_pid,
				    KCMP_FILE, slot, fd) == 0;
}
