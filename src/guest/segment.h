/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's side of System V shared memory.
 *
 * Side: host. A segment that guests see is one of the library kernel's and one
 * of the host's, with the same number; guests attach the host's natively. The
 * supervisor has it attached, too, without access, and has marked it for
 * removal right after it was made: so it is there for as long as it is
 * attached, and nothing is left behind when kbox is killed. Linux lets others
 * attach to a segment that is so marked.
 *
 * Invariants
 *  1. A number in the table is that of a segment that we made. The host gives
 *     a number again only after thousands of segments.
 *  2. When guests have removed it, only they keep it.
 *
 * Sources: shmget(2), shmop(2), shmctl(2); ipc/shm.c.
 */
#ifndef KBOX_GUEST_SEGMENT_H
#define KBOX_GUEST_SEGMENT_H

#include <stdbool.h>
#include <sys/shm.h>
#include <time.h>

#include "box.h"

struct kbox_segment {
	int id;
	void *addr;		/* where we have it attached; NULL: removed */
	bool attached;		/* the library kernel counts it as attached */
	/* The last detaching, and who was the last, before our own. */
	time_t detached_at;
	int last_pid;
	struct kbox_list link;	/* in box->segments */
};

/* A new one of @bytes; @flags as shmget(2), without rights: its number. */
int kbox_segment_new(struct kbox_box *box, size_t bytes, int flags);

struct kbox_segment *kbox_segment_find(struct kbox_box *box, int id);

/*
 * What the host knows of it, without our own attachment; false when it is
 * gone.
 */
bool kbox_segment_stat(const struct kbox_box *box,
		       const struct kbox_segment *segment,
		       struct shmid_ds *ret_stat);

/* Guests have removed it: let it go with the last that has it attached. */
void kbox_segment_remove(const struct kbox_box *box,
			 struct kbox_segment *segment);

void kbox_segment_free(struct kbox_segment *segment);

#endif
