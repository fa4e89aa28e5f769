/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tar archive as a sink; see tar.h.
 *
 * Side: host. libarchive does no more than compress. Source: archive_write(3).
 */
#include "tar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/log.h"
#include "../base/macros.h"
#include "pax.h"

static struct kbox_tar *of(struct kbox_sink *sink)
{
	return KBOX_CONTAINER_OF(sink, struct kbox_tar, sink);
}

static int broken(const struct kbox_tar *tar)
{
	const char *why = archive_error_string(tar->archive);

	kbox_error("%s: cannot be written: %s", tar->name,
		   why ? why : strerror(ENOMEM));
	return -EIO;
}

static int write_all(struct kbox_tar *tar, const char *data, size_t len)
{
	while (len) {
		la_ssize_t n = archive_write_data(tar->archive, data, len);

		if (n <= 0)
			return broken(tar);
		if (tar->digest)
			sha256_update(tar->digest, (size_t)n,
				      (const uint8_t *)data);
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Up to @bytes after the beginning of the file's contents. */
static int write_zeros(struct kbox_tar *tar, unsigned long long bytes)
{
	static const char zeros[4096];
	int err = 0;

	while (!err && tar->at < bytes) {
		unsigned long long left = bytes - tar->at;

		if (left > sizeof(zeros))
			left = sizeof(zeros);
		err = write_all(tar, zeros, (size_t)left);
		tar->at += left;
	}
	return err;
}

static int take_entry(struct kbox_sink *sink, struct archive_entry *entry)
{
	struct kbox_tar *tar = of(sink);
	struct kbox_pax_buffer header = { 0 };
	int err = kbox_pax_header(entry, &header);

	tar->at = 0;
	tar->size = 0;
	if (err == -EINVAL) {
		kbox_warn("/%s: a socket, which no archive has, is left out",
			  archive_entry_pathname(entry));
		return 0;
	}
	if (!err && archive_entry_filetype(entry) == AE_IFREG &&
	    !archive_entry_hardlink(entry))
		tar->size = (unsigned long long)archive_entry_size(entry);
	if (err)
		kbox_error("%s: cannot be written: %s", tar->name,
			   strerror(-err));
	else
		err = write_all(tar, header.data, header.len);
	free(header.data);
	return err;
}

static int take_data(struct kbox_sink *sink, const void *data, size_t len,
		     unsigned long long offset)
{
	struct kbox_tar *tar = of(sink);
	int err = write_zeros(tar, offset);

	tar->at += len;
	return err ? err : write_all(tar, data, len);
}

static int take_end(struct kbox_sink *sink)
{
	struct kbox_tar *tar = of(sink);

	/* A hole at the end, and the rest of the block. */
	return write_zeros(tar, (tar->size + KBOX_PAX_BLOCK - 1) &
					~(KBOX_PAX_BLOCK - 1ULL));
}

bool kbox_tar_compresses(const char *compression)
{
	return !compression || !strcmp(compression, "gzip") ||
	       !strcmp(compression, "xz") || !strcmp(compression, "zstd");
}

static int add_filter(struct archive *archive, const char *compression)
{
	if (!compression)
		return ARCHIVE_OK;
	/* The same files give the same bytes: no time of day in them. */
	if (!strcmp(compression, "gzip"))
		return archive_write_add_filter_gzip(archive) ||
		       archive_write_set_filter_option(archive, "gzip",
						       "timestamp", NULL);
	if (!strcmp(compression, "xz"))
		return archive_write_add_filter_xz(archive);
	return archive_write_add_filter_zstd(archive);
}

/* To libarchive the whole is one file without a header. */
static int start(struct archive *archive)
{
	struct archive_entry *entry = archive_entry_new();
	int failed = ARCHIVE_FATAL;

	if (entry) {
		archive_entry_set_filetype(entry, AE_IFREG);
		failed = archive_write_header(archive, entry);
	}
	archive_entry_free(entry);
	return failed;
}

int kbox_tar_init(struct kbox_tar *tar, int fd, const char *name,
		  const char *compression)
{
	memset(tar, 0, sizeof(*tar));
	tar->sink.entry = take_entry;
	tar->sink.data = take_data;
	tar->sink.end = take_end;
	tar->name = name;
	tar->archive = archive_write_new();
	if (!tar->archive || archive_write_set_format_raw(tar->archive) ||
	    archive_write_set_bytes_in_last_block(tar->archive, 1) ||
	    add_filter(tar->archive, compression) ||
	    archive_write_open_fd(tar->archive, fd) || start(tar->archive)) {
		int err = broken(tar);

		kbox_tar_done(tar);
		return err;
	}
	return 0;
}

int kbox_tar_finish(struct kbox_tar *tar)
{
	int err;

	/* Two blocks of zeros are the end. */
	tar->at = 0;
	err = write_zeros(tar, 2ULL * KBOX_PAX_BLOCK);
	if (!err && archive_write_close(tar->archive) != ARCHIVE_OK)
		err = broken(tar);
	return err;
}

void kbox_tar_done(struct kbox_tar *tar)
{
	archive_write_free(tar->archive);
	tar->archive = NULL;
}
