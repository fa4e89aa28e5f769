/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace: guests that control other guests of the box.
 *
 * Side: host. Invariants are in ptrace.h; docs/decisions/0071-tracing-guests.md
 * says why the host may do it.
 */
#include "ptrace.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "../base/macros.h"
#include "../guest/bind.h"
#include "../guest/proc-status.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "dispatch.h"

#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
#endif
#define PTRACE_OLDSETOPTIONS 21
#define PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG 0x4210
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211

/* The tracee stops right after the host has heard of it. */
#define SOON_NS 200000

/* What the host does only for the tracer of a thread that has stopped. */
static const unsigned long of_stopped[] = {
	PTRACE_PEEKTEXT,
	PTRACE_PEEKDATA,
	PTRACE_PEEKUSER,
	PTRACE_POKETEXT,
	PTRACE_POKEDATA,
	PTRACE_POKEUSER,
	PTRACE_CONT,
	PTRACE_KILL,
	PTRACE_SINGLESTEP,
	PTRACE_GETREGS,
	PTRACE_SETREGS,
	PTRACE_GETFPREGS,
	PTRACE_SETFPREGS,
	PTRACE_DETACH,
	PTRACE_SYSCALL,
	PTRACE_ARCH_PRCTL,
	PTRACE_SYSEMU,
	PTRACE_SYSEMU_SINGLESTEP,
	PTRACE_GETREGSET,
	PTRACE_SETREGSET,
	PTRACE_GETEVENTMSG,
	PTRACE_GETSIGINFO,
	PTRACE_SETSIGINFO,
	PTRACE_PEEKSIGINFO,
	PTRACE_GETSIGMASK,
	PTRACE_SETSIGMASK,
	PTRACE_SINGLEBLOCK,
	PTRACE_LISTEN,
	PTRACE_GET_SYSCALL_INFO,
	PTRACE_GET_RSEQ_CONFIGURATION,
	PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG,
	PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG,
};

/* All of them but PTRACE_O_SUSPEND_SECCOMP. */
#define OPTIONS_OFFERED (0xffUL | PTRACE_O_EXITKILL)

static bool is_of_stopped(unsigned long request)
{
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(of_stopped); i++)
		if (of_stopped[i] == request)
			return true;
	return false;
}

struct kbox_thread *kbox_ptrace_find(struct kbox_box *box, int tid)
{
	struct kbox_proc_status status;
	struct kbox_process *process;

	if (tid <= 0 || kbox_thread_find(box, tid))
		return tid <= 0 ? NULL : kbox_thread_find(box, tid);
	if (!kbox_pid_is_ours(box, tid))
		return NULL;
	kbox_bind_all_children(box);
	process = kbox_proc_status_read(tid, &status) < 0 ?
			  NULL :
			  kbox_process_find(box, status.tgid);
	if (process)
		kbox_bind_threads(box, process);
	return kbox_thread_find(box, tid);
}

/* By the credentials inside: @thread of the thread @tid, or @by_it. */
static int ask(struct kbox_box *box, struct kbox_thread *thread, int tid,
	       bool by_it)
{
	const unsigned long args[6] = { (unsigned long)tid, by_it };
	long value = 0;

	if (kbox_call_wait(box, thread->task, KBOX_CALL_MAY_TRACE, args,
			   &value))
		return -EPERM;
	return (int)value;
}

int kbox_ptrace_may(struct kbox_box *box, struct kbox_thread *thread, int tid)
{
	const struct kbox_thread *target = kbox_thread_find(box, tid);

	/* Its memory is still that of a process of the supervisor's. */
	if (target && target->process->unborn)
		return -EPERM;
	return ask(box, thread, tid, false);
}

/* Whether the thread that asked last may still be about to attach. */
static int asking(struct kbox_box *box, const struct kbox_process *process)
{
	const struct kbox_thread *asker =
		process->trace_asked ?
			kbox_thread_find(box, process->trace_asker) :
			NULL;

	return asker && asker->call.id == process->trace_asked ? asker->tid : 0;
}

int kbox_tracer_of(struct kbox_box *box, const struct kbox_thread *thread)
{
	int asker = asking(box, thread->process);
	struct kbox_proc_status status;

	if (asker)
		return asker;
	/* One that cannot be asked about is as good as traced by a stranger. */
	if (kbox_proc_status_read(thread->tid, &status) < 0)
		return thread->tid;
	return status.tracer;
}

static enum kbox_verdict
attach(struct kbox_box *box, struct kbox_thread *thread, struct kbox_call *call)
{
	bool seize = call->args[0] == PTRACE_SEIZE;
	struct kbox_thread *target = kbox_ptrace_find(box, (int)call->args[1]);
	struct kbox_proc_status status;
	struct kbox_process *process;
	int err;

	if (!target)
		return kbox_reply(call,
				  (int)call->args[1] == 1 ? -EPERM : -ESRCH);
	process = target->process;
	if (process == thread->process)
		return kbox_reply(call, -EPERM);
	if (seize && (call->args[2] || call->args[3] & ~OPTIONS_OFFERED))
		return kbox_reply(call, -EIO);
	/* An exec under way has judged by who traces it; see ptrace.h. */
	if (process->exec.stage != KBOX_EXEC_NONE || asking(box, process))
		return kbox_reply(call, -EPERM);
	if (kbox_proc_status_read(target->tid, &status) < 0)
		return kbox_reply(call, -ESRCH);
	if (status.tracer)
		return kbox_reply(call, -EPERM);
	err = kbox_ptrace_may(box, thread, target->tid);
	if (err < 0)
		return kbox_reply(call, err);
	process->trace_asker = thread->tid;
	process->trace_asked = call->id;
	if (!seize)
		thread->process->traces_by_attach = true;
	kbox_signal_hint(box, process, SOON_NS);
	return KBOX_CONTINUE;
}

/* The caller's parent becomes its tracer, which must not be the supervisor. */
static enum kbox_verdict trace_me(struct kbox_box *box,
				  struct kbox_thread *thread,
				  struct kbox_call *call)
{
	struct kbox_proc_status status;
	struct kbox_process *parent;

	if (kbox_proc_status_read(thread->tid, &status) < 0)
		return kbox_reply(call, -EPERM);
	parent = kbox_process_find(box, status.ppid);
	if (!parent || ask(box, thread, status.ppid, true) < 0)
		return kbox_reply(call, -EPERM);
	parent->traces_by_attach = true;
	return KBOX_CONTINUE;
}

/*
 * A call that is blocked in the library kernel does not notice. It gives up
 * once the host has marked its thread, which shows nowhere: so a moment later,
 * and only if the caller's tracees are surely of the kind that can be marked,
 * since else the restart code would reach the program.
 */
static enum kbox_verdict interrupt(struct kbox_box *box,
				   struct kbox_thread *thread,
				   struct kbox_call *call)
{
	struct kbox_thread *target = kbox_ptrace_find(box, (int)call->args[1]);
	struct kbox_proc_status status;

	if (target && target->state != KBOX_THREAD_IDLE &&
	    !thread->process->traces_by_attach &&
	    kbox_proc_status_read(target->tid, &status) == 0 &&
	    status.tracer == thread->tid) {
		target->stop_asker = thread->tid;
		target->stop_asked = call->id;
		kbox_signal_hint(box, target->process, SOON_NS);
	}
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_ptrace(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	unsigned long request = call->args[0];

	switch (request) {
	case PTRACE_TRACEME:
		return trace_me(box, thread, call);
	case PTRACE_ATTACH:
	case PTRACE_SEIZE:
		return attach(box, thread, call);
	case PTRACE_INTERRUPT:
		return interrupt(box, thread, call);
	case PTRACE_SETOPTIONS:
	case PTRACE_OLDSETOPTIONS:
		if (call->args[3] & ~OPTIONS_OFFERED)
			return kbox_reply(call, -EINVAL);
		return KBOX_CONTINUE;
	}
	return is_of_stopped(request) ? KBOX_CONTINUE : kbox_reply(call, -EIO);
}
