/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rt_sigaction: handlers restart calls at the host, whatever they ask for.
 *
 * Side: host. Handlers are the host's. One thing about them is not: a signal
 * that comes while a notification waits to be received makes the host give up
 * the call, whatever call it is, and a handler without SA_RESTART then turns a
 * pipe() or open() into EINTR, which no program expects. So every handler gets
 * SA_RESTART at the host, and those that asked to interrupt also return by way
 * of the loader's pages, so that their end is known. The EINTR that they are
 * due is given by us: where the library kernel gives up a blocked call
 * (src/guest/signals.c), and where the host restarts a call after a handler
 * (sigreturn.c). See docs/decisions/0021-handlers-restart.md.
 *
 * Both are changed in the program's own structure, which is the C library's
 * temporary one. A second flag, without meaning on x86, marks it, so that an
 * action that the program replaces, and later puts back, is still known to
 * interrupt. A program that only asks (siginterrupt) gets what it had asked for,
 * from us: with the flag in it, setting SA_RESTART would look like putting back.
 */
#include <signal.h>
#include <stddef.h>

#include "../../abi/loader.h"
#include "../base/cleanup.h"
#include "../guest/memory.h"
#include "dispatch.h"

#ifndef SA_EXPOSE_TAGBITS
#define SA_EXPOSE_TAGBITS 0x00000800
#endif
#ifndef SA_RESTORER
#define SA_RESTORER 0x04000000
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

/*
 * Write what is changed of @action over the program's own at @addr; into pages
 * of constants, too: without SA_RESTART a handler could take a handler's end
 * from the host. Where that fails, the host has the action as it is.
 */
static void change(int tid, kbox_guest_addr addr,
		   const struct kbox_sigaction *action)
{
	const size_t from = offsetof(struct kbox_sigaction, flags);
	const size_t len = offsetof(struct kbox_sigaction, mask) - from;
	const char *src = (const char *)action + from;
	KBOX_CLEANUP_CLOSE int mem_fd = -1;

	if (kbox_guest_write(tid, addr + from, src, len) == 0)
		return;
	mem_fd = kbox_guest_mem_open(tid);
	if (mem_fd >= 0)
		kbox_guest_mem_write(mem_fd, addr + from, src, len);
}

/*
 * SIGSYS is for programs that catch their own calls, and let only those of some
 * addresses pass: their handler's end must remain where it is.
 */
static bool has_known_end(int sig, const struct kbox_sigaction *action)
{
	return sig != SIGSYS && action->flags & SA_RESTORER;
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
	if (has_known_end(sig, &action))
		action.restorer = KBOX_LOADER_SIGRETURN;
	change(thread->tid, call->args[1], &action);
	return KBOX_CONTINUE;
}
