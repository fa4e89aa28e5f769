/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who the first guest is, inside.
 *
 * Side: host. The host process runs as the user who started kbox, always; what
 * is chosen here are the credentials of its task in the library kernel.
 */
#ifndef KBOX_LAUNCH_IDENTITY_H
#define KBOX_LAUNCH_IDENTITY_H

#include "../lkernel/calls.h"
#include "child.h"
#include "options.h"

struct kbox_identity {
	uid_t uid;
	gid_t gid;
	bool own_groups;	/* with the user's supplementary groups */
};

/* --change-id, else -0, else what the mode implies. */
void kbox_identity_choose(const struct kbox_options *options,
			  struct kbox_identity *ret_identity);

/* Give it to the task, which must be root. 0 or -errno after one line. */
int kbox_identity_apply(struct kbox_caller *first, struct kbox_child *child,
			const struct kbox_identity *identity);

#endif
