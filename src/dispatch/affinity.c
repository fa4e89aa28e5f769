/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched_setaffinity and sched_getaffinity.
 *
 * Side: host, whose calls they are. But the supervisor binds threads, too
 * (src/guest/affinity.h), which guests shall not see.
 */
#include <errno.h>
#include <sys/syscall.h>

#include "../guest/affinity.h"
#include "../guest/process.h"
#include "../guest/table.h"
#include "dispatch.h"

/* Whom the call is about, or NULL if that was not seen yet. */
static struct kbox_thread *target_of(struct kbox_box *box,
				     struct kbox_thread *thread, int pid)
{
	return pid ? kbox_thread_find(box, pid) : thread;
}

enum kbox_verdict kbox_dispatch_affinity(struct kbox_box *box,
					 struct kbox_thread *thread,
					 struct kbox_call *call)
{
	int pid = (int)call->args[0];
	struct kbox_thread *target;

	/* Negative numbers name nobody: the host has the right error. */
	if (pid > 0 && !kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -ESRCH);
	target = target_of(box, thread, pid);
	if (target && call->nr == SYS_sched_setaffinity)
		kbox_affinity_own(box, target->process);
	else if (target)
		kbox_affinity_leave(box, target);
	return KBOX_CONTINUE;
}
