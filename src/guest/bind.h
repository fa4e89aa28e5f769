/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Binding host threads to kernel tasks.
 *
 * Side: host. A guest's clone is done by the host; its kernel task is cloned
 * when the new thread makes its first call, from the task of the thread that
 * expects it. That one is not served meanwhile (see box.h, invariant 3), so
 * the new task starts from the state at the clone call.
 *
 *	thread of the same process	the creator's next call looks for it
 *	process				calls of its parent are held until it
 *					calls, at most KBOX_HOLD_NS, then it is
 *					looked for in /proc
 *
 * Calls that make a process are taken one at a time in each process, since
 * nothing else tells whose child is which.
 *
 * What is found neither way does not exist: the clone failed, or the child has
 * ended without a call.
 */
#ifndef KBOX_GUEST_BIND_H
#define KBOX_GUEST_BIND_H

#include "box.h"

/*
 * The thread @tid, unknown so far, made a call. *@ret_thread is its entry.
 * 0; -ESRCH when it is gone or going, so that no answer is needed; or another
 * -errno after having killed a process that cannot be served.
 */
int kbox_bind(struct kbox_box *box, int tid, struct kbox_thread **ret_thread);

/* Note that the clone call of @thread, just let through, makes a child. */
void kbox_expect_child(struct kbox_box *box, struct kbox_thread *thread,
		       unsigned long flags, bool clone3);

/* Whether an unseen child process keeps calls of @process from being served. */
bool kbox_process_expects(const struct kbox_process *process);

/* Bind all unseen threads of @process that exist. */
void kbox_bind_threads(struct kbox_box *box, struct kbox_process *process);

/*
 * Bind all unseen children of @process that exist, and forget those that can
 * not come any more: all when it @ended, else those whose parent thread has
 * returned from its clone call.
 */
void kbox_bind_children(struct kbox_box *box, struct kbox_process *process,
			bool ended);

/* The same for all processes that expect one, before all are meant. */
void kbox_bind_all_children(struct kbox_box *box);

#endif
