/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of the host that name a thread or process: of this box only.
 *
 * Side: host. The number lies in a register and is checked there. That a
 * thread ends and its number is given to a process of the host between check
 * and call is not ruled out, but takes all numbers of the host in that time.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../guest/group.h"
#include "../guest/process.h"
#include "dispatch.h"

/* linux/ioprio.h, which user space has not. */
#define IOPRIO_WHO_PROCESS 1

enum kbox_verdict kbox_dispatch_own_pid(struct kbox_box *box,
					struct kbox_thread *thread,
					struct kbox_call *call)
{
	int pid = (int)call->args[0];

	(void)thread;
	/* Negative numbers name nobody: the host has the right error. */
	if (pid > 0 && !kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -ESRCH);
	return KBOX_CONTINUE;
}

struct priority {
	long nr;
	int which;		/* "one process", as this call says it */
	unsigned long value;
	long best;		/* of what was read */
};

static int apply_priority(struct kbox_process *process, void *context)
{
	struct priority *priority = context;
	long value = syscall(priority->nr, priority->which, process->tgid,
			     priority->value);

	if (value < 0)
		return -errno;
	if (value > priority->best)
		priority->best = value;
	return 0;
}

/*
 * Groups and users, in which there may be processes of the host: done for each
 * member in the box. Of several the host's rule for getpriority, the highest
 * value, is followed for ioprio_get, too.
 */
static enum kbox_verdict for_members(struct kbox_box *box,
				     struct kbox_call *call, int which,
				     int group)
{
	struct priority priority = {
		.nr = call->nr,
		.which = which,
		.value = call->args[2],
	};
	int err = kbox_group_for_each(box, group, NULL, apply_priority,
				      &priority);

	return kbox_reply(call, err < 0 ? err : priority.best);
}

enum kbox_verdict kbox_dispatch_own_who(struct kbox_box *box,
					struct kbox_thread *thread,
					struct kbox_call *call)
{
	bool io = call->nr == SYS_ioprio_set || call->nr == SYS_ioprio_get;
	int which = (int)call->args[0], who = (int)call->args[1];
	int process = io ? IOPRIO_WHO_PROCESS : PRIO_PROCESS;

	if (which == process) {
		if (who > 0 && !kbox_pid_is_ours(box, who))
			return kbox_reply(call, -ESRCH);
		return KBOX_CONTINUE;
	}
	if (which == process + 1) {
		int group = who ? who : kbox_group_of(thread->process);

		return group < 0 ? kbox_reply(call, -ESRCH) :
				   for_members(box, call, process, group);
	}
	if (which == process + 2)
		return for_members(box, call, process, -1);
	return kbox_reply(call, -EINVAL);
}
