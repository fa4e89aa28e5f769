/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_vm_readv and process_vm_writev between guests of the box.
 *
 * Side: host. The supervisor copies, in pieces: what the library kernel allows
 * is done before anything else can happen, such as an exec that gives the other
 * process rights which the caller has not. One call moves so much at most that
 * other guests need not wait long; as the manual page has it, less may have
 * been moved than was asked for.
 */
#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "../base/limits.h"
#include "../base/macros.h"
#include "../guest/memory.h"
#include "../guest/table.h"
#include "dispatch.h"
#include "ptrace.h"

/* A list of pieces of memory of one process, and how far it is used up. */
struct pieces {
	int tid;
	unsigned long count;
	unsigned long index;
	struct iovec iov[IOV_MAX];
};

/* 0; -EINVAL, -EFAULT. */
static int pieces_read(struct pieces *pieces, int owner, int tid,
		       kbox_guest_addr addr, unsigned long count)
{
	ssize_t total = 0;

	if (count > IOV_MAX)
		return -EINVAL;
	pieces->tid = tid;
	pieces->count = count;
	pieces->index = 0;
	if (count && kbox_guest_read(owner, pieces->iov, addr,
				     count * sizeof(pieces->iov[0])) < 0)
		return -EFAULT;
	for (unsigned long i = 0; i < count; i++)
		if (__builtin_add_overflow(total, pieces->iov[i].iov_len,
					   &total))
			return -EINVAL;
	return 0;
}

/* The next piece that is not empty, or NULL. */
static struct iovec *pieces_next(struct pieces *pieces)
{
	while (pieces->index < pieces->count &&
	       !pieces->iov[pieces->index].iov_len)
		pieces->index++;
	return pieces->index < pieces->count ? &pieces->iov[pieces->index] :
					       NULL;
}

static void pieces_use(struct iovec *piece, size_t len)
{
	piece->iov_base = (char *)piece->iov_base + len;
	piece->iov_len -= len;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Up to @room bytes from one piece to another; how many, or -errno. */
static ssize_t copy_some(struct pieces *from, struct iovec *source,
			 struct pieces *to, struct iovec *target, size_t room)
{
	char buf[KBOX_VM_COPY_BYTES];
	struct iovec here = { .iov_base = buf, .iov_len = sizeof(buf) }, there;
	ssize_t got;

	here.iov_len = least(here.iov_len, room);
	here.iov_len = least(here.iov_len, source->iov_len);
	here.iov_len = least(here.iov_len, target->iov_len);
	there = (struct iovec){ source->iov_base, here.iov_len };
	got = process_vm_readv(from->tid, &here, 1, &there, 1, 0);
	if (got <= 0)
		return got < 0 ? -errno : -EFAULT;
	here.iov_len = (size_t)got;
	there = (struct iovec){ target->iov_base, (size_t)got };
	got = process_vm_writev(to->tid, &here, 1, &there, 1, 0);
	return got < 0 ? -errno : got;
}

/* How many bytes were moved, or why none was. */
static ssize_t copy_all(struct pieces *from, struct pieces *to)
{
	struct iovec *source, *target;
	ssize_t done = 0, got;

	while (done < (ssize_t)KBOX_VM_COPY_MAX &&
	       (source = pieces_next(from)) && (target = pieces_next(to))) {
		got = copy_some(from, source, to, target,
				KBOX_VM_COPY_MAX - (size_t)done);
		if (got <= 0)
			return done ? done : got;
		pieces_use(source, (size_t)got);
		pieces_use(target, (size_t)got);
		done += got;
	}
	return done;
}

static enum kbox_verdict transfer(struct kbox_box *box,
				  struct kbox_thread *thread,
				  struct kbox_call *call, bool writes)
{
	struct pieces own, other;
	int pid = (int)call->args[0];
	int err;

	if (call->args[5])
		return kbox_reply(call, -EINVAL);
	err = pieces_read(&own, thread->tid, thread->tid, call->args[1],
			  call->args[2]);
	if (!err)
		err = pieces_read(&other, thread->tid, pid, call->args[3],
				  call->args[4]);
	if (err < 0)
		return kbox_reply(call, err);
	if (!pieces_next(&own) || !pieces_next(&other))
		return kbox_reply(call, 0);
	err = kbox_ptrace_find(box, pid) ? kbox_ptrace_may(box, thread, pid) :
					  -ESRCH;
	if (err < 0)
		return kbox_reply(call, err);
	return kbox_reply(call, writes ? copy_all(&own, &other) :
					 copy_all(&other, &own));
}

enum kbox_verdict kbox_dispatch_process_vm_readv(struct kbox_box *box,
						 struct kbox_thread *thread,
						 struct kbox_call *call)
{
	return transfer(box, thread, call, false);
}

enum kbox_verdict kbox_dispatch_process_vm_writev(struct kbox_box *box,
						  struct kbox_thread *thread,
						  struct kbox_call *call)
{
	return transfer(box, thread, call, true);
}
