/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process groups, as the host has them.
 *
 * Side: host.
 */
#include "group.h"

#include <errno.h>
#include <unistd.h>

int kbox_group_of(const struct kbox_process *process)
{
	int group = getpgid(process->tgid);

	return group < 0 ? -errno : group;
}

bool kbox_group_is_ours(struct kbox_box *box, int group)
{
	struct kbox_process *process;

	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		if (kbox_group_of(process) == group)
			return true;
	return false;
}

bool kbox_group_is_shared(const struct kbox_box *box, int group)
{
	return group == box->outer_group;
}

int kbox_group_for_each(struct kbox_box *box, int group,
			const struct kbox_process *except,
			int (*act)(struct kbox_process *process, void *context),
			void *context)
{
	struct kbox_process *process;
	int result = -ESRCH;

	KBOX_LIST_FOR_EACH(process, &box->processes, link) {
		int err;

		if (group < 0 ? process == except :
				kbox_group_of(process) != group)
			continue;
		err = act(process, context);
		if (result != 0)
			result = err;
	}
	return result;
}
