/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that kbox itself adds to a stream.
 *
 * Side: host.
 */
#include "sink.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/log.h"

static int put(struct kbox_sink *sink, struct archive_entry *entry,
	       const char *text, size_t len)
{
	int err = sink->entry(sink, entry);

	if (!err && len)
		err = sink->data(sink, text, len, 0);
	return err ? err : sink->end(sink);
}

static int put_entry(struct kbox_sink *sink, const char *path, mode_t mode,
		     const char *text, size_t len, time_t mtime)
{
	struct archive_entry *entry = archive_entry_new();
	int err;

	if (!entry) {
		kbox_error("/%s: cannot be made: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	archive_entry_copy_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_size(entry, (long long)len);
	archive_entry_set_mtime(entry, mtime, 0);
	err = put(sink, entry, text, len);
	archive_entry_free(entry);
	return err;
}

int kbox_sink_put_file(struct kbox_sink *sink, const char *path,
		       const char *text, size_t len, time_t mtime)
{
	return put_entry(sink, path, S_IFREG | 0644, text, len, mtime);
}

int kbox_sink_put_folder(struct kbox_sink *sink, const char *path,
			 time_t mtime)
{
	return put_entry(sink, path, S_IFDIR | 0755, NULL, 0, mtime);
}
