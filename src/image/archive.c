/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Archives as a source; see archive.h.
 *
 * Side: host. Source: archive_read(3).
 */
#include "archive.h"

#include <archive.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/limits.h"
#include "../base/log.h"

struct input {
	const struct kbox_blob *blob;
	unsigned long long at;
	void *buf;
};

static la_ssize_t read_some(struct archive *archive, void *arg,
			    const void **ret_data)
{
	struct input *input = arg;
	ssize_t n = kbox_blob_read(input->blob, input->buf,
				   KBOX_IMAGE_CHUNK_BYTES, input->at);

	if (n < 0) {
		archive_set_error(archive, (int)-n, "cannot be read");
		return ARCHIVE_FATAL;
	}
	input->at += (unsigned long long)n;
	*ret_data = input->buf;
	return n;
}

static struct archive *open_archive(struct input *input)
{
	struct archive *archive = archive_read_new();

	if (!archive)
		return NULL;
	archive_read_support_format_tar(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_compress(archive);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_set_read_callback(archive, read_some);
	archive_read_set_callback_data(archive, input);
	return archive;
}

static int broken(struct archive *archive, const struct kbox_guard *guard)
{
	const char *why = archive_error_string(archive);

	kbox_error("%s: damaged, or not an archive that kbox reads (tar): %s",
		   guard->source, why ? why : "it ends too early");
	return -EINVAL;
}

/* Contents that grow so much are zeros, or meant to fill the disk. */
static int check_growth(struct archive *archive, struct kbox_guard *guard)
{
	unsigned long long packed =
		(unsigned long long)archive_filter_bytes(archive, -1);
	unsigned long long unpacked =
		(unsigned long long)archive_filter_bytes(archive, 0);

	if (unpacked < KBOX_IMAGE_GROWTH_FREE_BYTES ||
	    unpacked / KBOX_IMAGE_GROWTH_MAX < packed)
		return 0;
	kbox_error("%s: refused: unpacking makes it more than %d times larger; "
		   "--limit allows it", guard->source, KBOX_IMAGE_GROWTH_MAX);
	return -EPERM;
}

static int send_data(struct archive *archive, struct kbox_guard *guard,
		     bool bounded)
{
	const void *data;
	la_int64_t offset;
	size_t len;
	int err;

	for (;;) {
		err = archive_read_data_block(archive, &data, &len, &offset);
		if (err == ARCHIVE_EOF)
			return 0;
		if (err < ARCHIVE_WARN)
			return broken(archive, guard);
		err = bounded ? check_growth(archive, guard) : 0;
		if (!err && len)
			err = kbox_guard_data(guard, data, len,
					      (unsigned long long)offset);
		if (err)
			return err;
	}
}

static int send_file(struct archive *archive, struct archive_entry *entry,
		     struct kbox_guard *guard, bool bounded)
{
	int err = kbox_guard_entry(guard, entry);

	if (!err && archive_entry_filetype(entry) == AE_IFREG &&
	    !archive_entry_hardlink(entry))
		err = send_data(archive, guard, bounded);
	return err ? err : kbox_guard_end(guard);
}

static int send_all(struct archive *archive, struct kbox_guard *guard,
		    bool bounded)
{
	struct archive_entry *entry;
	int err;

	if (archive_read_open1(archive) < ARCHIVE_WARN)
		return broken(archive, guard);
	for (;;) {
		err = archive_read_next_header(archive, &entry);
		if (err == ARCHIVE_EOF)
			return 0;
		/* A warning here means that something was not understood. */
		if (err != ARCHIVE_OK)
			return broken(archive, guard);
		err = bounded ? check_growth(archive, guard) : 0;
		if (!err)
			err = send_file(archive, entry, guard, bounded);
		if (err)
			return err;
	}
}

int kbox_archive_send(const struct kbox_blob *blob, struct kbox_guard *guard,
		      bool bounded)
{
	struct input input = {
		.blob = blob,
		.buf = malloc(KBOX_IMAGE_CHUNK_BYTES),
	};
	struct archive *archive = input.buf ? open_archive(&input) : NULL;
	int err = -ENOMEM;

	if (archive)
		err = send_all(archive, guard, bounded);
	else
		kbox_error("%s: out of memory", guard->source);
	archive_read_free(archive);
	free(input.buf);
	return err;
}
