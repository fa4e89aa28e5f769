/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image: opened, locked, looked at.
 *
 * Side: host. Invariants are in image.h.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "fs-type.h"
#include "partition.h"

static int open_image(const char *path, bool read_only)
{
	/* O_NONBLOCK: a named pipe must not hold us up. */
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC |
				    O_NOCTTY | O_NONBLOCK);
	int err = errno;

	if (fd >= 0)
		return fd;
	if (err == EISDIR)
		kbox_error("%s: is a folder; an image file is needed", path);
	else if (!read_only && (err == EACCES || err == EROFS) &&
		 !access(path, R_OK))
		kbox_error("%s: cannot be written; use --ro to mount it "
			   "read-only", path);
	else
		kbox_error("%s: %s", path, strerror(err));
	return -err;
}

static int image_size(int fd, const char *path, unsigned long long *ret_bytes)
{
	unsigned long long bytes;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, &bytes) < 0)
			return -errno;
	} else if (S_ISREG(st.st_mode)) {
		bytes = (unsigned long long)st.st_size;
	} else {
		kbox_error("%s: not an image: neither a file nor a disk", path);
		return -EINVAL;
	}
	if (!bytes) {
		kbox_error("%s: not an image: it is empty", path);
		return -EINVAL;
	}
	*ret_bytes = bytes;
	return 0;
}

/* Whoever waits for kbox, or wants to end it, shall not wait for this. */
static bool is_called(void)
{
	sigset_t pending;

	return !sigpending(&pending) && !sigisemptyset(&pending);
}

/* As fcntl(): tries for at most @wait_ns, while the lock is another's. */
static int try_lock(int fd, const struct flock *lock,
		    unsigned long long wait_ns)
{
	const struct timespec nap = { .tv_nsec = KBOX_LOCK_RETRY_NS };

	for (;;) {
		int err = fcntl(fd, F_OFD_SETLK, lock);

		if (!err || (errno != EAGAIN && errno != EACCES) ||
		    wait_ns < KBOX_LOCK_RETRY_NS || is_called())
			return err;
		nanosleep(&nap, NULL);
		wait_ns -= KBOX_LOCK_RETRY_NS;
	}
}

static int lock_image(int fd, const struct kbox_options *options)
{
	const char *path = options->image;
	bool read_only = options->read_only;
	struct flock lock = {
		.l_type = read_only ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
	};
	int err;

	if (!try_lock(fd, &lock, options->lock_wait_ns))
		return 0;
	err = errno;
	if (err != EAGAIN && err != EACCES)
		kbox_error("%s: cannot be locked: %s", path, strerror(err));
	else if (read_only)
		kbox_error("%s: another program has it mounted for writing; "
			   "wait until it ends, or use a copy", path);
	else
		kbox_error("%s: another program has it mounted; wait until it "
			   "ends, use a copy, or use --ro in both", path);
	return -err;
}

static int choose_partition(struct kbox_image *image,
			    const struct kbox_options *options)
{
	int err;

	if (!options->partition)
		return 0;
	err = kbox_partition_find(image->fd, image->bytes, options->partition,
				  &image->start, &image->bytes);
	if (err == -ENODATA)
		kbox_error("%s: has no partition table; leave out -p",
			   options->image);
	else if (err == -ENOENT)
		kbox_error("%s: has no partition %u", options->image,
			   options->partition);
	else if (err == -ERANGE)
		kbox_error("%s: partition %u lies beyond the end of the image; "
			   "is it truncated?", options->image,
			   options->partition);
	else if (err)
		kbox_error("%s: %s", options->image, strerror(-err));
	return err;
}

/* Nothing that can be mounted was found. */
static int unknown(const struct kbox_image *image,
		   const struct kbox_options *options,
		   const struct kbox_fs_type *type)
{
	const char *path = options->image;

	if (type)
		kbox_error("%s: not a file system image that kbox can mount: "
			   "it is %s", path, type->name);
	else if (!options->partition && kbox_partition_table(image->fd))
		kbox_error("%s: has partitions; choose one with -p NUMBER",
			   path);
	else
		kbox_error("%s: no known file system on it; kbox mounts ext2, "
			   "ext3, ext4, squashfs and erofs", path);
	return -EINVAL;
}

static int check_contents(struct kbox_image *image,
			  const struct kbox_options *options)
{
	struct kbox_fs_type type;
	int err = kbox_fs_type_detect(image->fd, image->start, image->bytes,
				      &type);

	if (err && err != -ENODATA) {
		kbox_error("%s: %s", options->image, strerror(-err));
		return err;
	}
	if (err || !type.mountable)
		return unknown(image, options, err ? NULL : &type);
	if (type.bytes > image->bytes) {
		kbox_error("%s: truncated: its %s file system has %llu bytes, "
			   "of which %llu are there", options->image, type.name,
			   type.bytes, image->bytes);
		return -EINVAL;
	}
	image->clean = type.clean;
	image->fs_type = options->fs_type ? options->fs_type : type.name;
	return 0;
}

int kbox_image_open(struct kbox_image *image,
		    const struct kbox_options *options)
{
	int err;

	memset(image, 0, sizeof(*image));
	image->read_only = options->read_only;
	image->fd = open_image(options->image, options->read_only);
	if (image->fd < 0)
		return image->fd;
	err = image_size(image->fd, options->image, &image->bytes);
	if (!err)
		err = lock_image(image->fd, options);
	if (!err)
		err = choose_partition(image, options);
	if (!err)
		err = check_contents(image, options);
	/*
	 * The last sectors of squashfs and EROFS files are padded by their
	 * makers, but not always to whole ones; what is missing is refused by
	 * the disk, not invented.
	 */
	image->bytes &= ~511ULL;
	if (!err && !image->bytes) {
		kbox_error("%s: too small for a file system", options->image);
		err = -EINVAL;
	}
	if (err)
		kbox_image_close(image);
	return err;
}

void kbox_image_close(struct kbox_image *image)
{
	image->fd = kbox_close(image->fd);
}
