/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * setpgid, setsid, personality.
 *
 * Side: host. Process groups, sessions and the execution domain are the
 * host's; the library kernel, which shows them in /proc, needs them for its own
 * terminals, and gives the machine's name, is told.
 */
#include <errno.h>
#include <unistd.h>

#include "../guest/group.h"
#include "../guest/process.h"
#include "dispatch.h"

enum kbox_verdict kbox_dispatch_setpgid(struct kbox_box *box,
					struct kbox_thread *thread,
					struct kbox_call *call)
{
	int pid = (int)call->args[0], group = (int)call->args[1];

	if (pid < 0 || group < 0)
		return kbox_reply(call, -EINVAL);
	if (pid && !kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -ESRCH);
	/* No guest may join a group of the host's own processes. */
	if (group && group != (pid ? pid : thread->process->tgid) &&
	    !kbox_group_is_ours(box, group))
		return kbox_reply(call, -EPERM);
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     kbox_then_continue_anyway);
}

enum kbox_verdict kbox_dispatch_told(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call)
{
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     kbox_then_continue_anyway);
}
