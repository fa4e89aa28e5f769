/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prctl: each operation has an owner of its own.
 *
 * Side: host. What is not in the table is EINVAL, as for a kernel that does
 * not know it.
 */
#include <errno.h>
#include <sys/prctl.h>

#include "../base/macros.h"
#include "dispatch.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

enum owner {
	LIBRARY,	/* identity, and what /proc shows */
	HOST,		/* the calling process alone: time, memory, signals */
	BOTH,
};

static const struct {
	int op;
	enum owner owner;
} operations[] = {
	{ PR_SET_PDEATHSIG, HOST },
	{ PR_GET_PDEATHSIG, HOST },
	/* At the host it would close the guest's memory to the supervisor. */
	{ PR_GET_DUMPABLE, LIBRARY },
	{ PR_SET_DUMPABLE, LIBRARY },
	{ PR_GET_KEEPCAPS, LIBRARY },
	{ PR_SET_KEEPCAPS, LIBRARY },
	{ PR_GET_TIMING, HOST },
	{ PR_SET_TIMING, HOST },
	{ PR_SET_NAME, BOTH },
	{ PR_GET_NAME, LIBRARY },
	{ PR_CAPBSET_READ, LIBRARY },
	{ PR_CAPBSET_DROP, LIBRARY },
	{ PR_GET_TSC, HOST },
	{ PR_SET_TSC, HOST },
	{ PR_GET_SECUREBITS, LIBRARY },
	{ PR_SET_SECUREBITS, LIBRARY },
	{ PR_SET_TIMERSLACK, HOST },
	{ PR_GET_TIMERSLACK, HOST },
	{ PR_MCE_KILL, HOST },
	{ PR_MCE_KILL_GET, HOST },
	{ PR_SET_CHILD_SUBREAPER, BOTH },
	{ PR_GET_CHILD_SUBREAPER, HOST },
	{ PR_SET_NO_NEW_PRIVS, LIBRARY },
	{ PR_GET_NO_NEW_PRIVS, LIBRARY },
	{ PR_GET_TID_ADDRESS, HOST },
	{ PR_SET_THP_DISABLE, HOST },
	{ PR_GET_THP_DISABLE, HOST },
	{ PR_CAP_AMBIENT, LIBRARY },
	{ PR_GET_SPECULATION_CTRL, HOST },
	{ PR_SET_SPECULATION_CTRL, HOST },
	{ PR_SET_IO_FLUSHER, LIBRARY },
	{ PR_GET_IO_FLUSHER, LIBRARY },
	/* Comes before the filter, for calls of the caller alone. */
	{ PR_SET_SYSCALL_USER_DISPATCH, HOST },
	{ PR_SET_MDWE, HOST },
	{ PR_GET_MDWE, HOST },
	{ PR_SET_MEMORY_MERGE, HOST },
	{ PR_GET_MEMORY_MERGE, HOST },
	{ PR_SET_VMA, HOST },
	/* The host's is the loader's. */
	{ PR_GET_AUXV, LIBRARY },
};

enum kbox_verdict kbox_dispatch_prctl(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	int op = (int)call->args[0];

	/* The host's copy of the layout is the loader's, not the program's. */
	if (op == PR_SET_MM)
		return kbox_reply(call, -EPERM);
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(operations); i++) {
		if (operations[i].op != op)
			continue;
		if (operations[i].owner == HOST)
			return KBOX_CONTINUE;
		return kbox_dispatch_library(box, thread, call->nr, call->args,
					     operations[i].owner == BOTH ?
						     kbox_then_continue :
						     NULL);
	}
	return kbox_reply(call, -EINVAL);
}
