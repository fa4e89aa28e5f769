/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's side of System V shared memory.
 *
 * Side: host. The way it works is in segment.h.
 */
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Guests are the same user for the host; rights are the library kernel's. */
#define RIGHTS 0700

static int attach(int id, size_t bytes, void **ret_addr)
{
	void *addr = shmat(id, NULL, SHM_RDONLY);
	int err = addr == (void *)-1 ? -errno : 0;

	if (!err && mprotect(addr, bytes, PROT_NONE) < 0)
		err = -errno;
	/* From here on it lives for as long as it is attached. */
	if (shmctl(id, IPC_RMID, NULL) < 0 && !err)
		err = -errno;
	if (err && addr != (void *)-1)
		shmdt(addr);
	if (!err)
		*ret_addr = addr;
	return err;
}

int kbox_segment_new(struct kbox_box *box, size_t bytes, int flags)
{
	struct kbox_segment *segment = calloc(1, sizeof(*segment));
	int err;

	if (!segment)
		return -ENOMEM;
	segment->id = shmget(IPC_PRIVATE, bytes,
			     IPC_CREAT | RIGHTS | (flags & SHM_NORESERVE));
	err = segment->id < 0 ? -errno :
				attach(segment->id, bytes, &segment->addr);
	if (err < 0) {
		free(segment);
		return err;
	}
	kbox_list_add_tail(&box->segments, &segment->link);
	return segment->id;
}

struct kbox_segment *kbox_segment_find(struct kbox_box *box, int id)
{
	struct kbox_segment *segment;

	KBOX_LIST_FOR_EACH(segment, &box->segments, link)
		if (segment->id == id)
			return segment;
	return NULL;
}

bool kbox_segment_stat(const struct kbox_box *box,
		       const struct kbox_segment *segment,
		       struct shmid_ds *ret_stat)
{
	if (shmctl(segment->id, IPC_STAT, ret_stat) < 0)
		return false;
	if (segment->addr)
		ret_stat->shm_nattch--;
	if (ret_stat->shm_lpid == box->supervisor_pid) {
		ret_stat->shm_lpid = segment->last_pid;
		ret_stat->shm_dtime = segment->detached_at;
	}
	return true;
}

void kbox_segment_remove(const struct kbox_box *box,
			 struct kbox_segment *segment)
{
	struct shmid_ds stat;

	if (!segment->addr)
		return;
	if (kbox_segment_stat(box, segment, &stat)) {
		segment->last_pid = stat.shm_lpid;
		segment->detached_at = stat.shm_dtime;
	}
	shmdt(segment->addr);
	segment->addr = NULL;
}

void kbox_segment_free(struct kbox_segment *segment)
{
	if (segment->addr)
		shmdt(segment->addr);
	kbox_list_del(&segment->link);
	free(segment);
}
