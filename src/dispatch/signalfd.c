/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a signalfd.
 *
 * Side: host. The descriptor is the library kernel's, its signals are the
 * host's. The library kernel waits until one is pending
 * (kernel/arch/kbox/kernel/signalfd.c). Then a signalfd of the host's with the
 * same signals is put at its number in the guest's host table, and the host
 * does the call, which takes them off the guest's own thread.
 */
#include "signalfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../guest/fd.h"
#include "../guest/lifeline.h"

bool kbox_signalfd_reads(long nr)
{
	return nr == SYS_read || nr == SYS_readv || nr == SYS_preadv2;
}

enum kbox_verdict kbox_dispatch_signalfd(struct kbox_box *box,
					 struct kbox_thread *thread,
					 struct kbox_call *call)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	int slot = (int)call->args[0], flags = SFD_CLOEXEC, err;
	unsigned long long signals = 0;

	if (kbox_lk_signalfd(thread->task, &signals))
		flags |= SFD_NONBLOCK;
	/* The kernel's set, which is shorter than the C library's. */
	fd = (int)syscall(SYS_signalfd4, -1, &signals, sizeof(signals), flags);
	if (fd < 0)
		return kbox_reply(call, -ENOMEM);
	err = kbox_lifeline_avoid(box, thread, slot);
	if (!err)
		err = kbox_guest_put_fd(box, thread, fd, slot, O_CLOEXEC);
	return err < 0 ? kbox_reply(call, err) : KBOX_CONTINUE;
}
