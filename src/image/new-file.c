/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that appears when it is complete; see new-file.h.
 *
 * Side: host. Source: open(2), O_TMPFILE.
 */
#include "new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"

static int complain(const struct kbox_new_file *file, int err)
{
	kbox_error("%s: cannot be written: %s", file->path, strerror(err));
	return -err;
}

static mode_t mode_of_new_files(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* ".NAME.XXXXXX" beside it. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *result;

	if (asprintf(&result, "%.*s.%s.XXXXXX", (int)(name - path), path,
		     name) < 0)
		return NULL;
	return result;
}

static int open_nameless(const char *path)
{
	const char *slash = strrchr(path, '/');
	KBOX_CLEANUP_FREE char *folder =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	return folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666) : -1;
}

int kbox_new_file_create(struct kbox_new_file *file, const char *path)
{
	memset(file, 0, sizeof(*file));
	file->path = path;
	file->fd = open_nameless(path);
	if (file->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		file->temporary = temporary_name(path);
		if (!file->temporary)
			return complain(file, ENOMEM);
		file->fd = mkostemp(file->temporary, O_CLOEXEC);
		if (file->fd >= 0)
			fchmod(file->fd, mode_of_new_files());
	}
	if (file->fd < 0)
		return complain(file, errno);
	snprintf(file->name, sizeof(file->name), "/proc/self/fd/%d", file->fd);
	return 0;
}

/* A link never replaces a file, so one more name is needed. */
static int give_name(struct kbox_new_file *file)
{
	for (int tries = 0; tries < 100; tries++) {
		char *name = temporary_name(file->path);
		int fd = name ? mkostemp(name, O_CLOEXEC) : -1;

		if (fd < 0) {
			free(name);
			return -errno;
		}
		/* The name is free, at least now. */
		close(fd);
		unlink(name);
		if (!linkat(AT_FDCWD, file->name, AT_FDCWD, name,
			    AT_SYMLINK_FOLLOW)) {
			file->temporary = name;
			return 0;
		}
		free(name);
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int kbox_new_file_keep(struct kbox_new_file *file)
{
	int err = fsync(file->fd) < 0 ? -errno : 0;

	if (!err && !file->temporary)
		err = give_name(file);
	if (!err && rename(file->temporary, file->path) < 0)
		err = -errno;
	if (err)
		return complain(file, -err);
	free(file->temporary);
	file->temporary = NULL;
	return 0;
}

void kbox_new_file_drop(struct kbox_new_file *file)
{
	if (file->temporary)
		unlink(file->temporary);
	free(file->temporary);
	file->temporary = NULL;
	file->fd = kbox_close(file->fd);
}
