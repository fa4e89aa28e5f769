/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image's /etc/passwd and /etc/group.
 *
 * Side: host.
 */
#ifndef KBOX_LAUNCH_PASSWD_H
#define KBOX_LAUNCH_PASSWD_H

#include <stdbool.h>
#include <sys/types.h>

/* A line of it; what is not there has a default. */
struct kbox_user {
	const char *name;	/* or NULL */
	const char *home;	/* "/" by default */
	const char *shell;	/* "/bin/sh" by default */
	uid_t uid;
	gid_t gid;
};

/*
 * Find the first line of @uid in @text, which is cut into strings: *@ret_user
 * points into it, and is left alone when there is no such line.
 */
void kbox_passwd_find(char *text, uid_t uid, struct kbox_user *ret_user);

/* The same by the user's name. Whether there is such a line. */
bool kbox_passwd_find_name(char *text, const char *name,
			   struct kbox_user *ret_user);

/*
 * The number of a group, in the text of an /etc/group, which is cut into strings.
 * Whether there is such a line.
 */
bool kbox_passwd_find_group(char *text, const char *name, gid_t *ret_gid);

/* A decimal user or group number. Whether @text is one. */
bool kbox_passwd_parse_id(const char *text, uid_t *ret_id);

#endif
