/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that are served later.
 *
 * Side: host. A call is held while its process expects a child process that
 * was not seen yet (bind.h), while another of its threads is in an exec, or
 * while an exec has the path of the loader in memory that its process shares
 * (src/dispatch/exec.h): that call may read the same string.
 */
#ifndef KBOX_GUEST_HOLD_H
#define KBOX_GUEST_HOLD_H

#include "box.h"

/* Keep the call of @thread until its process is released. */
void kbox_hold(struct kbox_box *box, struct kbox_thread *thread);

/* Whether an exec is between its start and its opening in @thread's memory. */
bool kbox_exec_is_in_memory_of(const struct kbox_box *box,
			       const struct kbox_thread *thread);

/* Keep the call of @thread until that exec has gone on. */
void kbox_hold_for_exec(struct kbox_box *box, struct kbox_thread *thread);

/* Serve those calls again, if no exec is in that state any more. */
void kbox_release_exec_waiters(struct kbox_box *box);

/* Serve the held calls of @process again, unless a child is still expected. */
void kbox_release(struct kbox_box *box, struct kbox_process *process);

/* Serve the call of @thread again in this round. */
void kbox_serve_again(struct kbox_box *box, struct kbox_thread *thread);

/* Look for children that took too long, and release their parents. */
void kbox_hold_check(struct kbox_box *box);

#endif
