/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that the supervisor itself makes in the library kernel.
 *
 * Side: host. While there are no guests, whatever the kernel reports belongs to
 * the one call under way.
 */
#include "calls.h"

#include <errno.h>

#include "../guest/sync-call.h"
#include "host.h"

static long call_among_guests(struct kbox_caller *caller, long nr,
			      const unsigned long args[6])
{
	long value = -EIO;
	int err = kbox_call_wait(caller->box, caller->task, nr, args, &value);

	caller->gave_up |= err == -ETIMEDOUT;
	return err ? err : value;
}

long kbox_call(struct kbox_caller *caller, long nr, const unsigned long args[6])
{
	struct kbox_event event;
	long value = -EIO;
	int status;

	if (caller->box)
		return call_among_guests(caller, nr, args);
	status = kbox_lk_call(caller->task, nr, args, &value);
	if (status < 0)
		return status;
	if (status == KBOX_CALL_DONE)
		return value;
	if (status == KBOX_CALL_EXITED)
		return 0;
	for (;;) {
		int more = kbox_lk_run(&event);

		if (more < 0)
			return more;
		if (more && event.task == caller->task)
			return event.kind == KBOX_EVENT_COMPLETED ?
				       event.value : 0;
		if (!more && kbox_loop_wait(caller->loop,
					    kbox_lk_next_event_ns()) < 0)
			return -EIO;
	}
}

void kbox_calls_drain(void)
{
	struct kbox_event event;

	while (kbox_lk_run(&event) > 0)
		;
}
