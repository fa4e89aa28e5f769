/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals for threads whose call is blocked in the library kernel.
 *
 * Side: host. Signals are the host's. A thread in a notification sleeps in the
 * host and only SIGKILL wakes it, so the supervisor has to find out that a
 * signal is pending: it looks at /proc/TID/status at growing intervals, and
 * soon after something that probably sent one (a guest's kill, an end of a
 * child). Then the library kernel gives the call up, and the guest gets the
 * kernel's own restart code as the error, upon which the host's signal code
 * does what SA_RESTART says.
 *
 * Invariants
 *  1. A restart code is given only to a thread that has a signal to handle
 *     on its way out of the call: one pending for itself; or one for the
 *     process when it is the main thread, the only one, or the only one that
 *     does not block it. For any other the host would not look, and the code
 *     would reach the program.
 *
 * Sources: kernel/signal.c (complete_signal, retarget_shared_pending),
 * arch/x86/kernel/signal.c.
 */
#ifndef KBOX_GUEST_SIGNALS_H
#define KBOX_GUEST_SIGNALS_H

#include "box.h"

/* The kernel's restart codes, which programs never see. */
#define KBOX_ERESTARTSYS 512
#define KBOX_ERESTARTNOINTR 513
#define KBOX_ERESTARTNOHAND 514
#define KBOX_ERESTART_RESTARTBLOCK 516

enum kbox_signal_state {
	KBOX_SIGNAL_NONE,
	KBOX_SIGNAL_BLOCKED,	/* pending, for a signalfd at most */
	KBOX_SIGNAL_OPEN,	/* will be handled when the call returns */
	KBOX_SIGNAL_MAYBE,	/* this or another thread will take it */
	KBOX_SIGNAL_MASKED,	/* open under the thread's wait_mask only */
};

enum kbox_signal_state kbox_signal_look(const struct kbox_thread *thread);

/* @thread's call is pending now: look for signals from time to time. */
void kbox_signal_watch(struct kbox_box *box, struct kbox_thread *thread);
void kbox_signal_unwatch(struct kbox_thread *thread);

/* A signal for @process is likely, at once or after @delay_ns. */
void kbox_signal_hint(struct kbox_box *box, struct kbox_process *process,
		      uint64_t delay_ns);

/*
 * The library kernel raised @sig for process @tgid, or for its thread @tid
 * when that is not 0: send it if it is one of the box, and to nobody else.
 */
void kbox_raise(struct kbox_box *box, int tgid, int tid, int sig);

/* Look at those that are due, and interrupt the calls that must give up. */
void kbox_signal_check(struct kbox_box *box);

/*
 * What the guest is told when its call gave @value: restart codes become what
 * the host can do something with (invariant 1), others stay.
 */
long kbox_signal_result(const struct kbox_thread *thread, long value);

/* The thread goes back to the host, where a stop that it is marked for comes. */
static inline void kbox_signal_stop_done(struct kbox_thread *thread)
{
	thread->stop_asker = 0;
	thread->stop_due = false;
}

/* Whether @value is one of the restart codes. */
bool kbox_signal_is_restart(long value);

#endif
