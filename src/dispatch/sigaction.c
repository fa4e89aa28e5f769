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
 * program reads and later puts back is still known to interrupt.
 */
#include <signal.h>
#include <stddef.h>

#include "../guest/memory.h"
#include "dispatch.h"

/* struct sigaction of the x86-64 kernel. */
struct kernel_sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

#ifndef SA_EXPOSE_TAGBITS
#define SA_EXPOSE_TAGBITS 0x00000800
#endif
#define FORCED (SA_RESTART | SA_EXPOSE_TAGBITS)

static bool is_handler(const struct kernel_sigaction *action)
{
	return action->handler != (uint64_t)SIG_DFL &&
	       action->handler != (uint64_t)SIG_IGN;
}

enum kbox_verdict kbox_dispatch_rt_sigaction(struct kbox_box *box,
					     struct kbox_thread *thread,
					     struct kbox_call *call)
{
	uint64_t *interrupting = &thread->process->interrupting;
	int sig = (int)call->args[0];
	struct kernel_sigaction action;
	uint64_t bit;

	(void)box;
	if (sig < 1 || sig > KBOX_SIGNALS || !call->args[1] ||
	    kbox_guest_read(thread->tid, &action, call->args[1],
			    sizeof(action)) < 0)
		return KBOX_CONTINUE;
	bit = 1ULL << (sig - 1);
	if (!is_handler(&action) || (action.flags & FORCED) == SA_RESTART) {
		*interrupting &= ~bit;
		return KBOX_CONTINUE;
	}
	*interrupting |= bit;
	action.flags |= FORCED;
	kbox_guest_write(thread->tid,
			 call->args[1] + offsetof(struct kernel_sigaction, flags),
			 &action.flags, sizeof(action.flags));
	return KBOX_CONTINUE;
}
