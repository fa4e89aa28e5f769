/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serving one notification, and what follows from it.
 *
 * Side: host.
 */
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include "../../abi/loader.h"
#include "../base/log.h"
#include "../dispatch/dispatch.h"
#include "../dispatch/exec.h"
#include "../guest/affinity.h"
#include "../guest/bind.h"
#include "../guest/hold.h"
#include "../guest/lifeline.h"
#include "../guest/owed.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "../observe/observe.h"
#include "filter.h"

static unsigned int counted_nr(long nr)
{
	return nr >= 0 && nr < KBOX_COUNTED_NRS ? (unsigned int)nr :
						  KBOX_COUNTED_NRS;
}

/*
 * The task is gone without the guest having asked for it, by SIGKILL as a
 * file's signal or for want of memory: so is the guest.
 */
static void drop_thread(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_process *process = thread->process;

	if (thread->state != KBOX_THREAD_ENDED && !thread->exiting &&
	    !process->exiting && !process->ended) {
		kbox_info("the kernel has ended the task of process %d",
			  process->tgid);
		kbox_process_signal(process, SIGKILL);
	}
	kbox_thread_free(box, thread);
}

/* Carry out @verdict on thread->call. The thread may be gone afterwards. */
static void settle(struct kbox_box *box, struct kbox_thread *thread,
		   enum kbox_verdict verdict)
{
	struct kbox_call *call = &thread->call;
	long value;

	switch (verdict) {
	case KBOX_REPLY:
		if (kbox_owed_again(thread, call->value)) {
			thread->owed = KBOX_OWED_NOTHING;
			kbox_serve_again(box, thread);
			break;
		}
		value = kbox_signal_result(thread, call->value);
		kbox_signal_stop_done(thread);
		if (value == -ENOSYS)
			box->counters.enosys_by_nr[counted_nr(call->nr)]++;
		thread->state = KBOX_THREAD_IDLE;
		if (kbox_is_observed(box))
			kbox_observe_end(box, thread, verdict, value);
		kbox_listener_reply(thread->process->listener->fd, call->id,
				    value);
		break;
	case KBOX_CONTINUE:
		box->counters.continued++;
		if (kbox_is_observed(box))
			kbox_observe_end(box, thread, verdict, 0);
		kbox_signal_stop_done(thread);
		if (thread->exiting)
			kbox_thread_retire(box, thread);
		else
			thread->state = KBOX_THREAD_IDLE;
		kbox_listener_continue(thread->process->listener->fd, call->id);
		break;
	case KBOX_HOLD:
		kbox_hold(box, thread);
		break;
	case KBOX_PENDING:
		break;
	case KBOX_GONE:
		if (kbox_is_observed(box))
			kbox_observe_end(box, thread, verdict, 0);
		thread->state = KBOX_THREAD_IDLE;
		break;
	}
	if (thread->task_ended)
		drop_thread(box, thread);
}

static bool makes_process(long nr)
{
	return nr == SYS_clone || nr == SYS_fork || nr == SYS_vfork ||
	       nr == SYS_clone3;
}

/* Whether the call must wait for a child that was not seen yet. */
static bool must_wait(struct kbox_box *box, struct kbox_thread *thread)
{
	bool waited = thread->waited && !makes_process(thread->call.nr);

	thread->waited = false;
	if (thread->expect == KBOX_EXPECT_THREAD)
		kbox_bind_threads(box, thread->process);
	return !waited && kbox_process_expects(thread->process);
}

/*
 * A call that comes here only because somebody watches: what the filter says
 * of it otherwise. False for all others.
 */
static bool is_watched_only(struct kbox_thread *thread,
			    enum kbox_verdict *ret_verdict)
{
	struct kbox_call *call = &thread->call;
	int judged = kbox_filter_judge(call->nr, call->args, call->ip);

	if (judged == KBOX_FILTER_NOTIFY)
		return false;
	*ret_verdict = judged == KBOX_FILTER_ALLOW ? KBOX_CONTINUE :
						     kbox_reply(call, judged);
	return true;
}

static enum kbox_verdict decide(struct kbox_box *box,
				struct kbox_thread *thread)
{
	enum kbox_verdict verdict;

	if (kbox_is_observed(box) && is_watched_only(thread, &verdict))
		return verdict;
	if (thread->first_exec)
		return kbox_exec_first(box, thread);
	return kbox_dispatch(box, thread);
}

static void serve_thread(struct kbox_box *box, struct kbox_thread *thread)
{
	enum kbox_verdict verdict;

	thread->state = KBOX_THREAD_IN_CALL;
	/* The end of a handler is nothing that anybody has to wait for. */
	if (thread->call.nr == SYS_rt_sigreturn) {
		settle(box, thread, decide(box, thread));
		return;
	}
	if (kbox_exec_is_in_memory_of(box, thread)) {
		kbox_hold_for_exec(box, thread);
		return;
	}
	if (must_wait(box, thread))
		verdict = KBOX_HOLD;
	else
		verdict = decide(box, thread);
	settle(box, thread, verdict);
}

static void begin_call(struct kbox_box *box, struct kbox_thread *thread,
		       const struct kbox_notification *note)
{
	thread->call = note->call;
	kbox_owed_judge(thread);
	if (kbox_is_observed(box))
		kbox_observe_call(box, thread);
}

/*
 * What becomes of an exec in flight, now that a thread of its process calls.
 * Returns false when the call needs no further service.
 */
static bool check_exec(struct kbox_box *box, const struct kbox_notification *note)
{
	struct kbox_thread *thread = kbox_thread_find(box, note->tid);
	struct kbox_process *process = thread ?
					       thread->process :
					       kbox_process_find(box, note->tid);

	if (!process)
		return true;
	switch (kbox_exec_look(box, process, note->tid, note->call.nr)) {
	case KBOX_EXEC_STILL:
		return true;
	case KBOX_EXEC_ARRIVED:
		kbox_exec_take_over(box, process);
		return true;
	case KBOX_EXEC_FAILED:
		begin_call(box, thread, note);
		settle(box, thread, kbox_exec_undo(box, thread));
		return false;
	case KBOX_EXEC_FOREIGN:
		kbox_process_punish(box, process,
				    "it executes something of the host");
		return false;
	}
	return true;
}

/* The entry of the thread that called, made if need be; NULL: no answer. */
static struct kbox_thread *thread_of(struct kbox_box *box, int tid)
{
	struct kbox_thread *thread = kbox_thread_find(box, tid);
	struct kbox_process *parent;

	if (thread)
		return thread;
	if (kbox_bind(box, tid, &thread) < 0)
		return NULL;
	parent = kbox_process_find(box, thread->process->parent_tgid);
	if (parent)
		kbox_release(box, parent);
	return thread;
}

void kbox_serve(struct kbox_box *box, const struct kbox_notification *note)
{
	struct kbox_thread *thread;
	int err;

	box->counters.calls++;
	box->counters.by_nr[counted_nr(note->call.nr)]++;
	if (!check_exec(box, note))
		return;
	thread = thread_of(box, note->tid);
	if (!thread)
		return;
	begin_call(box, thread, note);
	thread->state = KBOX_THREAD_IN_CALL;
	kbox_affinity_called(box, thread);
	err = kbox_lifeline_attach(box, thread);
	if (err < 0 && err != -ENOENT) {
		kbox_process_punish(box, thread->process, "it has no lifeline");
		return;
	}
	serve_thread(box, thread);
}

static void handle_event(struct kbox_box *box, const struct kbox_event *event)
{
	struct kbox_thread *thread = kbox_thread_of_task(box, event->task);

	/* A task that never got a thread, or one of launch's. */
	if (!thread)
		return;
	switch (event->kind) {
	case KBOX_EVENT_COMPLETED:
		if (thread->state == KBOX_THREAD_BLOCKED)
			settle(box, thread,
			       kbox_dispatch_completed(box, thread,
						       event->value));
		else
			kbox_thread_drop_value(thread, event->value);
		break;
	case KBOX_EVENT_EXEC:
		kbox_exec_ready(box, thread);
		break;
	case KBOX_EVENT_EXITED:
		thread->task_ended = true;
		if (thread->exiting && thread->state == KBOX_THREAD_BLOCKED)
			settle(box, thread, KBOX_CONTINUE);
		else
			drop_thread(box, thread);
		break;
	}
}

/* As kbox_next_event(); what it took belongs to whom the event is about. */
static int next_event(struct kbox_box *box, struct kbox_event *ret_event)
{
	struct kbox_thread *thread;
	uint64_t begin_ns;
	int got;

	if (!kbox_is_observed(box))
		return kbox_next_event(box, ret_event);
	begin_ns = kbox_observe_clock();
	got = kbox_next_event(box, ret_event);
	thread = got ? kbox_thread_of_task(box, ret_event->task) : NULL;
	if (thread)
		kbox_observe_kernel(thread, begin_ns);
	return got;
}

void kbox_serve_followups(struct kbox_box *box)
{
	struct kbox_thread *thread;
	struct kbox_event event;

	for (;;) {
		kbox_release_exec_waiters(box);
		if (next_event(box, &event)) {
			handle_event(box, &event);
		} else if ((thread = kbox_exec_next(box))) {
			settle(box, thread, kbox_exec_start(box, thread));
		} else if (!kbox_list_empty(&box->again)) {
			thread = KBOX_LIST_FIRST(&box->again,
						 struct kbox_thread, link);
			kbox_list_del(&thread->link);
			serve_thread(box, thread);
		} else {
			return;
		}
	}
}
