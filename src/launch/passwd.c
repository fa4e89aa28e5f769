/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image's /etc/passwd and /etc/group.
 *
 * Side: host. The text comes from the image: lines that do not look right are
 * passed over. Sources: passwd(5), group(5).
 */
#include "passwd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The next field of a line, up to a colon; NULL after the last. */
static char *next_field(char **line)
{
	char *field = *line;
	char *end;

	if (!field)
		return NULL;
	end = strchr(field, ':');
	*line = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return field;
}

bool kbox_passwd_parse_id(const char *text, uid_t *ret_id)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	/* The highest number means "unchanged" to the kernel. */
	if (*text < '0' || *text > '9' || *end || errno || value >= (uid_t)-1)
		return false;
	*ret_id = (uid_t)value;
	return true;
}

/* Fill *@ret_user from a line; whether it looks right. */
static bool parse_line(char *line, struct kbox_user *ret_user)
{
	struct kbox_user user = *ret_user;
	char *uid, *gid, *home, *shell;

	user.name = next_field(&line);
	next_field(&line);
	uid = next_field(&line);
	gid = next_field(&line);
	if (!uid || !kbox_passwd_parse_id(uid, &user.uid))
		return false;
	if (!gid || !kbox_passwd_parse_id(gid, &user.gid))
		user.gid = 0;
	next_field(&line);
	home = next_field(&line);
	shell = next_field(&line);
	if (home && home[0] == '/')
		user.home = home;
	if (shell && shell[0] == '/')
		user.shell = shell;
	*ret_user = user;
	return true;
}

/* By @name, or by @uid when that is NULL. */
static bool find(char *text, const char *name, uid_t uid,
		 struct kbox_user *ret_user)
{
	char *line, *rest = NULL;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct kbox_user user = *ret_user;

		if (!parse_line(line, &user) ||
		    (name ? strcmp(user.name, name) : user.uid != uid))
			continue;
		*ret_user = user;
		return true;
	}
	return false;
}

void kbox_passwd_find(char *text, uid_t uid, struct kbox_user *ret_user)
{
	find(text, NULL, uid, ret_user);
}

bool kbox_passwd_find_name(char *text, const char *name,
			   struct kbox_user *ret_user)
{
	return find(text, name, 0, ret_user);
}

bool kbox_passwd_find_group(char *text, const char *name, gid_t *ret_gid)
{
	char *line, *rest = NULL;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *got = next_field(&line);
		const char *gid;

		next_field(&line);
		gid = next_field(&line);
		if (gid && !strcmp(got, name) &&
		    kbox_passwd_parse_id(gid, ret_gid))
			return true;
	}
	return false;
}
