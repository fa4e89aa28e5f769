/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the image says about its users and its name.
 *
 * Side: host. Read through the library kernel with the first guest's task,
 * whose root is the image: nothing of the host's files is looked at.
 */
#ifndef KBOX_LAUNCH_USERLAND_H
#define KBOX_LAUNCH_USERLAND_H

#include <sys/types.h>

#include "calls.h"
#include "child.h"

/* A line of the image's /etc/passwd; what is not there has a default. */
struct kbox_user {
	const char *name;	/* or NULL */
	const char *home;	/* "/" by default */
	const char *shell;	/* "/bin/sh" by default */
};

/*
 * Find @uid. Never fails; the strings live as long as @child's shared pages.
 */
void kbox_userland_user(struct kbox_caller *first, struct kbox_child *child,
			uid_t uid, struct kbox_user *ret_user);

/* Set the host name from /etc/hostname, else to "kbox". */
void kbox_userland_set_hostname(struct kbox_caller *first,
				struct kbox_child *child);

/*
 * Find @uid in the passwd text @text, which is cut into strings. Exported for
 * tests.
 */
void kbox_userland_parse_passwd(char *text, uid_t uid,
				struct kbox_user *ret_user);

#endif
