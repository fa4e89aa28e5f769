/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mounted image as a source; see walk.h.
 *
 * Side: host. Holes of files are sent as zeros.
 */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "config.h"
#include "links.h"
#include "listing.h"

struct walk {
	struct kbox_caller *caller;
	struct kbox_sink *sink;
	struct kbox_links links;
	char *buf;		/* KBOX_IMAGE_CHUNK_BYTES */
};

static int complain(const char *path, long err)
{
	kbox_error("/%s: cannot be read: %s", path, strerror((int)-err));
	return (int)err;
}

static long add_xattrs(struct walk *walk, struct archive_entry *entry,
		       const char *name)
{
	KBOX_CLEANUP_FREE char *names = malloc(XATTR_LIST_MAX);
	long len, n;

	if (!names)
		return -ENOMEM;
	len = kbox_call3(walk->caller, SYS_llistxattr, name, names,
			 XATTR_LIST_MAX);
	if (len < 0)
		return len == -EOPNOTSUPP ? 0 : len;
	for (char *p = names; p < names + len; p += strlen(p) + 1) {
		n = kbox_call4(walk->caller, SYS_lgetxattr, name, p, walk->buf,
			       XATTR_SIZE_MAX);
		if (n < 0)
			return n;
		archive_entry_xattr_add_entry(entry, p, walk->buf, (size_t)n);
	}
	return 0;
}

static long describe(struct walk *walk, struct archive_entry *entry,
		     const char *name, const char *path)
{
	char target[PATH_MAX];
	struct stat st;
	long n = kbox_call2(walk->caller, SYS_lstat, name, &st);

	if (n)
		return n;
	archive_entry_copy_stat(entry, &st);
	archive_entry_unset_atime(entry);
	archive_entry_unset_ctime(entry);
	archive_entry_unset_birthtime(entry);
	archive_entry_copy_pathname(entry, path);
	if (S_ISLNK(st.st_mode)) {
		n = kbox_call3(walk->caller, SYS_readlink, name, target,
			       sizeof(target) - 1);
		if (n < 0)
			return n;
		target[n] = '\0';
		archive_entry_copy_symlink(entry, target);
	}
	if (!S_ISREG(st.st_mode))
		archive_entry_set_size(entry, 0);
	n = kbox_links_set(&walk->links, entry, &st, path);
	return n ? n : add_xattrs(walk, entry, name);
}

static int send_contents(struct walk *walk, const char *name, const char *path,
			 unsigned long long size)
{
	long fd = kbox_call3(walk->caller, SYS_open, name,
			     O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	unsigned long long at = 0;
	int err = 0;

	if (fd < 0)
		return complain(path, fd);
	while (at < size && !err) {
		long n = kbox_call3(walk->caller, SYS_read, fd, walk->buf,
				    KBOX_IMAGE_CHUNK_BYTES);

		if (n <= 0) {
			err = complain(path, n ? n : -EIO);
			break;
		}
		err = walk->sink->data(walk->sink, walk->buf, (size_t)n, at);
		at += (unsigned long long)n;
	}
	kbox_call1(walk->caller, SYS_close, fd);
	return err;
}

static int send_folder(struct walk *walk, const char *path);

/* Down into the folder, and back to the one where it is. */
static int send_below(struct walk *walk, const char *name, const char *path)
{
	long here, err;
	int result;

	here = kbox_call3(walk->caller, SYS_open, ".", O_RDONLY | O_DIRECTORY,
			  0);
	if (here < 0)
		return complain(path, here);
	err = kbox_call1(walk->caller, SYS_chdir, name);
	result = err ? complain(path, err) : send_folder(walk, path);
	err = kbox_call1(walk->caller, SYS_fchdir, here);
	kbox_call1(walk->caller, SYS_close, here);
	return result ? result : err ? complain(path, err) : 0;
}

static int send_file(struct walk *walk, const char *name, const char *path)
{
	struct archive_entry *entry = archive_entry_new();
	long failed = entry ? describe(walk, entry, name, path) : -ENOMEM;
	int err, type;

	if (failed) {
		archive_entry_free(entry);
		return complain(path, failed);
	}
	type = archive_entry_filetype(entry);
	err = walk->sink->entry(walk->sink, entry);
	if (!err && type == AE_IFREG && !archive_entry_hardlink(entry))
		err = send_contents(walk, name, path,
				    (unsigned long long)
					    archive_entry_size(entry));
	if (!err)
		err = walk->sink->end(walk->sink);
	archive_entry_free(entry);
	return err || type != AE_IFDIR ? err : send_below(walk, name, path);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool left_out(const char *path)
{
	return !strcmp(path, "lost+found") ||
	       !strcmp(path, KBOX_CONFIG_FOLDER);
}

/* What is in the folder that the task stands in. */
static int send_folder(struct walk *walk, const char *path)
{
	struct kbox_listing listing;
	long fd = kbox_call3(walk->caller, SYS_open, ".",
			     O_RDONLY | O_DIRECTORY, 0);
	long failed = fd;
	int err = 0;

	if (fd >= 0) {
		failed = kbox_listing_read(&listing, walk->caller, (int)fd);
		kbox_call1(walk->caller, SYS_close, fd);
	}
	if (failed < 0)
		return complain(path, failed);
	if (listing.count)
		qsort(listing.names, listing.count, sizeof(*listing.names),
		      compare);
	for (size_t i = 0; i < listing.count && !err; i++) {
		KBOX_CLEANUP_FREE char *whole = NULL;

		if (asprintf(&whole, "%s%s%s", path, *path ? "/" : "",
			     listing.names[i]) < 0)
			err = complain(path, -ENOMEM);
		else if (!left_out(whole))
			err = send_file(walk, listing.names[i], whole);
	}
	kbox_listing_done(&listing);
	return err;
}

int kbox_walk_send(struct kbox_caller *caller, struct kbox_sink *sink)
{
	struct walk walk = {
		.caller = caller,
		.sink = sink,
		.buf = malloc(KBOX_IMAGE_CHUNK_BYTES),
	};
	int err;

	if (!walk.buf)
		return complain("", -ENOMEM);
	err = send_file(&walk, ".", "");
	kbox_links_done(&walk.links);
	free(walk.buf);
	return err;
}
