/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prlimit64 and setrlimit.
 *
 * Side: host. The library kernel decides and remembers; limits of memory and
 * time are then set at the host, too. Where the host's own hard limit is
 * lower, that one holds, though the library kernel shows the other.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "../guest/process.h"
#include "../guest/rlimits.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "dispatch.h"

/* Give @pid the limit at the host that the library kernel has for it. */
static void apply(struct kbox_box *box, int pid, unsigned int resource)
{
	struct rlimit limit, host;
	unsigned long args[6] = { (unsigned long)pid, resource, 0,
				  (unsigned long)&limit };
	long value = 0;

	if (kbox_call_wait(box, box->supervisor, SYS_prlimit64, args, &value) ||
	    value < 0)
		return;
	if (prlimit(pid, (enum __rlimit_resource)resource, NULL, &host) < 0)
		return;
	if (limit.rlim_max > host.rlim_max)
		limit.rlim_max = host.rlim_max;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	prlimit(pid, (enum __rlimit_resource)resource, &limit, NULL);
}

static enum kbox_verdict limit_set(struct kbox_box *box,
				   struct kbox_thread *thread,
				   struct kbox_call *call, long value)
{
	bool by_pid = call->nr == SYS_prlimit64;
	unsigned int resource = (unsigned int)call->args[by_pid];
	int pid = by_pid ? (int)call->args[0] : 0;

	if (!pid)
		pid = thread->process->tgid;
	if (value >= 0 && kbox_rlimit_is_hosts(resource) &&
	    (kbox_process_find(box, pid) || kbox_thread_find(box, pid)))
		apply(box, pid, resource);
	return kbox_reply(call, value);
}

enum kbox_verdict kbox_dispatch_prlimit64(struct kbox_box *box,
					  struct kbox_thread *thread,
					  struct kbox_call *call)
{
	int pid = (int)call->args[0];

	/* The library kernel also has tasks that are no guests. */
	if (pid && !kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -ESRCH);
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     call->args[2] ? limit_set : NULL);
}

enum kbox_verdict kbox_dispatch_setrlimit(struct kbox_box *box,
					  struct kbox_thread *thread,
					  struct kbox_call *call)
{
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     limit_set);
}
