/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unshare and close_range, as far as they part with a shared descriptor table.
 *
 * Side: host. A mapping uses the slot of its descriptor in the host's table. So
 * threads that have parted in the library kernel must have in the host, too,
 * or two that map the same number would meet in one slot. The library kernel
 * goes first; then the host does the very call. Of unshare it may do only what
 * gives it nothing: no namespaces. Of close_range it closes slots, which are
 * filled again where they are needed (kbox_lifeline_attach()).
 */
#include <errno.h>
#include <linux/close_range.h>
#include <sched.h>

#include "../guest/table.h"
#include "dispatch.h"

#define HARMLESS (CLONE_FILES | CLONE_FS | CLONE_SYSVSEM)

/* A single thread shares its table with nobody any more. */
static void note_parted(struct kbox_box *box, struct kbox_process *process)
{
	kbox_process_forget_slots(process);
	if (process->threads.next == process->threads.prev)
		process->files_id = ++box->next_files_id;
}

static enum kbox_verdict unshared(struct kbox_box *box,
				  struct kbox_thread *thread,
				  struct kbox_call *call, long value)
{
	if (value < 0)
		return kbox_reply(call, value);
	note_parted(box, thread->process);
	return KBOX_CONTINUE;
}

/*
 * Not offered: a table of one's own together with namespaces, while the table
 * is shared. Programs that do that have one thread.
 */
enum kbox_verdict kbox_dispatch_unshare(struct kbox_box *box,
					struct kbox_thread *thread,
					struct kbox_call *call)
{
	unsigned long flags = call->args[0];

	if (!(flags & CLONE_FILES) ||
	    !kbox_process_shares_files(box, thread->process))
		return kbox_dispatch_library(box, thread, call->nr, call->args,
					     NULL);
	if (flags & ~(unsigned long)HARMLESS)
		return kbox_reply(call, -EINVAL);
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     unshared);
}

static enum kbox_verdict parted(struct kbox_box *box,
				struct kbox_thread *thread,
				struct kbox_call *call, long value)
{
	if (value < 0)
		return kbox_reply(call, value);
	note_parted(box, thread->process);
	thread->slots_lost = true;
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_close_range(struct kbox_box *box,
					    struct kbox_thread *thread,
					    struct kbox_call *call)
{
	bool parts = (call->args[2] & CLOSE_RANGE_UNSHARE) &&
		     kbox_process_shares_files(box, thread->process);

	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     parts ? parted : NULL);
}
