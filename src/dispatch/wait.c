/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wait4: waiting for children, which is the host's.
 *
 * Side: host. The host restarts the call after every handler (sigaction.c).
 * A restarted call comes as the same call from the same instruction. Had the
 * first one returned, a child would have ended or been made in between; if
 * neither happened it is a restart, and a process that has interrupting
 * handlers is told EINTR. At worst that is one EINTR too many, for a program
 * that must be ready for it anyway.
 */
#include "wait.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "../guest/affinity.h"

enum kbox_verdict kbox_wait_natively(struct kbox_thread *thread,
				     struct kbox_call *call)
{
	struct kbox_wait_note *note = &thread->last_wait;
	struct kbox_process *process = thread->process;
	struct kbox_wait_note now = {
		.valid = true,
		.nr = call->nr,
		.ip = call->ip,
		.child_events = process->child_events,
	};

	memcpy(now.args, call->args, sizeof(now.args));
	if (process->interrupting && note->valid && note->nr == now.nr &&
	    note->ip == now.ip && note->child_events == now.child_events &&
	    !memcmp(note->args, now.args, sizeof(now.args))) {
		note->valid = false;
		return kbox_reply(call, -EINTR);
	}
	*note = now;
	kbox_affinity_sleeps(thread);
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_wait4(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	(void)box;
	if (call->args[2] & WNOHANG)
		return KBOX_CONTINUE;
	return kbox_wait_natively(thread, call);
}
