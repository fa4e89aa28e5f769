/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image's /etc/passwd.
 *
 * Side: host. The text comes from the image: lines that do not look right are
 * passed over. Source: passwd(5).
 */
#include "passwd.h"

#include <errno.h>
#include <stdbool.h>
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

static bool is_uid(const char *text, uid_t uid)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	return *text && !*end && !errno && value == uid;
}

void kbox_passwd_find(char *text, uid_t uid,
				struct kbox_user *ret_user)
{
	char *line, *rest = NULL;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *name = next_field(&line);
		char *home, *shell, *id;

		next_field(&line);
		id = next_field(&line);
		if (!id || !is_uid(id, uid))
			continue;
		next_field(&line);
		next_field(&line);
		home = next_field(&line);
		shell = next_field(&line);
		ret_user->name = name;
		if (home && home[0] == '/')
			ret_user->home = home;
		if (shell && shell[0] == '/')
			ret_user->shell = shell;
		return;
	}
}
