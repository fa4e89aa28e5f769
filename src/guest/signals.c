/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals for threads whose call is blocked in the library kernel.
 *
 * Side: host. Invariants are in signals.h.
 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/macros.h"
#include "proc-status.h"
#include "process.h"
#include "table.h"

/* When to look, counted from the last look; the last entry stays. */
static const uint64_t steps_ns[] = {
	1000000,  2000000,  5000000,  10000000,
	20000000, 50000000, 100000000,
};

#define LAST_STEP (KBOX_ARRAY_SIZE(steps_ns) - 1)
#define TIMERS_STEP 3	/* a process with timers is looked at this often */

/* How many looks a signal that others could take may stay pending. */
#define MAYBE_LOOKS 2

struct candidates {
	int self;
	unsigned int seen;
	uint64_t wanted;	/* signals that nobody else wants so far */
};

static int drop_wanted(int tid, void *context)
{
	struct candidates *candidates = context;
	struct kbox_proc_status status;

	if (++candidates->seen > KBOX_SIGNAL_CANDIDATES_MAX) {
		candidates->wanted = 0;
		return 1;
	}
	if (tid == candidates->self ||
	    kbox_proc_status_read(tid, &status) < 0 ||
	    kbox_proc_status_ended(&status))
		return 0;
	candidates->wanted &= status.blocked;
	return candidates->wanted ? 0 : 1;
}

/* Which of @signals, pending for the process, only this thread can take. */
static uint64_t only_for(const struct kbox_thread *thread, uint64_t signals)
{
	struct candidates candidates = {
		.self = thread->tid,
		.wanted = signals,
	};
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", thread->process->tgid);
	kbox_proc_visit(path, drop_wanted, &candidates);
	return candidates.wanted;
}

/* Which of the process's @signals make @thread return from its call. */
static uint64_t group_signals_for(const struct kbox_thread *thread,
				  const struct kbox_proc_status *status,
				  uint64_t signals)
{
	if (!signals || status->threads <= 1 ||
	    thread->tid == thread->process->tgid)
		return signals;
	return only_for(thread, signals);
}

enum kbox_signal_state kbox_signal_look(const struct kbox_thread *thread)
{
	struct kbox_proc_status status;
	uint64_t open;

	if (kbox_proc_status_read(thread->tid, &status) < 0)
		return KBOX_SIGNAL_NONE;
	if (!(status.own_pending | status.group_pending))
		return KBOX_SIGNAL_NONE;
	if (status.own_pending & ~status.blocked)
		return KBOX_SIGNAL_OPEN;
	open = status.group_pending & ~status.blocked;
	if (group_signals_for(thread, &status, open))
		return KBOX_SIGNAL_OPEN;
	if (thread->has_wait_mask) {
		uint64_t unmasked = ~thread->wait_mask;

		if ((status.own_pending & unmasked) ||
		    group_signals_for(thread, &status,
				      status.group_pending & unmasked))
			return KBOX_SIGNAL_MASKED;
	}
	return open ? KBOX_SIGNAL_MAYBE : KBOX_SIGNAL_BLOCKED;
}

static void set_check(struct kbox_box *box, struct kbox_thread *thread,
		      uint64_t when_ns)
{
	thread->check_ns = when_ns;
	if (when_ns < box->next_check_ns)
		box->next_check_ns = when_ns;
}

void kbox_signal_watch(struct kbox_box *box, struct kbox_thread *thread)
{
	kbox_list_del(&thread->link);
	kbox_list_add_tail(&box->blocked, &thread->link);
	thread->check_step = 0;
	thread->check_maybe = 0;
	/* Under a mask of its own, signals may have been waiting for this. */
	set_check(box, thread,
		  thread->has_wait_mask || thread->owed ?
			  box->now_ns :
			  box->now_ns + steps_ns[0]);
}

void kbox_signal_unwatch(struct kbox_thread *thread)
{
	kbox_list_del(&thread->link);
}

void kbox_signal_hint(struct kbox_box *box, struct kbox_process *process,
		      uint64_t delay_ns)
{
	struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling) {
		if (thread->state != KBOX_THREAD_BLOCKED)
			continue;
		thread->check_step = 0;
		set_check(box, thread, box->now_ns + delay_ns);
	}
}

void kbox_raise(struct kbox_box *box, int tgid, int tid, int sig)
{
	struct kbox_process *process = kbox_process_find(box, tgid);
	struct kbox_thread *thread;

	/* One that has just ended takes no signal, and misses none. */
	if (!process)
		return;
	if (!tid) {
		kbox_process_signal(process, sig);
	} else {
		thread = kbox_thread_find(box, tid);
		if (!thread || thread->process != process)
			return;
		syscall(SYS_tgkill, tgid, tid, sig);
	}
	kbox_signal_hint(box, process, 0);
}

static void next_step(struct kbox_thread *thread, uint64_t now_ns)
{
	unsigned int limit = thread->process->has_timers ? TIMERS_STEP :
							   LAST_STEP;

	if (thread->check_step < limit)
		thread->check_step++;
	thread->check_ns = now_ns + steps_ns[thread->check_step];
}

/*
 * Whether the process is being stopped (SIGSTOP, Ctrl-Z): one thread has taken
 * the signal, and the host has marked the others, which shows nowhere but in
 * those that are not blocked. The stop is over, and the parent told, when all
 * have noticed.
 */
static bool group_stops(const struct kbox_thread *thread)
{
	struct kbox_proc_status status;
	const struct kbox_thread *other;

	KBOX_LIST_FOR_EACH(other, &thread->process->threads, sibling)
		if (other->state == KBOX_THREAD_IDLE &&
		    kbox_proc_status_read(other->tid, &status) == 0)
			return status.state == 'T';
	return false;
}

/* Whether the host has marked @thread for a stop: the asker went on. */
static bool stop_is_due(struct kbox_box *box, const struct kbox_thread *thread)
{
	const struct kbox_thread *asker =
		thread->stop_asker ? kbox_thread_find(box, thread->stop_asker) :
				     NULL;

	return (asker && asker->call.id != thread->stop_asked) ||
	       group_stops(thread);
}

static void check_one(struct kbox_box *box, struct kbox_thread *thread)
{
	enum kbox_signal_state state = kbox_signal_look(thread);

	if (stop_is_due(box, thread)) {
		thread->stop_due = true;
		kbox_lk_interrupt(thread->task);
	}

	if (thread->owed)
		kbox_lk_interrupt(thread->task);

	if (state != KBOX_SIGNAL_NONE)
		kbox_lk_pending(thread->task);
	if (state == KBOX_SIGNAL_MAYBE && ++thread->check_maybe < MAYBE_LOOKS)
		state = KBOX_SIGNAL_NONE;
	if (state != KBOX_SIGNAL_NONE && state != KBOX_SIGNAL_BLOCKED) {
		/* Again later, should the call not have noticed. */
		thread->check_maybe = 0;
		box->counters.interrupted++;
		kbox_lk_interrupt(thread->task);
	}
	next_step(thread, box->now_ns);
}

void kbox_signal_check(struct kbox_box *box)
{
	struct kbox_thread *thread;
	uint64_t next_ns = UINT64_MAX;

	if (box->now_ns < box->next_check_ns)
		return;
	KBOX_LIST_FOR_EACH(thread, &box->blocked, link) {
		if (thread->check_ns <= box->now_ns)
			check_one(box, thread);
		if (thread->check_ns < next_ns)
			next_ns = thread->check_ns;
	}
	box->next_check_ns = next_ns;
}

bool kbox_signal_is_restart(long value)
{
	return value <= -KBOX_ERESTARTSYS &&
	       value >= -KBOX_ERESTART_RESTARTBLOCK;
}

/*
 * Whether the signal that the host handles first asked to interrupt: its
 * handler has SA_RESTART at the host only (src/dispatch/sigaction.c). Should
 * another one come first after all, rt_sigreturn tells (owed.h).
 */
static bool interrupts(const struct kbox_thread *thread)
{
	struct kbox_proc_status status;
	uint64_t open;

	if (!thread->process->interrupting ||
	    kbox_proc_status_read(thread->tid, &status) < 0)
		return false;
	open = status.own_pending & ~status.blocked;
	if (!open)
		open = status.group_pending & ~status.blocked;
	return open & -open & thread->process->interrupting;
}

/* Whether the handler that took the call away before would have ended it. */
static bool is_owed_eintr(const struct kbox_thread *thread, long value)
{
	return thread->owed == KBOX_OWED_EINTR ||
	       (thread->owed == KBOX_OWED_UNLESS_RESTARTED &&
		value != -KBOX_ERESTARTSYS && value != -KBOX_ERESTARTNOINTR);
}

long kbox_signal_result(const struct kbox_thread *thread, long value)
{
	if (!kbox_signal_is_restart(value))
		return value;
	if (is_owed_eintr(thread, value))
		return -EINTR;
	/* For a stop the host restarts the call as if nothing had been. */
	if (!thread->stop_due && kbox_signal_look(thread) != KBOX_SIGNAL_OPEN)
		return -EINTR;
	if (value == -KBOX_ERESTARTSYS && interrupts(thread))
		return -EINTR;
	/* Time that has passed is not known to the host: no restart block. */
	if (value == -KBOX_ERESTART_RESTARTBLOCK)
		return -KBOX_ERESTARTNOHAND;
	return value;
}
