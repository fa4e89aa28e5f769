/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mounted image as a sink; see writer.h.
 *
 * Side: host.
 */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "acl.h"
#include "remove.h"
#include "whiteout.h"

static struct kbox_writer *of(struct kbox_sink *sink)
{
	return KBOX_CONTAINER_OF(sink, struct kbox_writer, sink);
}

static int complain(const char *path, const char *what, long err)
{
	if (err == -ENOSPC)
		kbox_error("%s: %s: the image is full; --size makes it larger",
			   path, what);
	else
		kbox_error("%s: %s: %s", *path ? path : "/", what,
			   strerror((int)-err));
	return (int)err;
}

/* A folder of the image, for a path as guard.h makes them. */
static long open_folder(struct kbox_writer *writer, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};

	return kbox_call4(writer->caller, SYS_openat2, writer->root_fd,
			  *path ? path : ".", &how, sizeof(how));
}

static long get_times(struct kbox_writer *writer, long fd,
		      struct timespec times[2])
{
	struct stat st;
	long err = kbox_call2(writer->caller, SYS_fstat, fd, &st);

	if (err)
		return err;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return 0;
}

/* Make the folder @path, whose name ends at @end, below an existing one. */
static long make_folder(struct kbox_writer *writer, char *path, char *end)
{
	char *slash, kept = *end;
	struct timespec times[2];
	long fd, err;

	*end = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	fd = open_folder(writer, slash ? path : "");
	if (slash)
		*slash = '/';
	err = fd < 0 ? fd : get_times(writer, fd, times);
	if (!err)
		err = kbox_call3(writer->caller, SYS_mkdirat, fd,
				 slash ? slash + 1 : path, 0755);
	if (!err)
		err = kbox_call3(writer->caller, SYS_utimensat, fd, NULL,
				 times);
	*end = kept;
	if (fd >= 0)
		kbox_call1(writer->caller, SYS_close, fd);
	return err == -EEXIST ? 0 : err;
}

/* Folders that nobody described are root's, and open to all. */
static long make_folders(struct kbox_writer *writer, char *path)
{
	size_t len = strlen(path);
	long err = 0;

	for (size_t i = 1; i <= len && !err; i++)
		if (path[i] == '/' || !path[i])
			err = make_folder(writer, path, path + i);
	return err;
}

static int leave_folder(struct kbox_writer *writer)
{
	long err;

	if (!writer->inside)
		return 0;
	writer->inside = false;
	err = kbox_call4(writer->caller, SYS_utimensat, AT_FDCWD, ".",
			 writer->times, 0);
	if (!err)
		err = kbox_call1(writer->caller, SYS_fchdir, writer->root_fd);
	return err ? complain(writer->parent, "cannot be left", err) : 0;
}

static int enter_folder(struct kbox_writer *writer, const char *path,
			size_t len)
{
	long fd, err;
	int left;

	if (writer->inside && !strncmp(writer->parent, path, len) &&
	    !writer->parent[len])
		return 0;
	left = leave_folder(writer);
	if (left)
		return left;
	memcpy(writer->parent, path, len);
	writer->parent[len] = '\0';
	fd = open_folder(writer, writer->parent);
	if (fd == -ENOENT && !make_folders(writer, writer->parent))
		fd = open_folder(writer, writer->parent);
	if (fd < 0)
		return complain(writer->parent, "cannot be entered", fd);
	err = get_times(writer, fd, writer->times);
	if (!err)
		err = kbox_call1(writer->caller, SYS_fchdir, fd);
	kbox_call1(writer->caller, SYS_close, fd);
	if (err)
		return complain(writer->parent, "cannot be entered", err);
	writer->inside = true;
	return 0;
}

static int start_layer(struct kbox_sink *sink)
{
	of(sink)->layered = true;
	return 0;
}

/* Whether the layer under way made @path, as seen from the folder. */
static bool made_here(void *arg, const char *path)
{
	struct kbox_writer *writer = arg;
	KBOX_CLEANUP_FREE char *whole = NULL;
	int n = asprintf(&whole, "%s%s%s", writer->parent,
			 writer->parent[0] ? "/" : "", path);

	return n >= 0 && kbox_names_has(writer->made, whole, (size_t)n);
}

/* A whiteout hides what earlier layers have at its place. */
static int white_out(struct kbox_writer *writer)
{
	const char *hidden = writer->name + strlen(KBOX_WHITEOUT);
	long err = 0;

	if (!strcmp(writer->name, KBOX_WHITEOUT_OPAQUE))
		err = kbox_remove_contents(writer->caller, made_here, writer);
	else if (!strncmp(writer->name, KBOX_WHITEOUT_RESERVED,
			  strlen(KBOX_WHITEOUT_RESERVED)))
		return 0;
	else if (!*hidden || !strcmp(hidden, ".") || !strcmp(hidden, ".."))
		err = -EINVAL;
	else if (!made_here(writer, hidden))
		err = kbox_remove(writer->caller, hidden);
	if (err && err != -ENOENT)
		return complain(archive_entry_pathname(writer->entry),
				"what it hides cannot be removed", err);
	return 0;
}

static long make_link(struct kbox_writer *writer)
{
	const char *target = archive_entry_hardlink(writer->entry);
	const char *slash = strrchr(target, '/');
	KBOX_CLEANUP_FREE char *folder =
		strndup(target, slash ? (size_t)(slash - target) : 0);
	long fd, err;

	if (!folder)
		return -ENOMEM;
	fd = open_folder(writer, folder);
	if (fd < 0)
		return fd;
	err = kbox_call5(writer->caller, SYS_linkat, fd,
			 slash ? slash + 1 : target, AT_FDCWD, writer->name, 0);
	kbox_call1(writer->caller, SYS_close, fd);
	return err;
}

static long make_file(struct kbox_writer *writer)
{
	struct archive_entry *entry = writer->entry;
	struct kbox_caller *caller = writer->caller;
	mode_t type = archive_entry_filetype(entry);
	long fd;

	if (archive_entry_hardlink(entry))
		return make_link(writer);
	switch (type) {
	case S_IFDIR:
		return kbox_call2(caller, SYS_mkdir, writer->name, 0700);
	case S_IFLNK:
		return kbox_call2(caller, SYS_symlink,
				  archive_entry_symlink(entry), writer->name);
	case S_IFREG:
		fd = kbox_call3(caller, SYS_open, writer->name,
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd < 0)
			return fd;
		writer->fd = (int)fd;
		return 0;
	default:
		return kbox_call3(caller, SYS_mknod, writer->name, type | 0600,
				  archive_entry_rdev(entry));
	}
}

/* What is in the way of the new file; a folder may stay for a folder. */
static long make_room(struct kbox_writer *writer)
{
	struct stat st;
	long err = kbox_call2(writer->caller, SYS_lstat, writer->name, &st);

	if (err)
		return err;
	if (S_ISDIR(st.st_mode) &&
	    archive_entry_filetype(writer->entry) == AE_IFDIR)
		return 0;
	err = kbox_remove(writer->caller, writer->name);
	return err ? err : make_file(writer);
}

static int take_entry(struct kbox_sink *sink, struct archive_entry *entry)
{
	struct kbox_writer *writer = of(sink);
	const char *path = archive_entry_pathname(entry);
	const char *slash = strrchr(path, '/');
	long err;

	writer->entry = entry;
	writer->fd = -1;
	writer->end = 0;
	writer->name = slash ? slash + 1 : path;
	if (!*path) {
		writer->name = ".";
		return leave_folder(writer);
	}
	err = enter_folder(writer, path, slash ? (size_t)(slash - path) : 0);
	if (err)
		return (int)err;
	if (writer->layered &&
	    !strncmp(writer->name, KBOX_WHITEOUT, strlen(KBOX_WHITEOUT))) {
		err = white_out(writer);
		writer->entry = NULL;
		return (int)err;
	}
	err = make_file(writer);
	if (err == -EEXIST)
		err = make_room(writer);
	if (err == -ENOENT && archive_entry_hardlink(entry)) {
		kbox_error("%s: a hard link to %s, which is not there", path,
			   archive_entry_hardlink(entry));
		return (int)err;
	}
	return err ? complain(path, "cannot be made", err) : 0;
}

static int take_data(struct kbox_sink *sink, const void *data, size_t len,
		     unsigned long long offset)
{
	struct kbox_writer *writer = of(sink);

	/* The contents of a whiteout. */
	if (!writer->entry)
		return 0;
	while (len) {
		long n = kbox_call4(writer->caller, SYS_pwrite64, writer->fd,
				    data, len, offset);

		if (n <= 0)
			return complain(archive_entry_pathname(writer->entry),
					"cannot be written", n ? n : -EIO);
		data = (const char *)data + n;
		len -= (size_t)n;
		offset += (unsigned long long)n;
	}
	writer->end = offset;
	return 0;
}

static long set_xattr(struct kbox_writer *writer, const char *name,
		      const void *value, size_t len)
{
	return kbox_call5(writer->caller, SYS_lsetxattr, writer->name, name,
			  value, len, 0);
}

static int set_acl(struct kbox_writer *writer, enum kbox_acl_kind kind)
{
	KBOX_CLEANUP_FREE void *value = NULL;
	long len = kbox_acl_pack(writer->entry, kind, &value);

	if (len > 0)
		len = set_xattr(writer, kbox_acl_xattr(kind), value,
				(size_t)len);
	return len ? complain(archive_entry_pathname(writer->entry),
			      "its access control list cannot be set", len) : 0;
}

static int set_xattrs(struct kbox_writer *writer)
{
	const char *path = archive_entry_pathname(writer->entry);
	const char *name;
	const void *value;
	size_t len;
	int err = 0;

	archive_entry_xattr_reset(writer->entry);
	while (!err && !archive_entry_xattr_next(writer->entry, &name, &value,
						 &len)) {
		err = (int)set_xattr(writer, name, value, len);
		if (err == -ENOSPC || err == -E2BIG)
			kbox_error("%s: its attributes are too large for ext4 "
				   "(%s)", path, name);
		else if (err)
			kbox_error("%s: its attribute %s cannot be set: %s",
				   path, name, strerror(-err));
	}
	for (int kind = 0; !err && kind < KBOX_ACL_KINDS; kind++)
		if (archive_entry_filetype(writer->entry) != AE_IFLNK)
			err = set_acl(writer, (enum kbox_acl_kind)kind);
	return err;
}

static long set_mode(struct kbox_writer *writer)
{
	if (archive_entry_filetype(writer->entry) == AE_IFLNK)
		return 0;
	return kbox_call2(writer->caller, SYS_chmod, writer->name,
			  archive_entry_perm(writer->entry));
}

/* Each of these changes what the ones after it set. */
static int set_metadata(struct kbox_writer *writer)
{
	struct archive_entry *entry = writer->entry;
	const char *path = archive_entry_pathname(entry);
	const struct timespec times[2] = {
		{ archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) },
		{ archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) },
	};
	long err;
	int set;

	err = kbox_call3(writer->caller, SYS_lchown, writer->name,
			 archive_entry_uid(entry), archive_entry_gid(entry));
	if (err)
		return complain(path, "its owner cannot be set", err);
	err = set_mode(writer);
	if (err)
		return complain(path, "its mode cannot be set", err);
	set = set_xattrs(writer);
	if (set)
		return set;
	err = kbox_call4(writer->caller, SYS_utimensat, AT_FDCWD, writer->name,
			 times, AT_SYMLINK_NOFOLLOW);
	return err ? complain(path, "its times cannot be set", err) : 0;
}

static int end_entry(struct kbox_sink *sink)
{
	struct kbox_writer *writer = of(sink);
	struct archive_entry *entry = writer->entry;
	unsigned long long size;
	long err = 0;

	if (!entry)
		return 0;
	size = (unsigned long long)archive_entry_size(entry);
	if (writer->fd >= 0) {
		if (writer->end < size)
			err = kbox_call2(writer->caller, SYS_ftruncate,
					 writer->fd, size);
		kbox_call1(writer->caller, SYS_close, writer->fd);
		writer->fd = -1;
	}
	if (err)
		return complain(archive_entry_pathname(entry),
				"its size cannot be set", err);
	/* A hard link has what its target has. */
	return archive_entry_hardlink(entry) ? 0 : set_metadata(writer);
}

int kbox_writer_init(struct kbox_writer *writer, struct kbox_caller *caller,
		     const struct kbox_names *made)
{
	const struct rlimit files = { PATH_MAX, PATH_MAX };
	long fd = kbox_call3(caller, SYS_open, ".", O_RDONLY | O_DIRECTORY, 0);

	memset(writer, 0, sizeof(*writer));
	writer->sink.layer = start_layer;
	writer->sink.entry = take_entry;
	writer->sink.data = take_data;
	writer->sink.end = end_entry;
	writer->caller = caller;
	writer->made = made;
	writer->fd = -1;
	if (fd < 0)
		return complain("/", "cannot be opened", fd);
	writer->root_fd = (int)fd;
	/* Modes are those that the source says. */
	kbox_call1(caller, SYS_umask, 0);
	/* Removing takes one descriptor for each level of folders. */
	kbox_call4(caller, SYS_prlimit64, 0, RLIMIT_NOFILE, &files, NULL);
	return 0;
}

int kbox_writer_done(struct kbox_writer *writer)
{
	int err = leave_folder(writer);
	long written = kbox_call1(writer->caller, SYS_syncfs, writer->root_fd);

	if (written && !err)
		err = complain("/", "cannot be written to the disk", written);
	if (writer->fd >= 0)
		kbox_call1(writer->caller, SYS_close, writer->fd);
	kbox_call1(writer->caller, SYS_fchdir, writer->root_fd);
	kbox_call1(writer->caller, SYS_close, writer->root_fd);
	return err;
}

int kbox_writer_put(struct kbox_writer *writer, const char *path,
		    const char *text, size_t len)
{
	int err;

	writer->layered = false;
	err = kbox_sink_put_file(&writer->sink, path, text, len, time(NULL));
	writer->entry = NULL;
	return err;
}
