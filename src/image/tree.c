/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A folder of the host as a source; see tree.h.
 *
 * Side: host. Another process may change the folder meanwhile: what is opened is
 * looked at again.
 */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "acl.h"
#include "links.h"

struct walk {
	struct kbox_guard *guard;
	dev_t dev;		/* of the folder itself */
	struct kbox_links links;
	void *buf;		/* KBOX_IMAGE_CHUNK_BYTES */
};

static int complain(const struct walk *walk, const char *path, int err)
{
	kbox_error("%s: %s: %s", walk->guard->source, *path ? path : ".",
		   strerror(err));
	return -err;
}

static int add_xattr(struct archive_entry *entry, const char *of,
		     const char *name)
{
	KBOX_CLEANUP_FREE void *value = malloc(XATTR_SIZE_MAX);
	ssize_t len = value ? getxattr(of, name, value, XATTR_SIZE_MAX) : -1;

	if (len < 0)
		return value && errno == ENODATA ? 0 : -errno;
	if (!kbox_acl_unpack(entry, name, value, (size_t)len))
		archive_entry_xattr_add_entry(entry, name, value, (size_t)len);
	return 0;
}

/* By a descriptor that no more than names the file, so links are not followed. */
static int add_xattrs(struct archive_entry *entry, int dir_fd,
		      const char *name)
{
	KBOX_CLEANUP_CLOSE int fd =
		openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	KBOX_CLEANUP_FREE char *names = malloc(XATTR_LIST_MAX);
	char of[32];
	ssize_t len;
	int err = 0;

	if (fd < 0 || !names)
		return -errno;
	snprintf(of, sizeof(of), "/proc/self/fd/%d", fd);
	len = listxattr(of, names, XATTR_LIST_MAX);
	if (len < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (char *p = names; p < names + len && !err; p += strlen(p) + 1)
		err = add_xattr(entry, of, p);
	return err;
}

static int describe(struct walk *walk, struct archive_entry *entry, int dir_fd,
		    const char *name, const char *path)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;
	int err;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	archive_entry_copy_stat(entry, &st);
	archive_entry_copy_pathname(entry, path);
	if (!S_ISREG(st.st_mode))
		archive_entry_set_size(entry, 0);
	if (S_ISLNK(st.st_mode)) {
		len = readlinkat(dir_fd, name, target, sizeof(target) - 1);
		if (len < 0)
			return -errno;
		target[len] = '\0';
		archive_entry_copy_symlink(entry, target);
	}
	err = kbox_links_set(&walk->links, entry, &st, path);
	return err ? err : add_xattrs(entry, dir_fd, name);
}

/* From one hole to the next; file systems without holes have one piece. */
static int send_piece(struct walk *walk, int fd, const char *path, off_t *at,
		      off_t size)
{
	off_t data = lseek(fd, *at, SEEK_DATA);
	off_t hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);

	if (data < 0 && errno == ENXIO) {
		*at = size;
		return 0;
	}
	if (data < 0 || hole < 0) {
		data = *at;
		hole = size;
	}
	if (hole > size)
		hole = size;
	for (*at = data; *at < hole;) {
		size_t want = KBOX_IMAGE_CHUNK_BYTES;
		ssize_t n;
		int err;

		if ((off_t)want > hole - *at)
			want = (size_t)(hole - *at);
		n = pread(fd, walk->buf, want, *at);
		if (n <= 0)
			return complain(walk, path, n ? errno : EIO);
		err = kbox_guard_data(walk->guard, walk->buf, (size_t)n,
				      (unsigned long long)*at);
		if (err)
			return err;
		*at += n;
	}
	return 0;
}

static int send_contents(struct walk *walk, int dir_fd, const char *name,
			 const char *path, off_t size)
{
	KBOX_CLEANUP_CLOSE int fd = openat(dir_fd, name,
					   O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
						   O_CLOEXEC);
	struct stat st;
	off_t at = 0;
	int err = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return complain(walk, path, errno);
	/* Changed since it was described. */
	if (!S_ISREG(st.st_mode) || st.st_size != size)
		return complain(walk, path, ESTALE);
	while (at < size && !err)
		err = send_piece(walk, fd, path, &at, size);
	return err;
}

static int send_folder(struct walk *walk, int dir_fd, const char *name,
		       const char *path);

static int send_described(struct walk *walk, struct archive_entry *entry,
			  int dir_fd, const char *name)
{
	KBOX_CLEANUP_FREE char *path = strdup(archive_entry_pathname(entry));
	int type = archive_entry_filetype(entry);
	int err = path ? kbox_guard_entry(walk->guard, entry) : -ENOMEM;

	if (!err && type == AE_IFREG && !archive_entry_hardlink(entry))
		err = send_contents(walk, dir_fd, name, path,
				    (off_t)archive_entry_size(entry));
	if (!err)
		err = kbox_guard_end(walk->guard);
	if (!err && type == AE_IFDIR && archive_entry_dev(entry) == walk->dev)
		err = send_folder(walk, dir_fd, name, path);
	return err;
}

static int send_file(struct walk *walk, int dir_fd, const char *name,
		     const char *path)
{
	struct archive_entry *entry = archive_entry_new();
	int err = entry ? describe(walk, entry, dir_fd, name, path) : -ENOMEM;

	if (err)
		complain(walk, path, -err);
	else
		err = send_described(walk, entry, dir_fd, name);
	archive_entry_free(entry);
	return err;
}

static int send_listed(struct walk *walk, int fd, struct dirent **list,
		       int count, const char *path)
{
	int err = 0;

	for (int i = 0; i < count; i++) {
		KBOX_CLEANUP_FREE char *whole = NULL;
		const char *name = list[i]->d_name;

		if (!err && strcmp(name, ".") && strcmp(name, "..")) {
			if (asprintf(&whole, "%s%s%s", path, *path ? "/" : "",
				     name) < 0)
				err = complain(walk, path, ENOMEM);
			else
				err = send_file(walk, fd, name, whole);
		}
		free(list[i]);
	}
	free(list);
	return err;
}

/* In the order of names, so that the same folder makes the same image. */
static int send_folder(struct walk *walk, int dir_fd, const char *name,
		       const char *path)
{
	KBOX_CLEANUP_CLOSE int fd = openat(dir_fd, name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						   O_CLOEXEC);
	struct dirent **list;
	int count = fd < 0 ? -1 : scandirat(fd, ".", &list, NULL, alphasort);

	if (count < 0)
		return complain(walk, path, errno);
	return send_listed(walk, fd, list, count, path);
}

int kbox_tree_send(int fd, struct kbox_guard *guard)
{
	struct walk walk = {
		.guard = guard,
		.buf = malloc(KBOX_IMAGE_CHUNK_BYTES),
	};
	struct stat st;
	int err;

	if (!walk.buf || fstat(fd, &st) < 0) {
		err = complain(&walk, "", errno);
	} else {
		walk.dev = st.st_dev;
		err = send_file(&walk, fd, ".", "");
	}
	kbox_links_done(&walk.links);
	free(walk.buf);
	return err;
}
