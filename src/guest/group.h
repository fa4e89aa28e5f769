/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process groups, as the host has them.
 *
 * Side: host. The first guest is born into the supervisor's own group, which
 * holds processes that are none of the box's; what guests do to that group is
 * done to the members in the box one by one. All other groups that guests can
 * be in have been made by guests.
 */
#ifndef KBOX_GUEST_GROUP_H
#define KBOX_GUEST_GROUP_H

#include "box.h"

/* The group of @process, or -errno. */
int kbox_group_of(const struct kbox_process *process);

/* Whether some process of the box is in @group. */
bool kbox_group_is_ours(struct kbox_box *box, int group);

/* Whether others than processes of the box may be in @group. */
bool kbox_group_is_shared(const struct kbox_box *box, int group);

/*
 * Call @act for each process of the box in @group; -1 for all but @except.
 * 0 when it gave 0 for any, else the last result, or -ESRCH without members.
 */
int kbox_group_for_each(struct kbox_box *box, int group,
			const struct kbox_process *except,
			int (*act)(struct kbox_process *process, void *context),
			void *context);

#endif
