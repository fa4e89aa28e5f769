/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between an image and the same image with an overlay on it.
 *
 * Side: host. The task goes through both trees at once, with a descriptor of
 * either folder, and stands in the changed one while it speaks of a file.
 */
#include "changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "walk.h"
#include "whiteout.h"

enum change { ADDED = 'A', MODIFIED = 'M', DELETED = 'D' };

/* Levels of folders; each takes two descriptors. */
#define DEPTH_MAX 4096

struct compare {
	struct kbox_walk walk;
	char *buf;		/* KBOX_IMAGE_CHUNK_BYTES, for the other file */
	FILE *to;		/* NULL: to the walk's sink */
};

/* A file in both trees; the descriptors are of the folders that it is in. */
struct pair {
	int base_fd, fd;	/* base_fd -1: it is only in the new one */
	const char *name, *path;
	struct stat base, st;
};

static int complain(const char *path, long err)
{
	return kbox_walk_complain(path, err);
}

static long enter(struct compare *compare, int fd)
{
	return kbox_call1(compare->walk.caller, SYS_fchdir, fd);
}

static int print(FILE *to, enum change change, const char *path)
{
	fprintf(to, "%c /", change);
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c < ' ' || c == '\\' || c == 0x7f)
			fprintf(to, "\\%03o", c);
		else
			fputc(c, to);
	}
	fputc('\n', to);
	if (!ferror(to))
		return 0;
	kbox_error("the list cannot be written: %s", strerror(errno));
	return -EIO;
}

static int send_whiteout(struct compare *compare, const char *path)
{
	struct kbox_sink *sink = compare->walk.sink;
	struct archive_entry *entry = archive_entry_new();
	const char *slash = strrchr(path, '/');
	KBOX_CLEANUP_FREE char *name = NULL;
	int len = slash ? (int)(slash - path) + 1 : 0, err;

	if (!entry || asprintf(&name, "%.*s" KBOX_WHITEOUT "%s", len, path,
			       path + len) < 0) {
		archive_entry_free(entry);
		return complain(path, -ENOMEM);
	}
	archive_entry_copy_pathname(entry, name);
	archive_entry_set_mode(entry, S_IFREG);
	archive_entry_set_size(entry, 0);
	err = sink->entry(sink, entry);
	if (!err)
		err = sink->end(sink);
	archive_entry_free(entry);
	return err;
}

/* The task stands in the folder of the changed image. */
static int tell(struct compare *compare, enum change change, const char *name,
		const char *path)
{
	if (compare->to)
		return print(compare->to, change, path);
	if (!strncmp(name, KBOX_WHITEOUT, strlen(KBOX_WHITEOUT))) {
		kbox_error("/%s: no layer can have a file of this name", path);
		return -EINVAL;
	}
	if (change == DELETED)
		return send_whiteout(compare, path);
	return kbox_walk_file(&compare->walk, name, path);
}

/*
 * Whether the overlay has nothing of its own: then the file is the base's, with
 * its number and the time of its last change. Bits above the number say which
 * layer it is from.
 */
static bool untouched(const struct pair *pair)
{
	return (uint32_t)pair->base.st_ino == (uint32_t)pair->st.st_ino &&
	       pair->base.st_ctim.tv_sec == pair->st.st_ctim.tv_sec &&
	       pair->base.st_ctim.tv_nsec == pair->st.st_ctim.tv_nsec;
}

static bool differ(const struct stat *a, const struct stat *b)
{
	if (a->st_mode != b->st_mode || a->st_uid != b->st_uid ||
	    a->st_gid != b->st_gid || a->st_rdev != b->st_rdev ||
	    a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
	    a->st_mtim.tv_nsec != b->st_mtim.tv_nsec)
		return true;
	if (S_ISDIR(a->st_mode))
		return false;
	/* One name of several, before or after, counts as changed. */
	return a->st_size != b->st_size || a->st_nlink > 1 || b->st_nlink > 1;
}

static bool same_attribute(struct archive_entry *in, const char *name,
			   const void *value, size_t len)
{
	const char *other;
	const void *other_value;
	size_t other_len;

	archive_entry_xattr_reset(in);
	while (!archive_entry_xattr_next(in, &other, &other_value, &other_len))
		if (!strcmp(name, other))
			return len == other_len &&
			       !memcmp(value, other_value, len);
	return false;
}

static bool entries_differ(struct archive_entry *a, struct archive_entry *b)
{
	const char *target = archive_entry_symlink(a);
	const char *name;
	const void *value;
	size_t len;

	if (target && strcmp(target, archive_entry_symlink(b)))
		return true;
	if (archive_entry_xattr_count(a) != archive_entry_xattr_count(b))
		return true;
	archive_entry_xattr_reset(a);
	while (!archive_entry_xattr_next(a, &name, &value, &len))
		if (!same_attribute(b, name, value, len))
			return true;
	return false;
}

/* Attributes and targets. 1: they differ, 0: not, or -errno. */
static long compare_details(struct compare *compare, const struct pair *pair)
{
	struct archive_entry *a = archive_entry_new();
	struct archive_entry *b = archive_entry_new();
	long err = a && b ? enter(compare, pair->base_fd) : -ENOMEM;

	if (!err)
		err = kbox_walk_describe(&compare->walk, a, pair->name, "");
	if (!err)
		err = enter(compare, pair->fd);
	if (!err)
		err = kbox_walk_describe(&compare->walk, b, pair->name, "");
	if (!err)
		err = entries_differ(a, b);
	archive_entry_free(a);
	archive_entry_free(b);
	return err;
}

static long open_file(struct compare *compare, int folder_fd, const char *name,
		      int flags)
{
	return kbox_call4(compare->walk.caller, SYS_openat, folder_fd, name,
			  O_RDONLY | O_NOFOLLOW | flags, 0);
}

/* Contents of two descriptors. 1: they differ, 0: not, or -errno. */
static long compare_data(struct compare *compare, long a, long b)
{
	struct kbox_caller *caller = compare->walk.caller;
	long n, m;

	do {
		n = kbox_call3(caller, SYS_read, a, compare->walk.buf,
			       KBOX_IMAGE_CHUNK_BYTES);
		m = kbox_call3(caller, SYS_read, b, compare->buf,
			       KBOX_IMAGE_CHUNK_BYTES);
	} while (n > 0 && n == m &&
		 !memcmp(compare->walk.buf, compare->buf, (size_t)n));
	return n < 0 ? n : m < 0 ? m : n || m;
}

static long compare_contents(struct compare *compare, const struct pair *pair)
{
	long a = open_file(compare, pair->base_fd, pair->name, O_NONBLOCK);
	long b = open_file(compare, pair->fd, pair->name, O_NONBLOCK);
	long result = a < 0 ? a : b < 0 ? b : compare_data(compare, a, b);

	if (a >= 0)
		kbox_call1(compare->walk.caller, SYS_close, a);
	if (b >= 0)
		kbox_call1(compare->walk.caller, SYS_close, b);
	return result;
}

/* 1: the file was changed, 0: it was not, or -errno. */
static long is_changed(struct compare *compare, const struct pair *pair)
{
	long result = differ(&pair->base, &pair->st);

	if (!result)
		result = compare_details(compare, pair);
	if (!result && S_ISREG(pair->st.st_mode))
		result = compare_contents(compare, pair);
	return result;
}

static int compare_folder(struct compare *compare, int base_fd, int fd,
			  const char *path, unsigned int depth);

/* What is in a folder of the changed image, and perhaps of the base. */
static int go_below(struct compare *compare, const struct pair *pair,
		    unsigned int depth)
{
	bool both = pair->base_fd >= 0 && S_ISDIR(pair->base.st_mode);
	long base_fd = -1, fd;
	int err;

	if (depth == DEPTH_MAX)
		return complain(pair->path, -ELOOP);
	fd = open_file(compare, pair->fd, pair->name, O_DIRECTORY);
	if (fd >= 0 && both)
		base_fd = open_file(compare, pair->base_fd, pair->name,
				    O_DIRECTORY);
	if (fd < 0)
		err = complain(pair->path, fd);
	else if (both && base_fd < 0)
		err = complain(pair->path, base_fd);
	else
		err = compare_folder(compare, (int)base_fd, (int)fd,
				     pair->path, depth);
	if (base_fd >= 0)
		kbox_call1(compare->walk.caller, SYS_close, base_fd);
	if (fd >= 0)
		kbox_call1(compare->walk.caller, SYS_close, fd);
	if (!err && enter(compare, pair->fd))
		err = complain(pair->path, -EIO);
	return err;
}

static int compare_file(struct compare *compare, int base_fd, int fd,
			const char *name, const char *path, unsigned int depth)
{
	struct kbox_caller *caller = compare->walk.caller;
	struct pair pair = {
		.base_fd = base_fd, .fd = fd, .name = name, .path = path,
	};
	enum change change = MODIFIED;
	long changed = kbox_call4(caller, SYS_newfstatat, fd, name, &pair.st,
				  AT_SYMLINK_NOFOLLOW);
	int err = 0;

	if (!changed && base_fd >= 0)
		changed = kbox_call4(caller, SYS_newfstatat, base_fd, name,
				     &pair.base, AT_SYMLINK_NOFOLLOW);
	if (base_fd < 0 || changed == -ENOENT) {
		pair.base_fd = -1;
		change = ADDED;
		changed = changed == -ENOENT || !changed ? 1 : changed;
	} else if (!changed) {
		if (untouched(&pair))
			return 0;
		changed = is_changed(compare, &pair);
	}
	if (changed < 0)
		return complain(path, changed);
	if (enter(compare, fd))
		return complain(path, -EIO);
	if (changed)
		err = tell(compare, change, name, path);
	return err || !S_ISDIR(pair.st.st_mode) ?
		       err : go_below(compare, &pair, depth);
}

static char *below(const char *path, const char *name)
{
	char *whole;

	return asprintf(&whole, "%s%s%s", path, *path ? "/" : "", name) < 0 ?
		       NULL : whole;
}

/* Names of the base's folder that the changed one has not. */
static int tell_deleted(struct compare *compare, int base_fd, int fd,
			const char *path)
{
	struct kbox_caller *caller = compare->walk.caller;
	struct kbox_listing listing;
	struct stat st;
	long failed = enter(compare, base_fd);
	int err = 0;

	if (!failed)
		failed = kbox_walk_list(caller, &listing);
	if (failed)
		return complain(path, failed);
	if (enter(compare, fd))
		err = complain(path, -EIO);
	for (size_t i = 0; i < listing.count && !err; i++) {
		KBOX_CLEANUP_FREE char *whole = below(path, listing.names[i]);

		if (!whole)
			err = complain(path, -ENOMEM);
		else if (!kbox_walk_left_out(whole) &&
			 kbox_call2(caller, SYS_lstat, listing.names[i],
				    &st) == -ENOENT)
			err = tell(compare, DELETED, listing.names[i], whole);
	}
	kbox_listing_done(&listing);
	return err;
}

static int compare_folder(struct compare *compare, int base_fd, int fd,
			  const char *path, unsigned int depth)
{
	struct kbox_listing listing;
	int err = base_fd >= 0 ? tell_deleted(compare, base_fd, fd, path) : 0;
	long failed;

	if (err)
		return err;
	failed = enter(compare, fd);
	if (!failed)
		failed = kbox_walk_list(compare->walk.caller, &listing);
	if (failed)
		return complain(path, failed);
	for (size_t i = 0; i < listing.count && !err; i++) {
		KBOX_CLEANUP_FREE char *whole = below(path, listing.names[i]);

		if (!whole)
			err = complain(path, -ENOMEM);
		else if (!kbox_walk_left_out(whole))
			err = compare_file(compare, base_fd, fd,
					   listing.names[i], whole, depth + 1);
	}
	kbox_listing_done(&listing);
	return err;
}

static int compare_roots(struct compare *compare, const char *base)
{
	const struct rlimit files = { 3 * DEPTH_MAX, 3 * DEPTH_MAX };
	struct kbox_caller *caller = compare->walk.caller;
	long base_fd, fd;
	int err;

	kbox_call4(caller, SYS_prlimit64, 0, RLIMIT_NOFILE, &files, NULL);
	fd = kbox_call3(caller, SYS_open, ".", O_RDONLY | O_DIRECTORY, 0);
	base_fd = kbox_call3(caller, SYS_open, base, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || base_fd < 0)
		err = complain("", fd < 0 ? fd : base_fd);
	else
		err = compare_file(compare, (int)base_fd, (int)fd, ".", "", 0);
	if (base_fd >= 0)
		kbox_call1(caller, SYS_close, base_fd);
	if (fd >= 0) {
		enter(compare, (int)fd);
		kbox_call1(caller, SYS_close, fd);
	}
	return err;
}

static int run(struct kbox_caller *caller, const char *base, FILE *to,
	       struct kbox_sink *sink)
{
	struct compare compare = { .to = to };
	int err = kbox_walk_init(&compare.walk, caller, sink);

	if (err)
		return err;
	compare.buf = malloc(KBOX_IMAGE_CHUNK_BYTES);
	err = compare.buf ? compare_roots(&compare, base) :
			    complain("", -ENOMEM);
	free(compare.buf);
	kbox_walk_done(&compare.walk);
	return err;
}

int kbox_changes_print(struct kbox_caller *caller, const char *base, FILE *to)
{
	return run(caller, base, to, NULL);
}

int kbox_changes_send(struct kbox_caller *caller, const char *base,
		      struct kbox_sink *sink)
{
	return run(caller, base, NULL, sink);
}
