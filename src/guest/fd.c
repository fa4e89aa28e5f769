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
	do {
		err = ioctl(box->listener_fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	} while (err < 0 && errno == EINTR);
	if (err >= 0) {
		kbox_slots_set(&thread->process->slots, slot, true);
		return 0;
	}
	return errno == EBADF || errno == EMFILE ? -ENFILE : -errno;
}

bool kbox_guest_has_fd(const struct kbox_box *box, int tid, int slot, int fd)
{
	return slot >= 0 && syscall(SYS_kcmp, tid, box->supervisor_pid,
				    KCMP_FILE, slot, fd) == 0;
}
