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

static int open_file(struct kbox_source *source, const char *path)
{
	struct stat st;

	/* O_NONBLOCK: a named pipe must not hold us up. */
	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0 || fstat(source->fd, &st) < 0)
		return -errno;
	source->is_folder = S_ISDIR(st.st_mode);
	source->blob.fd = source->fd;
	source->blob.bytes = (unsigned long long)st.st_size;
	if (source->is_folder || S_ISREG(st.st_mode))
		return 0;
	kbox_error("%s: neither a folder nor a file", source->name);
	return -EINVAL;
}

/* -ENODATA: no container image. */
static int open_container(struct kbox_source *source)
{
	int err;

	if (source->is_folder) {
		kbox_store_open_folder(&source->store, source->name,
				       source->fd);
	} else {
		err = kbox_store_open_archive(&source->store, source->name,
					      &source->blob,
					      source->options.max_bytes,
					      source->options.bounded);
		if (err)
			return err;
	}
	err = kbox_container_open(&source->container, &source->store,
				  &source->options.choice);
	if (err)
		kbox_store_close(&source->store);
	return err;
}

int kbox_source_open(struct kbox_source *source, const char *path,
		     const char *name,
		     const struct kbox_source_options *options)
{
	int err;

	memset(source, 0, sizeof(*source));
	source->name = name;
	source->options = *options;
	err = open_file(source, path);
	if (err && err != -EINVAL)
		kbox_error("%s: %s", name, strerror(-err));
	if (!err) {
		err = open_container(source);
		source->is_container = !err;
		if (err == -ENODATA)
			err = 0;
	}
	if (err)
		kbox_source_close(source);
	return err;
}

int kbox_source_send(const struct kbox_source *source,
		     struct kbox_guard *guard)
{
	bool bounded = source->options.bounded;
	int err;

	if (source->is_container)
		return kbox_container_send(&source->container, guard, bounded);
	if (source->is_folder)
		return kbox_tree_send(source->fd, guard);
	err = kbox_archive_send(&source->blob, guard, bounded);
	if (err || guard->amount.files)
		return err;
	/* What begins with zeros, as images of discs do, is an empty tar. */
	kbox_error("%s: no files in it; kbox reads tar archives", source->name);
	return -EINVAL;
}

const char *kbox_source_config(const struct kbox_source *source)
{
	return source->container.config;
}

void kbox_source_close(struct kbox_source *source)
{
	if (source->is_container) {
		kbox_container_close(&source->container);
		kbox_store_close(&source->store);
	}
	source->fd = kbox_close(source->fd);
}
