/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that the supervisor itself makes in the library kernel, one after
 * the other: before the first guest runs and after the last one ended, or, with
 * a box, among guests, for as long as each call takes (../guest/sync-call.h).
 *
 * Side: host.
 */
#ifndef KBOX_LKERNEL_CALLS_H
#define KBOX_LKERNEL_CALLS_H

#include <stdbool.h>

#include "../../abi/lkernel.h"
#include "loop.h"

struct kbox_box;

/* A kernel task to make calls with, and the loop that waits for them. */
struct kbox_caller {
	struct kbox_loop *loop;		/* not owned */
	struct kbox_task *task;
	struct kbox_box *box;		/* not owned; NULL: there are no guests */
	/* A call was given up: what its arguments lead to must last. */
	bool gave_up;
};

/*
 * Let the task make call @nr and wait for the result, a value or a negative
 * errno. Pointers among @args must mean something to the task. Returns when an
 * exec is ready to be committed, too: 0 then. -EIO when the kernel cannot
 * finish the call.
 */
long kbox_call(struct kbox_caller *caller, long nr,
	       const unsigned long args[6]);

/* kbox_callN(caller, nr, arguments): pointers and numbers alike. */
#define KBOX_ARG(x) ((unsigned long)(x))
#define kbox_call0(caller, nr)                                                \
	kbox_call(caller, nr, (const unsigned long[6]){ 0 })
#define kbox_call1(caller, nr, a)                                             \
	kbox_call(caller, nr, (const unsigned long[6]){ KBOX_ARG(a) })
#define kbox_call2(caller, nr, a, b)                                          \
	kbox_call(caller, nr,                                                 \
		  (const unsigned long[6]){ KBOX_ARG(a), KBOX_ARG(b) })
#define kbox_call3(caller, nr, a, b, c)                                       \
	kbox_call(caller, nr,                                                 \
		  (const unsigned long[6]){ KBOX_ARG(a), KBOX_ARG(b),         \
					    KBOX_ARG(c) })
#define kbox_call4(caller, nr, a, b, c, d)                                    \
	kbox_call(caller, nr,                                                 \
		  (const unsigned long[6]){ KBOX_ARG(a), KBOX_ARG(b),         \
					    KBOX_ARG(c), KBOX_ARG(d) })
#define kbox_call5(caller, nr, a, b, c, d, e)                                 \
	kbox_call(caller, nr,                                                 \
		  (const unsigned long[6]){ KBOX_ARG(a), KBOX_ARG(b),         \
					    KBOX_ARG(c), KBOX_ARG(d),         \
					    KBOX_ARG(e) })

/* Let the kernel finish what it can, and forget what it reports. */
void kbox_calls_drain(void);

#endif
