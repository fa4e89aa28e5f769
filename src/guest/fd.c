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
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A thread that is to wake up where the supervisor runs. */
struct visit {
	bool moved;
	cpu_set_t usual, here;
};

/*
 * The host installs the descriptor in the guest's thread, which it wakes for
 * that, on a processor that is idle if there is one: that costs five times what
 * all the rest does. So for that moment the thread may run here alone.
 */
static void visit_begin(struct visit *visit, int tid)
{
	int cpu = sched_getcpu();

	visit->moved = false;
	if (cpu < 0 || cpu >= CPU_SETSIZE ||
	    sched_getaffinity(tid, sizeof(visit->usual), &visit->usual) < 0 ||
	    !CPU_ISSET(cpu, &visit->usual) || CPU_COUNT(&visit->usual) == 1)
		return;
	CPU_ZERO(&visit->here);
	CPU_SET(cpu, &visit->here);
	visit->moved = sched_setaffinity(tid, sizeof(visit->here),
					 &visit->here) == 0;
}

static void visit_end(const struct visit *visit, int tid)
{
	if (visit->moved)
		sched_setaffinity(tid, sizeof(visit->usual), &visit->usual);
}

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
	struct visit visit;
	int err;

	if (slot < 0)
		return -EBADF;
	visit_begin(&visit, thread->tid);
	do {
		err = ioctl(box->listener_fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	} while (err < 0 && errno == EINTR);
	err = err < 0 ? -errno : 0;
	visit_end(&visit, thread->tid);
	if (slot < KBOX_SHADOW_SLOTS)
		thread->process->shadows[slot] = 0;
	if (!err)
		kbox_slots_set(&thread->process->slots, slot, true);
	return err == -EBADF || err == -EMFILE ? -ENFILE : err;
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
