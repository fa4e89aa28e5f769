/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seccomp.
 *
 * Side: host. A guest's own filter would be asked before kbox's, about calls
 * that kbox has already changed, and could keep the supervisor from seeing
 * them. So it is as on a kernel built without: ENOSYS here, EINVAL from prctl.
 */
#include <errno.h>

#include "dispatch.h"

enum kbox_verdict kbox_dispatch_seccomp(struct kbox_box *box,
					struct kbox_thread *thread,
					struct kbox_call *call)
{
	(void)box;
	(void)thread;
	return kbox_reply(call, -ENOSYS);
}
