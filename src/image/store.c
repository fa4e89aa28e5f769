/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The named pieces that a container image consists of.
 *
 * Side: host.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "archive.h"

/* Names of pieces that are made of a digest begin with so many digits. */
#define ID_DIGITS 12

static struct kbox_store *of(struct kbox_sink *sink)
{
	return KBOX_CONTAINER_OF(sink, struct kbox_store, sink);
}

/* Whether a container image may have a piece of this name. */
static bool fits(const char *name)
{
	static const char *const known[] = { "", "blobs", "index.json",
					     "manifest.json", "oci-layout",
					     "repositories" };
	size_t len = strcspn(name, "/");

	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(known); i++)
		if (strlen(known[i]) == len && !memcmp(known[i], name, len))
			return true;
	return strspn(name, "0123456789abcdef") >= ID_DIGITS;
}

/* The target of a symbolic link as a name of the archive. */
static char *resolve(const char *name, const char *target)
{
	const char *slash = strrchr(name, '/');
	size_t len = slash ? (size_t)(slash - name) : 0;
	char *result;

	/* As old ones have it: ID/layer.tar is ../OTHER/layer.tar. */
	if (!strncmp(target, "../", 3) && !memchr(name, '/', len)) {
		target += 3;
		len = 0;
	}
	if (asprintf(&result, "%.*s%s%s", (int)len, name, len ? "/" : "",
		     target) < 0)
		return NULL;
	return result;
}

static struct kbox_piece *add(struct kbox_store *store, const char *name)
{
	struct kbox_piece *pieces;

	pieces = realloc(store->pieces, (store->count + 1) * sizeof(*pieces));
	if (!pieces)
		return NULL;
	store->pieces = pieces;
	pieces += store->count;
	memset(pieces, 0, sizeof(*pieces));
	pieces->blob.fd = -1;
	pieces->name = strdup(name);
	if (!pieces->name)
		return NULL;
	store->count++;
	return pieces;
}

static int complain(const struct kbox_store *store, const char *name, int err)
{
	kbox_error("%s: %s: %s", store->source, name, strerror(-err));
	return err;
}

static int take_entry(struct kbox_sink *sink, struct archive_entry *entry)
{
	struct kbox_store *store = of(sink);
	const char *name = archive_entry_pathname(entry);
	struct kbox_piece *piece;

	if (!fits(name))
		return -ENODATA;
	if (archive_entry_filetype(entry) == AE_IFDIR)
		return 0;
	if (store->count == KBOX_IMAGE_PIECES_MAX)
		return complain(store, name, -E2BIG);
	piece = add(store, name);
	if (!piece)
		return complain(store, name, -ENOMEM);
	if (archive_entry_hardlink(entry))
		piece->target = strdup(archive_entry_hardlink(entry));
	else if (archive_entry_filetype(entry) == AE_IFLNK)
		piece->target = resolve(name, archive_entry_symlink(entry));
	else if (archive_entry_filetype(entry) != AE_IFREG)
		return complain(store, name, -EINVAL);
	piece->blob.fd = store->file_fd;
	piece->blob.start = store->used;
	piece->blob.bytes = (unsigned long long)archive_entry_size(entry);
	store->used += piece->blob.bytes;
	return 0;
}

static int take_data(struct kbox_sink *sink, const void *data, size_t len,
		     unsigned long long offset)
{
	struct kbox_store *store = of(sink);
	const struct kbox_piece *piece = &store->pieces[store->count - 1];

	while (len) {
		ssize_t n = pwrite(store->file_fd, data, len,
				   (off_t)(piece->blob.start + offset));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return complain(store, piece->name, n ? -errno : -EIO);
		data = (const char *)data + n;
		len -= (size_t)n;
		offset += (unsigned long long)n;
	}
	return 0;
}

static int take_end(struct kbox_sink *sink)
{
	struct kbox_store *store = of(sink);

	/* Holes at the end count, too. */
	if (ftruncate(store->file_fd, (off_t)store->used) < 0)
		return complain(store, "unpacking", -errno);
	return 0;
}

void kbox_store_open_folder(struct kbox_store *store, const char *source,
			    int fd)
{
	memset(store, 0, sizeof(*store));
	store->source = source;
	store->folder_fd = fd;
	store->file_fd = -1;
}

static int open_scratch(void)
{
	const char *folder = getenv("TMPDIR");

	return open(folder && *folder ? folder : "/var/tmp",
		    O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int kbox_store_open_archive(struct kbox_store *store, const char *source,
			    const struct kbox_blob *archive,
			    unsigned long long max_bytes, bool bounded)
{
	struct kbox_guard guard = {
		.sink = &store->sink,
		.source = source,
		.max_bytes = max_bytes,
	};
	int err;

	kbox_store_open_folder(store, source, -1);
	store->sink.entry = take_entry;
	store->sink.data = take_data;
	store->sink.end = take_end;
	store->file_fd = open_scratch();
	if (store->file_fd < 0)
		return complain(store, "no scratch file (TMPDIR)", -errno);
	err = kbox_archive_send(archive, &guard, bounded);
	kbox_guard_done(&guard);
	if (err)
		kbox_store_close(store);
	return err;
}

/* Opened once and kept, so that all readers see the same file. */
static int find_in_folder(struct kbox_store *store, const char *name,
			  struct kbox_blob *ret_blob)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	KBOX_CLEANUP_CLOSE int fd = (int)syscall(SYS_openat2, store->folder_fd,
						 name, &how, sizeof(how));
	struct kbox_piece *piece;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	piece = store->count < KBOX_IMAGE_PIECES_MAX ? add(store, name) : NULL;
	if (!piece)
		return -ENOMEM;
	piece->blob.fd = KBOX_TAKE_FD(fd);
	piece->blob.bytes = (unsigned long long)st.st_size;
	*ret_blob = piece->blob;
	return 0;
}

int kbox_store_find(struct kbox_store *store, const char *name,
		    struct kbox_blob *ret_blob)
{
	const char *wanted = name;
	int links = 0;

	/* The last of a name counts, as for tar(1). */
	for (size_t i = store->count; i--;) {
		const struct kbox_piece *piece = &store->pieces[i];

		if (strcmp(piece->name, wanted))
			continue;
		if (!piece->target) {
			*ret_blob = piece->blob;
			return 0;
		}
		if (++links > 8)
			return -ELOOP;
		wanted = piece->target;
		i = store->count;
	}
	if (store->folder_fd < 0)
		return -ENOENT;
	return find_in_folder(store, name, ret_blob);
}

void kbox_store_close(struct kbox_store *store)
{
	for (size_t i = 0; i < store->count; i++) {
		free(store->pieces[i].name);
		free(store->pieces[i].target);
		if (store->folder_fd >= 0)
			kbox_close(store->pieces[i].blob.fd);
	}
	free(store->pieces);
	store->pieces = NULL;
	store->count = 0;
	store->file_fd = kbox_close(store->file_fd);
}
