/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shmget, shmat, shmctl. (shmdt is the caller's own memory.)
 *
 * Side: host. Keys, rights, limits and times are the library kernel's; memory,
 * and who has it attached, is the host's (src/guest/segment.h). Both use the
 * same number, which is the host's: a segment is made there first.
 */
#include "shm.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "../guest/segment.h"
#include "../guest/sync-call.h"

/* linux/shm.h: as SHM_STAT, without asking for the right to read. */
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

static void update(struct kbox_box *box, struct kbox_segment *segment)
{
	unsigned long args[6] = { (unsigned long)segment->id };
	struct shmid_ds stat;
	bool there = kbox_segment_stat(box, segment, &stat);
	long value = 0;

	if (there && stat.shm_nattch)
		return;
	if (segment->attached)
		kbox_call_wait(box, box->supervisor, KBOX_CALL_SHM_DETACH,
			       args, &value);
	segment->attached = false;
	if (!there)
		kbox_segment_free(segment);
}

void kbox_shm_update(struct kbox_box *box)
{
	struct kbox_segment *segment, *next;

	KBOX_LIST_FOR_EACH_SAFE(segment, next, &box->segments, link)
		if (segment->attached || !segment->addr)
			update(box, segment);
}

/* call->value is the number of the segment that was made at the host. */
static enum kbox_verdict made(struct kbox_box *box, struct kbox_thread *thread,
			      struct kbox_call *call, long value)
{
	struct kbox_segment *segment = kbox_segment_find(box, (int)call->value);

	(void)thread;
	if (segment && value != segment->id)
		kbox_segment_free(segment);
	return kbox_reply(call, value);
}

/* call->value is why the host could not make one. */
static enum kbox_verdict not_made(struct kbox_box *box,
				  struct kbox_thread *thread,
				  struct kbox_call *call, long value)
{
	(void)box;
	(void)thread;
	return kbox_reply(call, value == -ENOENT ? call->value : value);
}

enum kbox_verdict kbox_dispatch_shmget(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	int key = (int)call->args[0], flags = (int)call->args[2];
	unsigned long args[6];

	memcpy(args, call->args, sizeof(args));
	if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
		return kbox_dispatch_library(box, thread, call->nr, args, NULL);
	kbox_shm_update(box);
	call->value = kbox_segment_new(box, call->args[1], flags);
	if (call->value >= 0) {
		args[3] = (unsigned long)call->value;
		return kbox_dispatch_library(box, thread, KBOX_CALL_SHMGET,
					     args, made);
	}
	if (key == IPC_PRIVATE)
		return kbox_reply(call, call->value);
	args[2] = (unsigned long)(flags & ~IPC_CREAT);
	return kbox_dispatch_library(box, thread, call->nr, args, not_made);
}

/* The number is in a register: the host attaches what was judged. */
static enum kbox_verdict attached(struct kbox_box *box,
				  struct kbox_thread *thread,
				  struct kbox_call *call, long value)
{
	struct kbox_segment *segment =
		kbox_segment_find(box, (int)call->args[0]);

	(void)thread;
	if (value < 0)
		return kbox_reply(call, value);
	if (!segment)
		return kbox_reply(call, -EINVAL);
	segment->attached = true;
	return KBOX_CONTINUE;
}

enum kbox_verdict kbox_dispatch_shmat(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	kbox_shm_update(box);
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     attached);
}

static void write_field(struct kbox_thread *thread, size_t offset,
			const void *value, size_t len)
{
	kbox_guest_write(thread->tid, thread->call.args[2] + offset, value,
			 len);
}

/* What only the host knows, in the structure that the guest has got. */
static void complete_stat(struct kbox_box *box, struct kbox_thread *thread,
			  int id)
{
	struct kbox_segment *segment = kbox_segment_find(box, id);
	struct shmid_ds stat;

	if (!segment || !kbox_segment_stat(box, segment, &stat))
		return;
	write_field(thread, offsetof(struct shmid_ds, shm_nattch),
		    &stat.shm_nattch, sizeof(stat.shm_nattch));
	write_field(thread, offsetof(struct shmid_ds, shm_dtime),
		    &stat.shm_dtime, sizeof(stat.shm_dtime));
	write_field(thread, offsetof(struct shmid_ds, shm_lpid),
		    &stat.shm_lpid, sizeof(stat.shm_lpid));
}

static enum kbox_verdict controlled(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, long value)
{
	struct kbox_segment *segment;

	if (value < 0)
		return kbox_reply(call, value);
	switch ((int)call->args[1]) {
	case IPC_RMID:
		segment = kbox_segment_find(box, (int)call->args[0]);
		if (segment)
			kbox_segment_remove(box, segment);
		kbox_shm_update(box);
		break;
	case IPC_STAT:
		complete_stat(box, thread, (int)call->args[0]);
		break;
	case SHM_STAT:
	case SHM_STAT_ANY:
		complete_stat(box, thread, (int)value);
		break;
	}
	return kbox_reply(call, value);
}

enum kbox_verdict kbox_dispatch_shmctl(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	kbox_shm_update(box);
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     controlled);
}
