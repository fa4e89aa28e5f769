/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KBOX_DISPATCH_WAIT_H
#define KBOX_DISPATCH_WAIT_H

#include "dispatch.h"

/* Which children a call waits for, as waitid(2) names them. */
struct kbox_waited_for {
	int type;	/* P_ALL, P_PID or P_PGID */
	int id;
};

/*
 * The verdict on a call that waits for children at the host without time
 * limit: KBOX_CONTINUE, or a reply of EINTR where the host has restarted it
 * after a handler that interrupts.
 */
enum kbox_verdict kbox_wait_natively(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call,
				     struct kbox_waited_for whom);

#endif
