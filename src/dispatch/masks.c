/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ppoll, pselect6, epoll_pwait, epoll_pwait2: waits under a temporary mask.
 *
 * Side: host. Descriptors are the library kernel's, masks and signals the
 * host's. The library kernel waits without a mask; which signals end the wait
 * is judged under the temporary one (src/guest/signals.c).
 *
 * When such a signal is blocked by the thread's own mask, its handler must run
 * under the temporary mask, as part of this very call. Only the host can do
 * that. So then the call is handed to it, with descriptors that are never ready
 * in the guest's host table at the numbers it names: the host finds no
 * descriptor ready but a signal pending, runs the handler, and gives EINTR.
 *
 * Limits: with more than KBOX_HANDED_FDS_MAX descriptors, or numbers beyond
 * the host's limit, the wait ends with EINTR and the signal stays pending.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "../guest/fd.h"
#include "../guest/lifeline.h"
#include "../guest/signals.h"
#include "dispatch.h"

#define SIGSET_BYTES 8
#define BITS_PER_LONG 64

static int put_never_ready(struct kbox_box *box, struct kbox_thread *thread,
			   int slot)
{
	int err;

	if (slot < 0)
		return 0;
	err = kbox_lifeline_avoid(box, thread, slot);
	if (err < 0)
		return err;
	return kbox_guest_put_fd(box, thread, box->never_ready_fd,
				 slot, O_CLOEXEC);
}

static int cover_poll(struct kbox_box *box, struct kbox_thread *thread)
{
	unsigned long count = (unsigned int)thread->call.args[1];
	struct pollfd fds[KBOX_HANDED_FDS_MAX];
	int err = 0;

	if (count > KBOX_HANDED_FDS_MAX)
		return -E2BIG;
	if (count && kbox_guest_read(thread->tid, fds,
				     thread->call.args[0],
				     count * sizeof(*fds)) < 0)
		return -EFAULT;
	for (unsigned long i = 0; !err && i < count; i++)
		err = put_never_ready(box, thread, fds[i].fd);
	return err;
}

/* The union of the three sets of a select. */
static int read_sets(struct kbox_thread *thread, int count,
		     unsigned long sets[FD_SETSIZE / BITS_PER_LONG])
{
	unsigned long one[FD_SETSIZE / BITS_PER_LONG];
	int longs = (count + BITS_PER_LONG - 1) / BITS_PER_LONG;

	memset(sets, 0, sizeof(one));
	for (int i = 1; i <= 3; i++) {
		if (!thread->call.args[i])
			continue;
		if (kbox_guest_read(thread->tid, one,
				    thread->call.args[i],
				    (size_t)longs * sizeof(long)) < 0)
			return -EFAULT;
		for (int j = 0; j < longs; j++)
			sets[j] |= one[j];
	}
	return 0;
}

static int cover_select(struct kbox_box *box, struct kbox_thread *thread)
{
	unsigned long sets[FD_SETSIZE / BITS_PER_LONG];
	int count = (int)thread->call.args[0];
	unsigned int covered = 0;
	int err;

	if (count < 0 || count > FD_SETSIZE)
		return -E2BIG;
	err = read_sets(thread, count, sets);
	for (int fd = 0; !err && fd < count; fd++) {
		if (!(sets[fd / BITS_PER_LONG] >> fd % BITS_PER_LONG & 1))
			continue;
		if (++covered > KBOX_HANDED_FDS_MAX)
			return -E2BIG;
		err = put_never_ready(box, thread, fd);
	}
	return err;
}

static int cover(struct kbox_box *box, struct kbox_thread *thread)
{
	switch (thread->call.nr) {
	case SYS_ppoll:
		return cover_poll(box, thread);
	case SYS_pselect6:
		return cover_select(box, thread);
	default:
		return put_never_ready(box, thread,
				       (int)thread->call.args[0]);
	}
}

static enum kbox_verdict waited(struct kbox_box *box,
				struct kbox_thread *thread,
				struct kbox_call *call, long value)
{
	bool gave_up = value == 0 || value == -EINTR ||
		       kbox_signal_is_restart(value);
	bool masked = gave_up &&
		      kbox_signal_look(thread) == KBOX_SIGNAL_MASKED;

	thread->has_wait_mask = false;
	if (!masked)
		return kbox_reply(call, value);
	if (cover(box, thread) < 0)
		return kbox_reply(call, -EINTR);
	return KBOX_CONTINUE;
}

/* Where the mask is and how long it says it is; address 0 for none. */
static int find_mask(struct kbox_thread *thread, kbox_guest_addr *ret_addr,
		     unsigned long *ret_bytes)
{
	const struct kbox_call *call = &thread->call;
	uint64_t pair[2];

	switch (call->nr) {
	case SYS_ppoll:
		*ret_addr = call->args[3];
		*ret_bytes = call->args[4];
		return 0;
	case SYS_pselect6:
		*ret_addr = 0;
		*ret_bytes = 0;
		if (!call->args[5])
			return 0;
		if (kbox_guest_read(thread->tid, pair, call->args[5],
				    sizeof(pair)) < 0)
			return -EFAULT;
		*ret_addr = pair[0];
		*ret_bytes = pair[1];
		return 0;
	default:
		*ret_addr = call->args[4];
		*ret_bytes = call->args[5];
		return 0;
	}
}

enum kbox_verdict kbox_dispatch_sigmask(struct kbox_box *box,
					struct kbox_thread *thread,
					struct kbox_call *call)
{
	unsigned long args[6], bytes;
	kbox_guest_addr addr;
	uint64_t mask;
	int err = find_mask(thread, &addr, &bytes);

	if (err < 0)
		return kbox_reply(call, err);
	if (!addr)
		return kbox_dispatch_library(box, thread, call->nr, call->args,
					     NULL);
	if (bytes != SIGSET_BYTES)
		return kbox_reply(call, -EINVAL);
	if (kbox_guest_read(thread->tid, &mask, addr,
			    sizeof(mask)) < 0)
		return kbox_reply(call, -EFAULT);
	thread->wait_mask = mask & ~(1ULL << (SIGKILL - 1)) &
			    ~(1ULL << (SIGSTOP - 1));
	thread->has_wait_mask = true;
	memcpy(args, call->args, sizeof(args));
	if (call->nr == SYS_ppoll)
		args[3] = 0;
	else if (call->nr == SYS_pselect6)
		args[5] = 0;
	else
		args[4] = 0;
	return kbox_dispatch_library(box, thread, call->nr, args, waited);
}
