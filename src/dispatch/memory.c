/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmap of a file, msync, and what becomes of mappings.
 *
 * Side: host. The library kernel checks the call and gives the file's shadow;
 * it is put at the guest's own number for the file in its host table, and the
 * host maps it. When the same shadow is there already, nothing is to be put. The
 * filter lets mappings without a file through natively.
 *
 * Of shared mappings the host operations keep which process has some
 * (src/shadow/live.h). What they cannot see is told to them from here: children,
 * execs, ends, and calls under way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../guest/bind.h"
#include "../guest/fd.h"
#include "../guest/lifeline.h"
#include "../guest/process.h"
#include "../guest/table.h"
#include "../lkernel/host.h"
#include "../shadow/shadow-cache.h"
#include "dispatch.h"
#include "memory.h"

static enum kbox_verdict map_shadow(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, long value)
{
	KBOX_CLEANUP_CLOSE int shadow = -1;
	int slot = (int)call->args[4];
	unsigned long number;
	int err;

	thread->value_is_fd = false;
	if (value < 0)
		return kbox_reply(call, value);
	if (value == KBOX_SHADOW_HAVE) {
		/* Unless another thread took the slot while this one slept. */
		if (kbox_guest_shadow(thread->process, slot) == thread->map_has)
			return KBOX_CONTINUE;
		return kbox_dispatch_mmap(box, thread, call);
	}
	shadow = (int)value;
	thread->mapping = true;
	number = kbox_shadow_number(shadow);
	/* Perhaps inherited from a parent: asking costs a tenth of putting. */
	if (!thread->map_has &&
	    kbox_guest_has_fd(box, thread->tid, slot, shadow)) {
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
	thread->value_is_fd = true;
	return kbox_dispatch_library(box, thread, KBOX_CALL_MAP, args,
				     map_shadow);
}

/* The filter sends us MS_SYNC only: the others start nothing, natively too. */
enum kbox_verdict kbox_dispatch_msync(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	const unsigned long args[6] = { 0 };

	(void)call;
	if (!kbox_live_mapped_any(&kbox_host()->lives, thread->process->tgid))
		return KBOX_CONTINUE;
	return kbox_dispatch_library(box, thread, KBOX_CALL_MSYNC, args,
				     kbox_then_continue);
}

/* Whether thread @tid may be in an mmap call. */
static bool may_be_in_mmap(int tid)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	char path[40], text[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return len < 0 && errno != ESRCH;
	text[len] = '\0';
	/* Else it says "running". */
	return text[0] < '0' || text[0] > '9' || atol(text) == SYS_mmap;
}

static bool busy(void *context, int tgid)
{
	struct kbox_process *process = kbox_process_find(context, tgid);
	struct kbox_thread *thread;

	if (!process)
		return false;
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread->expect == KBOX_EXPECT_PROCESS ||
		    (thread->mapping && may_be_in_mmap(thread->tid)))
			return true;
	return false;
}

void kbox_memory_init(struct kbox_box *box)
{
	struct kbox_host *host = kbox_host();

	if (host) {
		host->lives.busy = busy;
		host->lives.busy_context = box;
	}
}

void kbox_memory_forked(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_host *host = kbox_host();

	if (host && kbox_live_inherit(&host->lives, process->parent_tgid,
				      process->tgid))
		kbox_process_punish(box, process, "no memory for a process");
}

void kbox_memory_gone(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_host *host = kbox_host();
	struct kbox_process *other;

	if (!host || !host->lives.count)
		return;
	/* After a vfork the parent goes on with the same mappings. */
	KBOX_LIST_FOR_EACH(other, &box->processes, link) {
		if (other == process || other->vm_id != process->vm_id)
			continue;
		if (kbox_live_inherit(&host->lives, process->tgid, other->tgid))
			kbox_process_punish(box, other, "no memory for it");
		break;
	}
	if (kbox_live_forget(&host->lives, process->tgid))
		kbox_lk_live_check();
}
