/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a call is owed that the host restarts after a handler.
 *
 * Side: host. Theory of operation and invariants are in owed.h.
 */
#include "owed.h"

#include "signals.h"

void kbox_owed_note(struct kbox_thread *thread, long nr, unsigned long ip,
		    unsigned long sp, bool interrupts)
{
	struct kbox_return *last = &thread->last_return;

	if (last->valid && last->nr == nr && last->ip == ip && last->sp == sp)
		interrupts |= last->interrupts;
	*last = (struct kbox_return){
		.valid = true,
		.fresh = true,
		.interrupts = interrupts,
		.nr = nr,
		.ip = ip,
		.sp = sp,
	};
}

void kbox_owed_forget(struct kbox_thread *thread)
{
	thread->last_return.valid = false;
}

void kbox_owed_judge(struct kbox_thread *thread)
{
	struct kbox_return *last = &thread->last_return;

	thread->owed = KBOX_OWED_NOTHING;
	if (!last->valid)
		return;
	if (last->fresh && last->nr == thread->call.nr &&
	    last->ip == thread->call.ip) {
		thread->owed = last->interrupts ? KBOX_OWED_EINTR :
						  KBOX_OWED_UNLESS_RESTARTED;
		last->valid = false;
	}
	last->fresh = false;
}

bool kbox_owed_again(const struct kbox_thread *thread, long value)
{
	/* A stop is the host's, which restarts the call itself. */
	if (!thread->owed || thread->stop_due)
		return false;
	return value == -KBOX_ERESTARTNOINTR ||
	       (value == -KBOX_ERESTARTSYS &&
		thread->owed == KBOX_OWED_UNLESS_RESTARTED);
}
