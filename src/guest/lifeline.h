/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lifeline: what ends the guests when the supervisor is killed.
 *
 * Side: host.
 *
 * Each guest process holds, in its host table, the read end of one pipe whose
 * only write end is the supervisor's; the open file is one of its own, with
 * the process as its owner (F_SETOWN) and SIGKILL as its signal (F_SETSIG).
 * When the supervisor ends, however, the host closes the write end and signals
 * the owners of all read ends: the guests die with it.
 *
 * Invariants
 *  1. Processes that may share a host table (equal files_id) have different
 *     pairs of slots for it. One that shares with nobody has pair 0.
 *  2. Each host table of a process has its lifeline in one slot of the pair at
 *     least, whatever threads have tables of their own: before one slot is
 *     used otherwise, a lifeline is put into the other one. A table made by
 *     unshare or fork is a copy; after close_range the thread gets a new one
 *     at its next call (slots_lost).
 *
 * Not covered: a child that has not made its first call yet. It meets its end
 * in that call, which nobody answers any more (ENOSYS), or goes on computing.
 *
 * Sources: fcntl(2), fs/pipe.c (pipe_release).
 */
#ifndef KBOX_GUEST_LIFELINE_H
#define KBOX_GUEST_LIFELINE_H

#include "box.h"

/*
 * A pair of slots that no process uses which may share the host table
 * @files_id; or -EAGAIN.
 */
int kbox_lifeline_free_pair(struct kbox_box *box, unsigned long files_id);

/* Whether @slot may hold a lifeline. */
bool kbox_lifeline_reserves(const struct kbox_box *box, long slot);

/*
 * Give the process of @thread, whose notification is open, its lifeline if it,
 * or the host table of @thread, has none yet. 0, -ENOENT when the thread is
 * gone, or another -errno.
 */
int kbox_lifeline_attach(struct kbox_box *box, struct kbox_thread *thread);

/*
 * The guest wants to use slot @slot of its host table: if lifelines may be
 * there, put them elsewhere. 0 or -errno.
 */
int kbox_lifeline_avoid(struct kbox_box *box, struct kbox_thread *thread,
			int slot);

#endif
