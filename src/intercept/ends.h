/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ends of guest processes.
 *
 * Side: host. A pidfd in the event loop tells of an end before notifications
 * of the same round are served, so a parent that has seen its child end also
 * sees its pipes closed and its locks gone.
 */
#ifndef KBOX_INTERCEPT_ENDS_H
#define KBOX_INTERCEPT_ENDS_H

#include "../guest/box.h"

/* Watch for the ends of all processes from now on. */
void kbox_ends_init(struct kbox_box *box);

/* Look at processes without a pidfd, when it is time to. */
void kbox_ends_check(struct kbox_box *box);

/* Wait for ended children, and note the first guest's status. */
void kbox_ends_reap(struct kbox_box *box);

/*
 * Kill all guests and wait for their ends, their tasks' ends included. 0, or
 * -ETIMEDOUT when the host did not end all of them within KBOX_KILL_GRACE_NS.
 */
int kbox_ends_kill_all(struct kbox_box *box);

#endif
