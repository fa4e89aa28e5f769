/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision what to do with a guest's call.
 *
 * Side: host. On a call's way between the notification (src/intercept) and the
 * library kernel. abi/syscalls.tbl says which calls are forwarded as they are
 * and which have a handler; the handlers are one file per family.
 *
 * Invariants
 *  1. A call is handed to the host only if nothing that decides what it does
 *     to others lies in guest memory, which other threads can change after
 *     the check. Registers cannot change.
 *  2. Handlers never block for a guest.
 */
#ifndef KBOX_DISPATCH_DISPATCH_H
#define KBOX_DISPATCH_DISPATCH_H

#include "../guest/box.h"

typedef enum kbox_verdict kbox_handler(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call);

#define KBOX_SPLIT(nr, handler) kbox_handler kbox_dispatch_##handler;
#include "dispatch-table.h"
#undef KBOX_SPLIT

/* Serve thread->call. */
enum kbox_verdict kbox_dispatch(struct kbox_box *box,
				struct kbox_thread *thread);

/* Go on with thread->call, which was pending and has given @value. */
enum kbox_verdict kbox_dispatch_completed(struct kbox_box *box,
					  struct kbox_thread *thread,
					  long value);

/*
 * For handlers: let the library kernel do call @nr with @args; @then goes on
 * with the result, now or later. NULL: it is the result of the guest's call.
 */
enum kbox_verdict kbox_dispatch_library(struct kbox_box *box,
					struct kbox_thread *thread, long nr,
					const unsigned long args[6],
					kbox_then *then);

/* A kbox_then: the host does the call, too, if the library kernel agreed. */
enum kbox_verdict kbox_then_continue(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call, long value);

/* A kbox_then: the host decides; the library kernel was only told. */
enum kbox_verdict kbox_then_continue_anyway(struct kbox_box *box,
					    struct kbox_thread *thread,
					    struct kbox_call *call, long value);

/* The guest's call has the result @value, an errno when negative. */
static inline enum kbox_verdict kbox_reply(struct kbox_call *call, long value)
{
	call->value = value;
	return KBOX_REPLY;
}

#endif
