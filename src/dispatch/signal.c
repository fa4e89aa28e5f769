/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo.
 *
 * Side: host. Signals are the host's, which delivers them; here it is made
 * sure that they stay in the box, and that the sender may send them: for the
 * host all guests are the same user, so the library kernel is asked with
 * signal 0 whether the credentials in the box allow it. Of new children and
 * threads only those that have their tasks can be asked about, so these are
 * made first.
 *
 * A signal to all processes, to the group that the box shares with the
 * supervisor, or to one in which the sender may not signal all, is sent by the
 * supervisor to each process of the box that may have it; its si_pid is then
 * the supervisor's.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../guest/bind.h"
#include "../guest/group.h"
#include "../guest/proc-status.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "dispatch.h"

/* The receiver looks at its signals right after the host has sent this one. */
#define SOON_NS 200000

static int signal_of(const struct kbox_call *call)
{
	bool by_thread = call->nr == SYS_tgkill ||
			 call->nr == SYS_rt_tgsigqueueinfo;

	return (int)call->args[by_thread ? 2 : 1];
}

/* Those of a session may always tell each other to continue, as a shell does. */
static bool may_continue(const struct kbox_thread *thread, int pid, int sig)
{
	return sig == SIGCONT && getsid(pid) == getsid(thread->process->tgid);
}

struct sending {
	struct kbox_box *box;
	struct kbox_thread *from;
	int sig;
};

/* The rule of kill(2), with the credentials in the box. 0 or -EPERM. */
static int may_send_to(struct kbox_process *process, void *context)
{
	const struct sending *sending = context;
	const unsigned long args[6] = { (unsigned long)process->tgid, 0 };
	struct kbox_thread *from = sending->from;
	long value = 0;

	if (process == from->process ||
	    may_continue(from, process->tgid, sending->sig))
		return 0;
	if (kbox_call_wait(sending->box, from->task, SYS_kill, args, &value))
		return -EPERM;
	return value == -EPERM ? -EPERM : 0;
}

static bool has_ended(int pid)
{
	struct kbox_proc_status status;

	return kbox_proc_status_read(pid, &status) < 0 ||
	       kbox_proc_status_ended(&status);
}

/* Whose number or thread's number @pid is; NULL when it is only a zombie's. */
static struct kbox_process *process_of(struct kbox_box *box, int pid)
{
	struct kbox_thread *thread = kbox_thread_find(box, pid);
	struct kbox_proc_status status;

	if (thread)
		return thread->process;
	/* It may be new: it has the credentials of who made it. */
	if (!kbox_process_find(box, pid))
		kbox_bind_all_children(box);
	if (!kbox_process_find(box, pid) &&
	    !kbox_proc_status_read(pid, &status))
		pid = status.tgid;
	return kbox_process_find(box, pid);
}

/* One thread or process, named by @pid. */
static enum kbox_verdict signal_one(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, int pid)
{
	struct sending sending = { box, thread, signal_of(call) };
	struct kbox_process *process;
	int err;

	/* The supervisor is the parent of the first guest: as for an init. */
	if (pid == 1 || pid == box->supervisor_pid)
		return kbox_reply(call, -EPERM);
	if (!kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -ESRCH);
	process = process_of(box, pid);
	if (!process)
		return has_ended(pid) ? KBOX_CONTINUE :
					kbox_reply(call, -ESRCH);
	err = may_send_to(process, &sending);
	if (err < 0)
		return kbox_reply(call, err);
	kbox_signal_hint(box, process, SOON_NS);
	return KBOX_CONTINUE;
}

static int send_to(struct kbox_process *process, void *context)
{
	const struct sending *sending = context;
	int err = may_send_to(process, context);

	if (err < 0)
		return err;
	kbox_signal_hint(sending->box, process, SOON_NS);
	return kbox_process_signal(process, sending->sig);
}

/* Whether the host may signal the whole of @group in one go. */
static bool may_send_to_all(struct sending *sending, int group)
{
	struct kbox_process *process;

	if (kbox_group_is_shared(sending->box, group))
		return false;
	KBOX_LIST_FOR_EACH(process, &sending->box->processes, link) {
		if (kbox_group_of(process) != group)
			continue;
		if (may_send_to(process, sending) < 0)
			return false;
		kbox_signal_hint(sending->box, process, SOON_NS);
	}
	return true;
}

static enum kbox_verdict signal_many(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call, int group)
{
	struct sending sending = { box, thread, signal_of(call) };
	int err;

	if (sending.sig < 0 || sending.sig >= _NSIG)
		return kbox_reply(call, -EINVAL);
	kbox_bind_all_children(box);
	if (group > 0 && !kbox_group_is_ours(box, group))
		return kbox_reply(call, -ESRCH);
	if (group > 0 && may_send_to_all(&sending, group))
		return KBOX_CONTINUE;
	err = kbox_group_for_each(box, group, thread->process, send_to,
				  &sending);
	/* To all: those that may not be signalled do not count. */
	if (group < 0 && err == -EPERM)
		err = 0;
	return kbox_reply(call, err);
}

enum kbox_verdict kbox_dispatch_kill(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call)
{
	int pid = (int)call->args[0];
	int group;

	if (pid > 0)
		return signal_one(box, thread, call, pid);
	if (pid == -1)
		return signal_many(box, thread, call, -1);
	if (pid == INT32_MIN)
		return kbox_reply(call, -ESRCH);
	group = pid ? -pid : kbox_group_of(thread->process);
	if (group <= 0)
		return kbox_reply(call, -ESRCH);
	return signal_many(box, thread, call, group);
}

enum kbox_verdict kbox_dispatch_tkill(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	int tid = (int)call->args[0];

	if (tid <= 0)
		return kbox_reply(call, -EINVAL);
	return signal_one(box, thread, call, tid);
}

/* The host checks that thread and group belong together. */
enum kbox_verdict kbox_dispatch_tgkill(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	int tgid = (int)call->args[0], tid = (int)call->args[1];
	struct kbox_thread *target;

	if (tgid <= 0 || tid <= 0)
		return kbox_reply(call, -EINVAL);
	target = kbox_thread_find(box, tid);
	if (target && target->process->tgid != tgid)
		return kbox_reply(call, -ESRCH);
	return signal_one(box, thread, call, tgid);
}

/* The information in guest memory goes to the receiver as it is. */
enum kbox_verdict kbox_dispatch_rt_sigqueueinfo(struct kbox_box *box,
						struct kbox_thread *thread,
						struct kbox_call *call)
{
	int pid = (int)call->args[0];

	return pid <= 0 ? kbox_reply(call, -ESRCH) :
			  signal_one(box, thread, call, pid);
}

enum kbox_verdict kbox_dispatch_rt_tgsigqueueinfo(struct kbox_box *box,
						  struct kbox_thread *thread,
						  struct kbox_call *call)
{
	return kbox_dispatch_tgkill(box, thread, call);
}
