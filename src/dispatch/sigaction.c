/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rt_sigaction of SIGCHLD.
 *
 * Side: host. Handlers are the host's. One thing about them is not: a signal
 * that comes while a notification waits to be received makes the host give up
 * the call, whatever call it is, and a handler without SA_RESTART then turns a
 * pipe() or open() into EINTR, which no program expects. Shells install such a
 * handler for SIGCHLD, and a child's end is the one signal that comes again and
 * again at any moment. So that handler gets SA_RESTART at the host, and the
 * EINTR that the program asked for is given by us, where the library kernel
 * gives a blocked call up (src/guest/signals.c). Of the host's own calls, wait
 * and a futex without a time limit go on instead; pause, sigsuspend and sleeps
 * end with EINTR as ever. See docs/decisions/0021-sigchld-restart.md.
 *
 * The flag is set in the program's own structure, which is the C library's
 * temporary one; where it cannot be written, the call goes on as it is.
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

enum kbox_verdict kbox_dispatch_rt_sigaction(struct kbox_box *box,
					     struct kbox_thread *thread,
					     struct kbox_call *call)
{
	struct kernel_sigaction action;
	bool handled;

	(void)box;
	if ((int)call->args[0] != SIGCHLD || !call->args[1] ||
	    kbox_guest_read(thread->tid, &action, call->args[1],
			    sizeof(action)) < 0)
		return KBOX_CONTINUE;
	handled = action.handler != (uint64_t)SIG_DFL &&
		  action.handler != (uint64_t)SIG_IGN;
	thread->process->child_interrupts =
		handled && !(action.flags & SA_RESTART);
	if (!thread->process->child_interrupts)
		return KBOX_CONTINUE;
	action.flags |= SA_RESTART;
	kbox_guest_write(thread->tid,
			 call->args[1] + offsetof(struct kernel_sigaction, flags),
			 &action.flags, sizeof(action.flags));
	return KBOX_CONTINUE;
}
