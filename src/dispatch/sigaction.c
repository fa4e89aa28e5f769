/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rt_sigaction: handlers restart calls at the host, whatever they ask for.
 *
 * Side: host. Handlers are the host's. One thing about them is not: a signal
 * that comes while a notification waits to be received makes the host give up
 * the call, whatever call it is, and a handler without SA_RESTART then turns a
 * pipe() or open() into EINTR, which no program expects. So every handler gets
 * SA_RESTART at the host. Which ones asked to interrupt is remembered for the
 * process, and the EINTR that they are due is given by us: where the library
 * kernel gives up a blocked call (src/guest/signals.c), and where the host
 * restarts a wait (wait.c). See docs/decisions/0021-handlers-restart.md.
 *
 * The flag is set in the program's own structure, which is the C library's
 * temporary one; where it cannot be written, the call goes on as it is. A
 * second flag, without meaning on x86, marks it, so that an action that the
 * program replaces, and later puts back, is still known to interrupt. A program
 * that only asks (siginterrupt) gets what it had asked for, from us: with the
 * flag in it, setting SA_RESTART would look like putting back.
 */
#include <signal.h>
#include <stddef.h>

#include "../guest/memory.h"
#include "dispatch.h"

#ifndef SA_EXPOSE_TAGBITS
#define SA_EXPOSE_TAGBITS 0x00000800
#endif
#define FORCED (SA_RESTART | SA_EXPOSE_TAGBITS)

/* What the host lets nobody mask. */
#define UNMASKABLE (1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1))

static bool is_handler(const struct kbox_sigaction *action)
{
	return action->handler != (uint64_t)SIG_DFL &&
	       action->handler != (uint64_t)SIG_IGN;
}

static uint64_t bit_of(int sig)
{
	return 1ULL << (sig - 1);
}

/*
 * The host is asked about all actions but those that it was told otherwise
 * than the program wanted; and about a handler that is gone after one signal.
 */
static enum kbox_verdict asked(struct kbox_process *process,
			       struct kbox_thread *thread,
			       struct kbox_call *call, int sig)
{
	const struct kbox_sigaction *action = &process->handlers[sig - 1];

	if (!(process->interrupting & bit_of(sig)) ||
	    action->flags & SA_RESETHAND ||
	    call->args[3] != sizeof(action->mask) ||
	    kbox_guest_write(thread->tid, call->args[2], action,
			     sizeof(*action)) < 0)
		return KBOX_CONTINUE;
	return kbox_reply(call, 0);
}

static void remember(struct kbox_process *process, int sig,
		     const struct kbox_sigaction *action)
{
	struct kbox_sigaction *kept = &process->handlers[sig - 1];

	process->interrupting |= bit_of(sig);
	*kept = *action;
	kept->mask &= ~UNMASKABLE;
	if ((kept->flags & FORCED) == FORCED)
		kept->flags &= ~(uint64_t)FORCED;
}

enum kbox_verdict kbox_dispatch_rt_sigaction(struct kbox_box *box,
					     struct kbox_thread *thread,
					     struct kbox_call *call)
{
	struct kbox_process *process = thread->process;
	int sig = (int)call->args[0];
	struct kbox_sigaction action;

	(void)box;
	if (sig < 1 || sig > KBOX_SIGNALS || bit_of(sig) & UNMASKABLE)
		return KBOX_CONTINUE;
	if (!call->args[1])
		return asked(process, thread, call, sig);
	if (kbox_guest_read(thread->tid, &action, call->args[1],
			    sizeof(action)) < 0)
		return KBOX_CONTINUE;
	if (!is_handler(&action) || (action.flags & FORCED) == SA_RESTART) {
		process->interrupting &= ~bit_of(sig);
		return KBOX_CONTINUE;
	}
	remember(process, sig, &action);
	action.flags |= FORCED;
	kbox_guest_write(thread->tid,
			 call->args[1] + offsetof(struct kbox_sigaction, flags),
			 &action.flags, sizeof(action.flags));
	return KBOX_CONTINUE;
}
