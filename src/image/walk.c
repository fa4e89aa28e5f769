/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mounted image as a source; see walk.h.
 *
 * Side: host.
 */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

int kbox_walk_complain(const char *path, long err)
{
	kbox_error("/%s: cannot be read: %s", path, strerror((int)-err));
	return (int)err;
}

static long add_xattrs(struct kbox_walk *walk, struct archive_entry *entry,
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

long kbox_walk_describe(struct kbox_walk *walk, struct archive_entry *entry,
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
	archive_entry_set_nlink(entry, (unsigned int)st.st_nlink);
	return add_xattrs(walk, entry, name);
}

static int send_contents(struct kbox_walk *walk, const char *name, const char *path,
			 unsigned long long size)
{
	long fd = kbox_call3(walk->caller, SYS_open, name,
			     O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	unsigned long long at = 0;
	int err = 0;

	if (fd < 0)
		return kbox_walk_complain(path, fd);
	while (at < size && !err) {
		long n = kbox_call3(walk->caller, SYS_read, fd, walk->buf,
				    KBOX_IMAGE_CHUNK_BYTES);

		if (n <= 0) {
			err = kbox_walk_complain(path, n ? n : -EIO);
			break;
		}
		err = walk->sink->data(walk->sink, walk->buf, (size_t)n, at);
		at += (unsigned long long)n;
	}
	kbox_call1(walk->caller, SYS_close, fd);
	return err;
}

static int send_folder(struct kbox_walk *walk, const char *path);

/* Down into the folder, and back to the one where it is. */
static int send_below(struct kbox_walk *walk, const char *name, const char *path)
{
	long here, err;
	int result;

	here = kbox_call3(walk->caller, SYS_open, ".", O_RDONLY | O_DIRECTORY,
			  0);
	if (here < 0)
		return kbox_walk_complain(path, here);
	err = kbox_call1(walk->caller, SYS_chdir, name);
	result = err ? kbox_walk_complain(path, err) : send_folder(walk, path);
	err = kbox_call1(walk->caller, SYS_fchdir, here);
	kbox_call1(walk->caller, SYS_close, here);
	return result ? result : err ? kbox_walk_complain(path, err) : 0;
}

static long describe_link(struct kbox_walk *walk, struct archive_entry *entry,
			  const char *name, const char *path)
{
	long err = kbox_walk_describe(walk, entry, name, path);

	return err ? err : kbox_links_set(&walk->links, entry,
					  archive_entry_stat(entry), path);
}

int kbox_walk_file(struct kbox_walk *walk, const char *name, const char *path)
{
	struct archive_entry *entry = archive_entry_new();
	long failed = entry ? describe_link(walk, entry, name, path) : -ENOMEM;
	int err;

	if (failed) {
		archive_entry_free(entry);
		return kbox_walk_complain(path, failed);
	}
	err = walk->sink->entry(walk->sink, entry);
	if (!err && archive_entry_filetype(entry) == AE_IFREG &&
	    !archive_entry_hardlink(entry))
		err = send_contents(walk, name, path,
				    (unsigned long long)
					    archive_entry_size(entry));
	if (!err)
		err = walk->sink->end(walk->sink);
	archive_entry_free(entry);
	return err;
}

static int send_file(struct kbox_walk *walk, const char *name,
		     const char *path)
{
	struct stat st;
	long failed = kbox_call2(walk->caller, SYS_lstat, name, &st);
	int err = failed ? kbox_walk_complain(path, failed) :
			   kbox_walk_file(walk, name, path);

	return err || !S_ISDIR(st.st_mode) ? err :
					     send_below(walk, name, path);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool kbox_walk_left_out(const char *path)
{
	return !strcmp(path, "lost+found") ||
	       !strcmp(path, KBOX_CONFIG_FOLDER);
}

long kbox_walk_list(struct kbox_caller *caller, struct kbox_listing *listing)
{
	long fd = kbox_call3(caller, SYS_open, ".", O_RDONLY | O_DIRECTORY, 0);
	long err;

	if (fd < 0)
		return fd;
	err = kbox_listing_read(listing, caller, (int)fd);
	kbox_call1(caller, SYS_close, fd);
	if (!err && listing->count)
		qsort(listing->names, listing->count, sizeof(*listing->names),
		      compare);
	return err;
}

/* What is in the folder that the task stands in. */
static int send_folder(struct kbox_walk *walk, const char *path)
{
	struct kbox_listing listing;
	long failed = kbox_walk_list(walk->caller, &listing);
	int err = 0;

	if (failed)
		return kbox_walk_complain(path, failed);
	for (size_t i = 0; i < listing.count && !err; i++) {
		KBOX_CLEANUP_FREE char *whole = NULL;

		if (asprintf(&whole, "%s%s%s", path, *path ? "/" : "",
			     listing.names[i]) < 0)
			err = kbox_walk_complain(path, -ENOMEM);
		else if (!kbox_walk_left_out(whole))
			err = send_file(walk, listing.names[i], whole);
	}
	kbox_listing_done(&listing);
	return err;
}

int kbox_walk_init(struct kbox_walk *walk, struct kbox_caller *caller,
		   struct kbox_sink *sink)
{
	memset(walk, 0, sizeof(*walk));
	walk->caller = caller;
	walk->sink = sink;
	walk->buf = malloc(KBOX_IMAGE_CHUNK_BYTES);
	return walk->buf ? 0 : kbox_walk_complain("", -ENOMEM);
}

void kbox_walk_done(struct kbox_walk *walk)
{
	kbox_links_done(&walk->links);
	free(walk->buf);
}

int kbox_walk_send(struct kbox_caller *caller, struct kbox_sink *sink)
{
	struct kbox_walk walk;
	int err = kbox_walk_init(&walk, caller, sink);

	if (err)
		return err;
	err = send_file(&walk, ".", "");
	kbox_walk_done(&walk);
	return err;
}
