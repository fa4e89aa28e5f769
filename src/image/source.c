/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an image is made from, whatever it is.
 *
 * Side: host.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "archive.h"
#include "tree.h"

static int open_file(struct kbox_source *source)
{
	struct stat st;

	/* O_NONBLOCK: a named pipe must not hold us up. */
	source->fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0 || fstat(source->fd, &st) < 0)
		return -errno;
	source->is_folder = S_ISDIR(st.st_mode);
	source->blob.fd = source->fd;
	source->blob.bytes = (unsigned long long)st.st_size;
	if (source->is_folder || S_ISREG(st.st_mode))
		return 0;
	kbox_error("%s: neither a folder nor a file", source->path);
	return -EINVAL;
}

int kbox_source_open(struct kbox_source *source, const char *path)
{
	int err;

	memset(source, 0, sizeof(*source));
	source->path = path;
	source->bounded = true;
	err = open_file(source);
	if (err && err != -EINVAL)
		kbox_error("%s: %s", path, strerror(-err));
	if (err)
		kbox_source_close(source);
	return err;
}

int kbox_source_send(const struct kbox_source *source,
		     struct kbox_guard *guard)
{
	if (source->is_folder)
		return kbox_tree_send(source->fd, guard);
	return kbox_archive_send(&source->blob, guard, source->bounded);
}

void kbox_source_close(struct kbox_source *source)
{
	source->fd = kbox_close(source->fd);
}
