/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmap of a file.
 *
 * Side: host. The library kernel checks the call and gives the file's shadow;
 * it is put at the guest's own number for the file in its host table, and the
 * host maps it. Mapping the same file again finds the cache's shadow there, as
 * the same open file: then nothing is to be put. The filter lets mappings
 * without a file through natively.
 */
#include <errno.h>
#include <fcntl.h>

#include "../base/cleanup.h"
#include "../guest/fd.h"
#include "../guest/lifeline.h"
#include "dispatch.h"

static enum kbox_verdict map_shadow(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, long value)
{
	KBOX_CLEANUP_CLOSE int shadow = -1;
	int slot = (int)call->args[4];
	int err;

	if (value < 0)
		return kbox_reply(call, value);
	shadow = (int)value;
	/* Putting it there wakes the guest twice; asking costs a tenth. */
	if (kbox_guest_has_fd(box, thread->tid, slot, shadow))
		return KBOX_CONTINUE;
	err = kbox_lifeline_avoid(box, thread, slot);
	if (!err)
		err = kbox_guest_put_fd(box, thread, shadow, slot, O_CLOEXEC);
	return err < 0 ? kbox_reply(call, err) : KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_mmap(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call)
{
	const unsigned long args[6] = {
		(unsigned long)(int)call->args[4],
		call->args[2],
		call->args[3],
		call->args[1],
		call->args[5],
	};

	return kbox_dispatch_library(box, thread, KBOX_CALL_MAP, args,
				     map_shadow);
}
