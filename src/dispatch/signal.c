/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo.
 *
 * Side: host. Signals are the host's, which delivers them; here it is made
 * sure that they stay in the box, and that the sender may send them: for the
 * host all guests are the same user, so the library kernel is asked with
 * signal 0 whether the credentials in the box allow it.
 *
 * A signal to the group that the box shares with the supervisor, or to all
 * processes, is sent by the supervisor to each process of the box; its si_pid
 * is then the supervisor's.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include "../guest/group.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/table.h"
#include "dispatch.h"

/* The receiver looks at its signals right after the host has sent this one. */
#define SOON_NS 200000

static void hint(struct kbox_box *box, int pid)
{
	struct kbox_thread *thread = kbox_thread_find(box, pid);
	struct kbox_process *process = thread ? thread->process :
						kbox_process_find(box, pid);

	if (process)
		kbox_signal_hint(box, process, SOON_NS);
}

/* What the library kernel said about signal 0. */
static enum kbox_verdict judged(struct kbox_box *box,
				struct kbox_thread *thread,
				struct kbox_call *call, long value)
{
	(void)thread;
	/* One that has ended there, but is not waited for, counts as there. */
	if (value == -EPERM)
		return kbox_reply(call, value);
	hint(box, (int)call->args[0]);
	return KBOX_CONTINUE;
}

/* One thread or process, named by @pid. */
static enum kbox_verdict signal_one(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, int pid)
{
	const unsigned long args[6] = { (unsigned long)pid, 0 };

	/* The supervisor is the parent of the first guest: as for an init. */
	if (pid == 1 || pid == box->supervisor_pid)
		return kbox_reply(call, -EPERM);
	if (!kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -ESRCH);
	if (pid == thread->process->tgid || pid == thread->tid) {
		hint(box, pid);
		return KBOX_CONTINUE;
	}
	return kbox_dispatch_library(box, thread, SYS_kill, args, judged);
}

static int send_to(struct kbox_process *process, void *context)
{
	return kbox_process_signal(process, *(int *)context);
}

static enum kbox_verdict signal_many(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call, int group)
{
	struct kbox_process *process;
	int sig = (int)call->args[1];

	if (sig < 0 || sig >= _NSIG)
		return kbox_reply(call, -EINVAL);
	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		kbox_signal_hint(box, process, SOON_NS);
	if (group < 0 || kbox_group_is_shared(box, group))
		return kbox_reply(call, kbox_group_for_each(box, group,
							    thread->process,
							    send_to, &sig));
	return kbox_group_is_ours(box, group) ? KBOX_CONTINUE :
						kbox_reply(call, -ESRCH);
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
