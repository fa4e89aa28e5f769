/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls into the library kernel whose result the supervisor needs at once.
 *
 * Side: host. For short calls that normally finish without blocking: cloning
 * a task, setting a limit, reading a file of /proc.
 *
 * Events of other tasks that come up meanwhile are kept, and given out by
 * kbox_next_event() later, in their order.
 */
#ifndef KBOX_GUEST_SYNC_CALL_H
#define KBOX_GUEST_SYNC_CALL_H

#include "box.h"

/*
 * As kbox_lk_call(), but wait for the result, or, with the value 0, for an exec
 * to be ready to be committed. 0 with *@ret_value filled;
 * -EBUSY, -ESRCH as there; -ETIMEDOUT when it did not finish for seconds. The
 * call is given up then, but may come to its end later: what its arguments lead
 * to must last. For the supervisor's own task that is a broken box.
 * Blocks for the time that the library kernel needs.
 */
int kbox_call_wait(struct kbox_box *box, struct kbox_task *task, long nr,
		   const unsigned long args[6], long *ret_value);

/* The caller drops @task, which never became a guest's: keep nothing about it. */
void kbox_forget_events(struct kbox_box *box, const struct kbox_task *task);

/* As kbox_lk_run(), kept events first. */
int kbox_next_event(struct kbox_box *box, struct kbox_event *ret_event);

#endif
