/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clone, fork, vfork, clone3, exit, exit_group.
 *
 * Side: host. The host makes and ends the threads; the library kernel's tasks
 * are made at a child's first call (src/guest/bind.h), and end before the host
 * thread does, so that whoever sees the end also sees the files closed.
 *
 * Not offered: namespaces by clone (EPERM), of process numbers and of time
 * (EINVAL); CLONE_INTO_CGROUP (EOPNOTSUPP).
 */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "../guest/affinity.h"
#include "../guest/bind.h"
#include "../guest/clone-namespaces.h"
#include "../guest/clone-pidfd.h"
#include "../guest/lifeline.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "dispatch.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

/* One that was not seen yet has no lifeline: others shall look after it. */
static void tell_first_fork(struct kbox_box *box)
{
	void (*forking)(void *arg) = box->forking;

	box->forking = NULL;
	if (forking)
		forking(box->forking_arg);
}

static enum kbox_verdict make_child(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call,
				    unsigned long flags, bool clone3,
				    kbox_guest_addr pidfd_at)
{
	int err;

	if ((flags & CLONE_PIDFD) && (flags & (CLONE_THREAD | CLONE_DETACHED)))
		return kbox_reply(call, -EINVAL);
	if (box->thread_count + box->expected >= KBOX_GUEST_THREADS_MAX)
		return kbox_reply(call, -EAGAIN);
	if ((flags & (CLONE_FILES | CLONE_THREAD)) == CLONE_FILES &&
	    kbox_lifeline_free_pair(box, thread->process->files_id) < 0)
		return kbox_reply(call, -EAGAIN);
	err = kbox_lk_may_clone(thread->task);
	if (err)
		return kbox_reply(call, err);
	if (!(flags & CLONE_THREAD))
		tell_first_fork(box);
	kbox_expect_child(box, thread, flags, clone3);
	if (flags & CLONE_VFORK)
		kbox_affinity_sleeps(thread);
	err = flags & CLONE_PIDFD ?
		      kbox_clone_pidfd_reserve(box, thread, pidfd_at) :
		      0;
	if (err < 0) {
		kbox_thread_expect_none(box, thread);
		return kbox_reply(call, err);
	}
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_clone(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	/* The low byte is the child's signal; the high half is ignored. */
	unsigned long flags = (unsigned int)call->args[0] & ~(unsigned)CSIGNAL;

	/* The signal's bits hold CLONE_NEWTIME, which clone cannot have. */
	if (flags & KBOX_NAMESPACE_FLAGS)
		return kbox_reply(call, -EPERM);
	return make_child(box, thread, call, flags, false, call->args[2]);
}

enum kbox_verdict kbox_dispatch_fork(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call)
{
	return make_child(box, thread, call, 0, false, 0);
}

enum kbox_verdict kbox_dispatch_vfork(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	return make_child(box, thread, call, CLONE_VM | CLONE_VFORK, false, 0);
}

/* clone3 with @flags in the structure at its first argument. */
static enum kbox_verdict make_child_apart(struct kbox_box *box,
					  struct kbox_thread *thread,
					  struct kbox_call *call,
					  uint64_t flags,
					  kbox_guest_addr pidfd_at)
{
	const unsigned long args[6] = { flags };
	enum kbox_verdict verdict;
	long value = 0;
	int err;

	/* Threads are interchangeable until they are seen: none is special. */
	if (flags & CLONE_THREAD)
		return kbox_reply(call, -EINVAL);
	err = kbox_call_wait(box, thread->task, KBOX_CALL_MAY_CLONE, args,
			     &value);
	if (err < 0 || value < 0)
		return kbox_reply(call, err < 0 ? -EAGAIN : value);
	verdict = make_child(box, thread, call, flags, true, pidfd_at);
	if (verdict != KBOX_CONTINUE)
		return verdict;
	err = kbox_clone_namespaces_hide(thread, call->args[0], flags);
	if (err < 0) {
		if (flags & CLONE_PIDFD)
			kbox_clone_pidfd_cancel(box, thread);
		kbox_thread_expect_none(box, thread);
		return kbox_reply(call, err);
	}
	return KBOX_CONTINUE;
}

/*
 * The flags lie in guest memory and may change before the host reads them. Of
 * what a change could bring, namespaces matter; they are looked at when the
 * child makes its first call (bind.c).
 */
enum kbox_verdict kbox_dispatch_clone3(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	struct {
		uint64_t flags, pidfd;
	} args;
	uint64_t flags;

	if (call->args[1] < CLONE_ARGS_SIZE_VER0)
		return kbox_reply(call, -EINVAL);
	if (call->args[1] > 4096)
		return kbox_reply(call, -E2BIG);
	if (kbox_guest_read(thread->tid, &args, call->args[0], sizeof(args)) <
	    0)
		return kbox_reply(call, -EFAULT);
	flags = args.flags;
	if (flags & CLONE_INTO_CGROUP)
		return kbox_reply(call, -EOPNOTSUPP);
	if (flags & KBOX_NAMESPACE_FLAGS)
		return make_child_apart(box, thread, call, flags, args.pidfd);
	return make_child(box, thread, call, flags, true, args.pidfd);
}

/* The host thread ends next, whatever the library kernel says. */
static enum kbox_verdict end(struct kbox_box *box, struct kbox_thread *thread,
			     struct kbox_call *call, bool group)
{
	unsigned long args[6] = { call->args[0] };
	long value;
	int status;

	thread->exiting = true;
	thread->then = NULL;
	if (group)
		thread->process->exiting = true;
	if (thread->process->exec.thread == thread) {
		kbox_exec_clear(box, thread->process);
		status = -EBUSY;
	} else {
		status = kbox_lk_call(thread->task, call->nr, args, &value);
	}
	if (status == KBOX_CALL_EXITED) {
		thread->task_ended = true;
	} else if (status == KBOX_CALL_PENDING) {
		thread->state = KBOX_THREAD_BLOCKED;
		return KBOX_PENDING;
	} else if (status != -ESRCH) {
		kbox_lk_kill(thread->task, group);
	}
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_exit(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call)
{
	return end(box, thread, call, false);
}

enum kbox_verdict kbox_dispatch_exit_group(struct kbox_box *box,
					   struct kbox_thread *thread,
					   struct kbox_call *call)
{
	return end(box, thread, call, true);
}
