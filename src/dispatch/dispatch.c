/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision what to do with a guest's call.
 *
 * Side: host. Invariants are in dispatch.h.
 */
#include "dispatch.h"

#include <errno.h>
#include <sys/syscall.h>

#include "../../abi/loader.h"
#include "../base/macros.h"
#include "../base/syscalls.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../observe/observe.h"
#include "exec.h"
#include "pidfds.h"
#include "signalfd.h"

#define KBOX_SPLIT(nr, handler) [nr] = kbox_dispatch_##handler,
static kbox_handler *const handlers[] = {
#include "dispatch-table.h"
};
#undef KBOX_SPLIT

static kbox_handler *find_handler(long nr)
{
	if (nr == KBOX_NR_LOADER_PLAN)
		return kbox_exec_plan;
	if (nr == KBOX_NR_LOADER_LAYOUT)
		return kbox_exec_layout;
	if (nr < 0 || nr >= (long)KBOX_ARRAY_SIZE(handlers))
		return NULL;
	return handlers[nr];
}

/* What the library kernel says of a call without more to it. */
static enum kbox_verdict answered(struct kbox_box *box,
				  struct kbox_thread *thread, long value)
{
	if (value == -KBOX_ENATIVE && kbox_signalfd_reads(thread->call.nr))
		return kbox_dispatch_signalfd(box, thread, &thread->call);
	return kbox_reply(&thread->call, value);
}

static int call_library(struct kbox_box *box, struct kbox_thread *thread,
			long nr, const unsigned long args[6], long *ret_value)
{
	uint64_t begin_ns;
	int status;

	if (!kbox_is_observed(box))
		return kbox_lk_call(thread->task, nr, args, ret_value);
	begin_ns = kbox_observe_clock();
	status = kbox_lk_call(thread->task, nr, args, ret_value);
	kbox_observe_kernel(thread, begin_ns);
	return status;
}

enum kbox_verdict kbox_dispatch_library(struct kbox_box *box,
					struct kbox_thread *thread, long nr,
					const unsigned long args[6],
					kbox_then *then)
{
	long value = 0;
	int status = call_library(box, thread, nr, args, &value);

	switch (status) {
	case KBOX_CALL_DONE:
		if (then)
			return then(box, thread, &thread->call, value);
		return answered(box, thread, value);
	case KBOX_CALL_PENDING:
		box->counters.blocked++;
		thread->then = then;
		thread->state = KBOX_THREAD_BLOCKED;
		kbox_signal_watch(box, thread);
		return KBOX_PENDING;
	case KBOX_CALL_EXITED:
		thread->task_ended = true;
		return KBOX_GONE;
	case -ESRCH:
		/* Its end is among the events; the host thread follows. */
		return KBOX_GONE;
	default:
		kbox_process_punish(box, thread->process,
				    "a call within a call");
		return KBOX_GONE;
	}
}

enum kbox_verdict kbox_then_continue(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call, long value)
{
	(void)box;
	(void)thread;
	return value < 0 ? kbox_reply(call, value) : KBOX_CONTINUE;
}

enum kbox_verdict kbox_then_continue_anyway(struct kbox_box *box,
					    struct kbox_thread *thread,
					    struct kbox_call *call, long value)
{
	(void)box;
	(void)thread;
	(void)call;
	(void)value;
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch(struct kbox_box *box,
				struct kbox_thread *thread)
{
	struct kbox_call *call = &thread->call;
	const struct kbox_syscall_info *info = kbox_syscall_info(call->nr);
	kbox_handler *handler;

	thread->mapping = false;
	if (call->nr == SYS_close && thread->process->has_pidfd_slots)
		return kbox_dispatch_close(box, thread, call);
	if (info && info->class == KBOX_SYSCALL_KERNEL) {
		box->counters.kernel++;
		return kbox_dispatch_library(box, thread, call->nr, call->args,
					     NULL);
	}
	handler = find_handler(call->nr);
	if (handler) {
		box->counters.split++;
		return handler(box, thread, call);
	}
	box->counters.unknown++;
	return kbox_reply(call, -ENOSYS);
}

enum kbox_verdict kbox_dispatch_completed(struct kbox_box *box,
					  struct kbox_thread *thread,
					  long value)
{
	kbox_then *then = thread->then;

	kbox_signal_unwatch(thread);
	thread->then = NULL;
	thread->state = KBOX_THREAD_IN_CALL;
	if (then)
		return then(box, thread, &thread->call, value);
	return answered(box, thread, value);
}
