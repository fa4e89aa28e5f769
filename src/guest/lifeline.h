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
 * Not covered: a child that has not made its first call yet. It meets its end
 * in that call, which nobody answers any more (ENOSYS), or goes on computing.
 *
 * Sources: fcntl(2), fs/pipe.c (pipe_release).
 */
#ifndef KBOX_GUEST_LIFELINE_H
#define KBOX_GUEST_LIFELINE_H

#include "box.h"

/*
 * Give the process of @thread, whose notification is open, its lifeline if it
 * has none yet. 0, -ENOENT when the thread is gone, or another -errno.
 */
int kbox_lifeline_attach(struct kbox_box *box, struct kbox_thread *thread);

/*
 * The guest wants to use slot @slot of its host table: move the lifeline out
 * of its way. 0 or -errno.
 */
int kbox_lifeline_avoid(struct kbox_box *box, struct kbox_thread *thread,
			int slot);

#endif
