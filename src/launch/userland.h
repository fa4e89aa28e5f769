/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the image says about its users and its name.
 *
 * Side: host. Read through the library kernel with the first guest's task,
 * whose root is the image: nothing of the host's files is looked at.
 */
#ifndef KBOX_LAUNCH_USERLAND_H
#define KBOX_LAUNCH_USERLAND_H

#include "../lkernel/calls.h"
#include "child.h"
#include "passwd.h"

/*
 * Find @uid. Never fails; the strings live as long as @child's shared pages.
 */
void kbox_userland_user(struct kbox_caller *first, struct kbox_child *child,
			uid_t uid, struct kbox_user *ret_user);

/*
 * The beginning of a regular file as a string that lives as long as @child's shared
 * pages, at most @max bytes of it; NULL when there is none or it is empty.
 */
char *kbox_userland_read(struct kbox_caller *first, struct kbox_child *child,
			 const char *path, size_t max);

/* Set the host name from /etc/hostname, else to "kbox". */
void kbox_userland_set_hostname(struct kbox_caller *first,
				struct kbox_child *child);

#endif
