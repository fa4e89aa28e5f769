/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is let through from a source that nobody trusts; see guard.h.
 *
 * Side: host.
 */
#include "guard.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"

static int refuse(const struct kbox_guard *guard, const char *name,
		  const char *why)
{
	kbox_error("%s: refused: %s: %s", guard->source, name, why);
	return -EPERM;
}

static int no_memory(const struct kbox_guard *guard)
{
	kbox_error("%s: out of memory", guard->source);
	return -ENOMEM;
}

static int bad_name(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EPERM;
}

int kbox_guard_clean_name(char *name, const char **ret_why)
{
	char *to = name;

	if (*name == '/')
		return bad_name(ret_why, "its name is absolute");
	if (strlen(name) >= PATH_MAX)
		return bad_name(ret_why, "its name is too long");
	for (char *from = name; *from;) {
		size_t len = strcspn(from, "/");
		size_t slash = from[len] == '/';

		if (len == 2 && !memcmp(from, "..", 2))
			return bad_name(ret_why, "its name has \"..\" in it");
		if (len > NAME_MAX)
			return bad_name(ret_why,
					"a part of its name is too long");
		if (len && !(len == 1 && *from == '.')) {
			if (to != name)
				*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len + slash;
	}
	*to = '\0';
	return 0;
}

/* Whether a folder on the way to @name is a link that this layer made. */
static bool below_link(const struct kbox_guard *guard, const char *name)
{
	for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/'))
		if (kbox_names_marked(&guard->made, name, (size_t)(p - name)))
			return true;
	return false;
}

/* A cleaned copy in *@ret_name, owned by the caller. */
static int clean(struct kbox_guard *guard, const char *raw, char **ret_name)
{
	char *name = strdup(raw);
	const char *why = "it lies below a symbolic link of the same archive";
	int err = name ? kbox_guard_clean_name(name, &why) : -ENOMEM;

	if (!err && below_link(guard, name))
		err = -EPERM;
	if (!err) {
		*ret_name = name;
		return 0;
	}
	free(name);
	return err == -ENOMEM ? no_memory(guard) : refuse(guard, raw, why);
}

static int check_link(struct kbox_guard *guard, struct archive_entry *entry,
		      const char *name)
{
	KBOX_CLEANUP_FREE char *target = NULL;
	int err = clean(guard, archive_entry_hardlink(entry), &target);

	if (err)
		return err;
	if (!*target || !strcmp(target, name))
		return refuse(guard, name, "it is a hard link to itself, or to "
					   "the root");
	archive_entry_copy_hardlink(entry, target);
	return 0;
}

static int check_kind(struct kbox_guard *guard, struct archive_entry *entry,
		      const char *name)
{
	const char *target = archive_entry_symlink(entry);

	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
	case AE_IFDIR:
	case AE_IFCHR:
	case AE_IFBLK:
	case AE_IFIFO:
	case AE_IFSOCK:
		break;
	case AE_IFLNK:
		if (!target || !*target || strlen(target) >= PATH_MAX)
			return refuse(guard, name, "the target of this "
						   "symbolic link is empty or "
						   "too long");
		break;
	default:
		return refuse(guard, name, "no kind of file that Linux has");
	}
	if (!*name && archive_entry_filetype(entry) != AE_IFDIR)
		return refuse(guard, "/", "the root is not a folder");
	return 0;
}

/* What the header says about the size, before any of it has come. */
static int check_amount(struct kbox_guard *guard, struct archive_entry *entry,
			const char *name)
{
	unsigned long long left = guard->max_bytes - guard->amount.bytes;
	long long size = archive_entry_size(entry);
	unsigned long long rounded;

	guard->size = 0;
	if (guard->amount.files >= KBOX_IMAGE_FILES_MAX)
		return refuse(guard, name, "there are too many files");
	guard->amount.files++;
	if (archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	if (size < 0)
		return refuse(guard, name, "its size is negative");
	if ((unsigned long long)size > left) {
		kbox_error("%s: refused: %s: with it there are more than "
			   "%llu MiB; --limit allows more", guard->source, name,
			   guard->max_bytes >> 20);
		return -EPERM;
	}
	guard->size = (unsigned long long)size;
	rounded = (guard->size + 4095) & ~4095ULL;
	guard->amount.bytes += rounded < left ? rounded : left;
	return 0;
}

/* The file, and the folders on the way to it, which may have no entries. */
static int note(struct kbox_guard *guard, const char *name, bool link)
{
	int err = 0;

	for (const char *p = strchr(name, '/'); p && !err;
	     p = strchr(p + 1, '/'))
		err = kbox_names_put(&guard->made, name, (size_t)(p - name),
				     false);
	if (!err)
		err = kbox_names_put(&guard->made, name, strlen(name), link);
	if (err)
		return no_memory(guard);
	if (guard->made.bytes > KBOX_IMAGE_NAME_BYTES_MAX)
		return refuse(guard, name, "with it the names of all files and "
					   "folders are too long");
	return 0;
}

int kbox_guard_layer(struct kbox_guard *guard)
{
	kbox_names_done(&guard->made);
	return guard->sink->layer ? guard->sink->layer(guard->sink) : 0;
}

int kbox_guard_entry(struct kbox_guard *guard, struct archive_entry *entry)
{
	const char *raw = archive_entry_pathname(entry);
	KBOX_CLEANUP_FREE char *name = NULL;
	int err;

	if (!raw)
		return refuse(guard, "?", "a name that cannot be read");
	err = clean(guard, raw, &name);
	if (!err && archive_entry_hardlink(entry)) {
		/* Other archives repeat size and contents; they are the target's. */
		archive_entry_set_size(entry, 0);
		archive_entry_set_filetype(entry, AE_IFREG);
		err = check_link(guard, entry, name);
	}
	if (!err)
		err = check_kind(guard, entry, name);
	if (!err)
		err = check_amount(guard, entry, name);
	if (!err)
		err = note(guard, name,
			   archive_entry_filetype(entry) == AE_IFLNK);
	if (err)
		return err;
	archive_entry_copy_pathname(entry, name);
	return guard->sink->entry(guard->sink, entry);
}

int kbox_guard_data(struct kbox_guard *guard, const void *data, size_t len,
		    unsigned long long offset)
{
	/* The size of a file is known, and counted, before its contents. */
	if (offset > guard->size || len > guard->size - offset) {
		kbox_error("%s: refused: a file with more data than its size",
			   guard->source);
		return -EPERM;
	}
	if (guard->progress)
		guard->progress(guard->progress_arg, &guard->amount);
	return guard->sink->data(guard->sink, data, len, offset);
}

int kbox_guard_end(struct kbox_guard *guard)
{
	if (guard->progress)
		guard->progress(guard->progress_arg, &guard->amount);
	return guard->sink->end(guard->sink);
}

void kbox_guard_done(struct kbox_guard *guard)
{
	kbox_names_done(&guard->made);
}
