/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alarm, setitimer, timer_settime; clocks of processes.
 *
 * Side: host. Timers are the host's. That a process has some is noted, so that
 * its blocked calls are looked at more often for signals.
 */
#include <errno.h>

#include "../guest/process.h"
#include "../guest/signals.h"
#include "dispatch.h"

/* linux/posix-timers.h: a clock number made of a process or descriptor. */
#define CLOCK_KIND_MASK 7
#define CLOCK_KIND_FD 3

static enum kbox_verdict set_timer(struct kbox_box *box,
				   struct kbox_thread *thread)
{
	thread->process->has_timers = true;
	kbox_signal_hint(box, thread->process, 1000000);
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_alarm(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	(void)call;
	return set_timer(box, thread);
}

enum kbox_verdict kbox_dispatch_setitimer(struct kbox_box *box,
					  struct kbox_thread *thread,
					  struct kbox_call *call)
{
	(void)call;
	return set_timer(box, thread);
}

enum kbox_verdict kbox_dispatch_timer_settime(struct kbox_box *box,
					      struct kbox_thread *thread,
					      struct kbox_call *call)
{
	(void)call;
	return set_timer(box, thread);
}

enum kbox_verdict kbox_dispatch_own_clock(struct kbox_box *box,
					  struct kbox_thread *thread,
					  struct kbox_call *call)
{
	int clock = (int)call->args[0];
	int pid;

	(void)thread;
	if (clock >= 0)
		return KBOX_CONTINUE;
	if ((clock & CLOCK_KIND_MASK) == CLOCK_KIND_FD)
		return kbox_reply(call, -EINVAL);
	pid = ~(clock >> 3);
	if (pid != 0 && !kbox_pid_is_ours(box, pid))
		return kbox_reply(call, -EINVAL);
	return KBOX_CONTINUE;
}
