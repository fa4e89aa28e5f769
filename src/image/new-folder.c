/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A folder that appears when it is complete; see new-folder.h.
 *
 * Side: host.
 */
#include "new-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "../base/macros.h"

/* Descriptors that removing may use at once. */
#define REMOVE_DESCRIPTORS 8

static struct kbox_new_folder *of(struct kbox_sink *sink)
{
	return KBOX_CONTAINER_OF(sink, struct kbox_new_folder, sink);
}

static int complain(const struct kbox_new_folder *folder, int err)
{
	kbox_error("%s: cannot be written: %s", folder->path, strerror(err));
	return -err;
}

static int take_entry(struct kbox_sink *sink, struct archive_entry *entry)
{
	struct kbox_new_folder *folder = of(sink);
	const char *path = archive_entry_pathname(entry);

	if (archive_entry_filetype(entry) == AE_IFDIR)
		return mkdirat(folder->fd, path, 0777) < 0 ?
			       complain(folder, errno) : 0;
	folder->file_fd = openat(folder->fd, path,
				 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return folder->file_fd < 0 ? complain(folder, errno) : 0;
}

static int take_data(struct kbox_sink *sink, const void *data, size_t len,
		     unsigned long long offset)
{
	struct kbox_new_folder *folder = of(sink);

	while (len) {
		ssize_t n = pwrite(folder->file_fd, data, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return complain(folder, n ? errno : EIO);
		data = (const char *)data + n;
		len -= (size_t)n;
		offset += (unsigned long long)n;
	}
	return 0;
}

static int take_end(struct kbox_sink *sink)
{
	struct kbox_new_folder *folder = of(sink);
	int err = 0;

	if (folder->file_fd >= 0 && fsync(folder->file_fd) < 0)
		err = complain(folder, errno);
	folder->file_fd = kbox_close(folder->file_fd);
	return err;
}

/* mkdtemp() makes it the user's alone. */
static mode_t mode_of_new_folders(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0777 & ~mask;
}

static int make(struct kbox_new_folder *folder)
{
	const char *slash = strrchr(folder->path, '/');
	const char *name = slash ? slash + 1 : folder->path;

	if (asprintf(&folder->temporary, "%.*s.%s.XXXXXX",
		     (int)(name - folder->path), folder->path, name) < 0) {
		folder->temporary = NULL;
		return complain(folder, ENOMEM);
	}
	if (!mkdtemp(folder->temporary)) {
		free(KBOX_TAKE_PTR(folder->temporary));
		return complain(folder, errno);
	}
	folder->fd = open(folder->temporary,
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0 || fchmod(folder->fd, mode_of_new_folders()) < 0)
		return complain(folder, errno);
	return 0;
}

int kbox_new_folder_check(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	kbox_error("%s: exists; name a new folder", path);
	return -EEXIST;
}

int kbox_new_folder_create(struct kbox_new_folder *folder, const char *path)
{
	int err = kbox_new_folder_check(path);

	if (err)
		return err;
	memset(folder, 0, sizeof(*folder));
	folder->sink.entry = take_entry;
	folder->sink.data = take_data;
	folder->sink.end = take_end;
	folder->path = path;
	folder->fd = -1;
	folder->file_fd = -1;
	err = make(folder);
	if (err)
		kbox_new_folder_drop(folder);
	return err;
}

int kbox_new_folder_keep(struct kbox_new_folder *folder)
{
	/* Onto an empty folder only, whoever made one meanwhile. */
	if (fsync(folder->fd) < 0 ||
	    rename(folder->temporary, folder->path) < 0)
		return complain(folder, errno);
	free(folder->temporary);
	folder->temporary = NULL;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	remove(path);
	return 0;
}

void kbox_new_folder_remove(const char *path)
{
	nftw(path, remove_one, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

void kbox_new_folder_drop(struct kbox_new_folder *folder)
{
	if (folder->temporary)
		kbox_new_folder_remove(folder->temporary);
	free(folder->temporary);
	folder->temporary = NULL;
	folder->file_fd = kbox_close(folder->file_fd);
	folder->fd = kbox_close(folder->fd);
}
