/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who the first guest is, inside.
 *
 * Side: host. Source: credentials(7).
 */
#include "identity.h"

#include <grp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/log.h"

void kbox_identity_choose(const struct kbox_options *options,
			  struct kbox_identity *ret_identity)
{
	ret_identity->own_groups = false;
	if (options->change_id) {
		ret_identity->uid = options->uid;
		ret_identity->gid = options->gid;
	} else if (options->root_identity ||
		   options->mode == KBOX_MODE_SYSTEM) {
		ret_identity->uid = 0;
		ret_identity->gid = 0;
	} else {
		ret_identity->uid = getuid();
		ret_identity->gid = getgid();
		ret_identity->own_groups = true;
	}
}

static long set_groups(struct kbox_caller *first, struct kbox_child *child,
		       const struct kbox_identity *identity)
{
	int count = identity->own_groups ? getgroups(0, NULL) : 0;
	gid_t *groups = NULL;

	if (count > 0) {
		groups = kbox_child_alloc(child,
					  (size_t)count * sizeof(*groups));
		count = groups ? getgroups(count, groups) : 0;
	}
	return kbox_call2(first, SYS_setgroups, count > 0 ? count : 0, groups);
}

int kbox_identity_apply(struct kbox_caller *first, struct kbox_child *child,
			const struct kbox_identity *identity)
{
	long err = set_groups(first, child, identity);

	if (!err)
		err = kbox_call3(first, SYS_setresgid, identity->gid,
				 identity->gid, identity->gid);
	if (!err)
		err = kbox_call3(first, SYS_setresuid, identity->uid,
				 identity->uid, identity->uid);
	if (err)
		kbox_error("cannot become user %u:%u inside: %s",
			   identity->uid, identity->gid, strerror((int)-err));
	return (int)err;
}
