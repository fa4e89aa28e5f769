/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the image says about its users and its name.
 *
 * Side: host. Source: hostname(5).
 */
#include "userland.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../base/limits.h"

/*
 * Other kinds of file could block or have side effects, and are left alone.
 */
char *kbox_userland_read(struct kbox_caller *first, struct kbox_child *child,
			 const char *path, size_t max)
{
	char *shared_path = kbox_child_strdup(child, path);
	struct stat *st = kbox_child_alloc(child, sizeof(*st));
	char *text = NULL;
	long fd, n = 0;

	if (!shared_path || !st)
		return NULL;
	fd = kbox_call2(first, SYS_open, shared_path,
			O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!kbox_call2(first, SYS_fstat, fd, st) && S_ISREG(st->st_mode)) {
		if ((size_t)st->st_size < max)
			max = (size_t)st->st_size;
		text = kbox_child_alloc(child, max + 1);
	}
	if (text)
		n = kbox_call3(first, SYS_read, fd, text, max);
	kbox_call1(first, SYS_close, fd);
	return n > 0 ? text : NULL;
}

void kbox_userland_user(struct kbox_caller *first, struct kbox_child *child,
			uid_t uid, struct kbox_user *ret_user)
{
	char *text = kbox_userland_read(first, child, "/etc/passwd",
					KBOX_GUEST_FILE_MAX);

	ret_user->name = NULL;
	ret_user->home = "/";
	ret_user->shell = "/bin/sh";
	if (text)
		kbox_passwd_find(text, uid, ret_user);
}

void kbox_userland_set_hostname(struct kbox_caller *first,
				struct kbox_child *child)
{
	char *text = kbox_userland_read(first, child, "/etc/hostname",
					4096);
	size_t len = 0;

	while (text && text[0] == '#') {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (text) {
		text += strspn(text, " \t\n");
		len = strcspn(text, " \t\r\n");
	}
	if (!len || len > HOST_NAME_MAX) {
		text = kbox_child_strdup(child, "kbox");
		len = 4;
	}
	if (text)
		kbox_call2(first, SYS_sethostname, text, len);
}
