/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On which processor guests run: near the supervisor, or wherever the host
 * likes.
 *
 * Side: host. A guest that calls sleeps until the supervisor has answered, so
 * the two never run at once. On one processor a call is a switch between them;
 * on two it is two wake-ups of a sleeping processor, each many times as dear.
 * The host does not know that, and spreads them when it has a processor to
 * spare (docs/decisions/0043-near-the-supervisor.md).
 *
 * So threads that call often are kept on the supervisor's processor, its home;
 * threads that compute are not. The choice is made anew each period, from the
 * number of calls and from how many others could have run meanwhile.
 *
 * Invariants
 *  1. A thread is near, bound to the home, or the host has it unbound.
 *  2. While a thread is near, the supervisor is bound to the home.
 *  3. A guest never sees such a binding: its own requests come first, and what
 *     it asks for is asked with the thread unbound (src/dispatch/affinity.c).
 *  4. Nobody stays near that does not call: neither a child that was not seen
 *     yet nor a thread of a process with a binding of its own is forgotten.
 *
 * Sources: sched_setaffinity(2).
 */
#ifndef KBOX_GUEST_AFFINITY_H
#define KBOX_GUEST_AFFINITY_H

#include "box.h"

/* Nobody is near yet. The calling thread is the supervisor. */
void kbox_affinity_init(struct kbox_box *box);

/* @thread has called: it is served just now. */
void kbox_affinity_called(struct kbox_box *box, struct kbox_thread *thread);

/* @thread is about to sleep in a call of the host, as far as is known. */
void kbox_affinity_sleeps(struct kbox_thread *thread);

/* @from goes on to make a thread or, if @process, a process. */
void kbox_affinity_forking(struct kbox_box *box, struct kbox_thread *from,
			   bool process);

/* @thread, which @from made, was seen for the first time. */
void kbox_affinity_forked(struct kbox_box *box, const struct kbox_thread *from,
			  struct kbox_thread *thread);

/* Unbind @thread. */
void kbox_affinity_leave(struct kbox_box *box, struct kbox_thread *thread);

/* @process has a binding of its own, and its future children: keep off. */
void kbox_affinity_own(struct kbox_box *box, struct kbox_process *process);

/* Choose anew, if the period is over. To be called in every round. */
void kbox_affinity_check(struct kbox_box *box);

/* Unbind the supervisor. Guests have ended. */
void kbox_affinity_done(struct kbox_box *box);

#endif
