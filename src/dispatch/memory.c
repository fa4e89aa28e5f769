/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmap of a file.
 *
 * Side: host. The library kernel checks the call and gives the file's shadow;
 * it is put at the guest's own number for the file in its host table, and the
 * host maps it. When the same shadow is there already, nothing is to be put. The
 * filter lets mappings without a file through natively.
 */
#include <errno.h>
#include <fcntl.h>

#include "../base/cleanup.h"
#include "../guest/fd.h"
#include "../guest/lifeline.h"
#include "../shadow/shadow-cache.h"
#include "dispatch.h"

static enum kbox_verdict map_shadow(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, long value)
{
	KBOX_CLEANUP_CLOSE int shadow = -1;
	int slot = (int)call->args[4];
	unsigned long number;
	int err;

	if (value < 0)
		return kbox_reply(call, value);
	if (value == KBOX_SHADOW_HAVE) {
		/* Unless another thread took the slot while this one slept. */
		if (kbox_guest_shadow(thread->process, slot) == thread->map_has)
			return KBOX_CONTINUE;
		return kbox_dispatch_mmap(box, thread, call);
	}
	shadow = (int)value;
	number = kbox_shadow_number(shadow);
	/* In a child, or behind a duplicate: asking costs a tenth of putting. */
	if (kbox_guest_has_fd(box, thread->tid, slot, shadow)) {
		kbox_guest_note_shadow(thread->process, slot, number);
		return KBOX_CONTINUE;
	}
	err = kbox_lifeline_avoid(box, thread, slot);
	if (!err)
		err = kbox_guest_put_fd(box, thread, shadow, slot, O_CLOEXEC);
	if (err < 0)
		return kbox_reply(call, err);
	kbox_guest_note_shadow(thread->process, slot, number);
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_mmap(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call)
{
	unsigned long has = kbox_guest_shadow(thread->process,
					      (int)call->args[4]);
	const unsigned long args[6] = {
		(unsigned long)(int)call->args[4],
		call->args[2],
		call->args[3],
		call->args[1],
		call->args[5],
		has,
	};

	thread->map_has = has;
	return kbox_dispatch_library(box, thread, KBOX_CALL_MAP, args,
				     map_shadow);
}
