/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image's /etc/passwd.
 *
 * Side: host.
 */
#ifndef KBOX_LAUNCH_PASSWD_H
#define KBOX_LAUNCH_PASSWD_H

#include <sys/types.h>

/* A line of it; what is not there has a default. */
struct kbox_user {
	const char *name;	/* or NULL */
	const char *home;	/* "/" by default */
	const char *shell;	/* "/bin/sh" by default */
};

/*
 * Find the first line of @uid in @text, which is cut into strings: *@ret_user
 * points into it, and is left alone when there is no such line.
 */
void kbox_passwd_find(char *text, uid_t uid, struct kbox_user *ret_user);

#endif
