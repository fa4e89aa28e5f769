/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream of files, from a source to a sink.
 *
 * Side: host. Sources are archives, folders of the host, container images and
 * file systems in the library kernel; sinks count, write to such a file system,
 * or to an archive. A file is described by libarchive's struct archive_entry,
 * which has room for all that a Linux file has.
 *
 * Invariants
 *  1. A sink gets names that guard.h has let through: relative, without empty,
 *     "." and ".." components; "" is the root. Folders come before what is in
 *     them, if they come at all. The target of a hard link is such a name.
 *  2. For each file there is one entry(), then, for regular files that are not
 *     hard links, data() in the order of offsets, then end(). What lies between
 *     the data up to the size is a hole.
 *  3. Any of them ends the stream with a negative errno, after it has logged
 *     one line that says why. So do sources: nobody logs it again.
 */
#ifndef KBOX_IMAGE_SINK_H
#define KBOX_IMAGE_SINK_H

#include <archive_entry.h>
#include <stddef.h>
#include <time.h>

struct kbox_sink {
	/*
	 * A new layer begins: names of whiteouts, which only layers have, speak
	 * of what came before. May be NULL.
	 */
	int (*layer)(struct kbox_sink *sink);
	/* The entry is the source's; it stays as it is until end(). */
	int (*entry)(struct kbox_sink *sink, struct archive_entry *entry);
	int (*data)(struct kbox_sink *sink, const void *data, size_t len,
		    unsigned long long offset);
	int (*end)(struct kbox_sink *sink);
};

/*
 * Send a regular file of root's, or a folder; what is in a file is @text. 0, or
 * -errno after one line.
 */
int kbox_sink_put_file(struct kbox_sink *sink, const char *path,
		       const char *text, size_t len, time_t mtime);
int kbox_sink_put_folder(struct kbox_sink *sink, const char *path,
			 time_t mtime);

#endif
