/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls into the library kernel whose result the supervisor needs at once.
 *
 * Side: host.
 */
#include "sync-call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/check.h"

/* How long a call may sleep in the library kernel, in naps of 100 us. */
#define NAPS_MAX 50000

static void defer(struct kbox_box *box, const struct kbox_event *event)
{
	if (box->deferred_count == box->deferred_room) {
		unsigned int room = box->deferred_room * 2 + 16;
		struct kbox_event *grown;

		grown = realloc(box->deferred, room * sizeof(*grown));
		/* A lost event would leave a guest blocked for ever. */
		KBOX_CHECK(grown);
		box->deferred = grown;
		box->deferred_room = room;
	}
	box->deferred[box->deferred_count++] = *event;
}

static void nap(void)
{
	struct timespec time = { .tv_nsec = 100000 };

	nanosleep(&time, NULL);
}

int kbox_call_wait(struct kbox_box *box, struct kbox_task *task, long nr,
		   const unsigned long args[6], long *ret_value)
{
	unsigned int naps = 0;
	int status = kbox_lk_call(task, nr, args, ret_value);

	if (status != KBOX_CALL_PENDING)
		return status == KBOX_CALL_DONE	  ? 0 :
		       status == KBOX_CALL_EXITED ? -ESRCH :
						    status;
	for (;;) {
		struct kbox_event event;

		if (!kbox_lk_run(&event)) {
			if (++naps == NAPS_MAX)
				kbox_lk_interrupt(task);
			if (naps > 2 * NAPS_MAX) {
				/* Its own calls have results on our stack. */
				KBOX_CHECK(task != box->supervisor);
				return -ETIMEDOUT;
			}
			nap();
		} else if (event.task != task) {
			defer(box, &event);
		} else if (event.kind != KBOX_EVENT_EXITED) {
			*ret_value = event.kind == KBOX_EVENT_COMPLETED ?
					     event.value : 0;
			return 0;
		} else {
			defer(box, &event);
			return -ESRCH;
		}
	}
}

void kbox_forget_events(struct kbox_box *box, const struct kbox_task *task)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < box->deferred_count; i++)
		if (box->deferred[i].task != task)
			box->deferred[kept++] = box->deferred[i];
	box->deferred_count = kept;
}

int kbox_next_event(struct kbox_box *box, struct kbox_event *ret_event)
{
	if (!box->deferred_count)
		return kbox_lk_run(ret_event);
	*ret_event = box->deferred[0];
	box->deferred_count--;
	memmove(box->deferred, box->deferred + 1,
		box->deferred_count * sizeof(*box->deferred));
	return 1;
}
