/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies of images, in which holes stay holes.
 *
 * Side: host. Where the host's file system shares blocks between files, it does.
 * Sources: ioctl_ficlone(2), copy_file_range(2), lseek(2).
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"

static int copy_range(int from, int to, off_t start, off_t end)
{
	off_t in = start, out = start;

	while (in < end) {
		ssize_t n = copy_file_range(from, &in, to, &out,
					    (size_t)(end - in), 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -EIO;
	}
	return 0;
}

static int copy_data(int from, int to, off_t size)
{
	off_t end = 0;
	int err = 0;

	while (!err) {
		off_t start = lseek(from, end, SEEK_DATA);

		if (start < 0)
			return errno == ENXIO ? 0 : -errno;
		if (start >= size)
			return 0;
		end = lseek(from, start, SEEK_HOLE);
		err = end < 0 ? -errno : copy_range(from, to, start, end);
	}
	return err;
}

int kbox_copy_sparse(const char *path, int fd, const char *name)
{
	KBOX_CLEANUP_CLOSE int from = open(path, O_RDONLY | O_CLOEXEC);
	struct flock lock = { .l_type = F_RDLCK };
	struct stat st;
	int err = 0;

	/* As boxes lock their images. */
	if (from < 0 || fstat(from, &st) < 0 ||
	    fcntl(from, F_OFD_SETLK, &lock) < 0) {
		err = errno == EAGAIN ? EBUSY : errno;
		kbox_error("%s: %s", path, strerror(err));
		return -err;
	}
	if (ioctl(fd, FICLONE, from) < 0) {
		err = ftruncate(fd, st.st_size) < 0 ? -errno : 0;
		if (!err)
			err = copy_data(from, fd, st.st_size);
	}
	if (err)
		kbox_error("%s: cannot be written: %s", name, strerror(-err));
	return err;
}
