/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One request of a disk, as calls of the host's.
 *
 * Side: host. Invariants are in disk-io.h.
 */
#include "disk-io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../base/limits.h"

_Static_assert(sizeof(struct kbox_iovec) == sizeof(struct iovec) &&
		       offsetof(struct kbox_iovec, len) ==
			       offsetof(struct iovec, iov_len),
	       "struct kbox_iovec is handed to the host as struct iovec");

/* What a failed disk looks like to the kernel. */
static int disk_error(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? -ENOSPC :
								      -EIO;
}

/* Leave out the first @done bytes of @iov, into @rest; entries of @rest. */
static int skip(const struct kbox_iovec *iov, unsigned int count,
		unsigned long long done, struct iovec *rest)
{
	int left = 0;

	for (unsigned int i = 0; i < count && left < KBOX_STACK_IOV_MAX; i++) {
		if (done >= iov[i].len) {
			done -= iov[i].len;
			continue;
		}
		rest[left].iov_base = (char *)iov[i].base + done;
		rest[left].iov_len = iov[i].len - done;
		done = 0;
		left++;
	}
	return left;
}

/* One call: bytes, or -1 with errno. */
static ssize_t transfer_some(const struct kbox_disk_io *io, int flags)
{
	const struct kbox_disk_request *request = io->request;
	struct iovec rest[KBOX_STACK_IOV_MAX];
	const struct iovec *pieces = (const struct iovec *)request->iov;
	int count = (int)request->count;
	off_t offset = (off_t)(io->offset + io->done);

	if (io->done) {
		count = skip(request->iov, request->count, io->done, rest);
		pieces = rest;
	}
	if (request->op == KBOX_DISK_READ)
		return preadv2(io->fd, pieces, count, offset, flags);
	return pwritev2(io->fd, pieces, count, offset, flags);
}

/* 0, or -1 with errno. */
static int transfer(struct kbox_disk_io *io, int flags)
{
	while (io->done < io->request->len) {
		ssize_t n = transfer_some(io, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (!n)
			errno = EIO;
		if (n <= 0)
			return -1;
		io->done += (unsigned long long)n;
	}
	return 0;
}

int kbox_disk_io_now(struct kbox_disk_io *io)
{
	if (!transfer(io, RWF_NOWAIT))
		return 0;
	if (errno == EAGAIN)
		return -EAGAIN;
	if (errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS)
		return io->done ? -EAGAIN : -EOPNOTSUPP;
	return disk_error(errno);
}

int kbox_disk_io_flush(int fd)
{
	int err;

	do
		err = fdatasync(fd);
	while (err < 0 && errno == EINTR);
	return err < 0 ? disk_error(errno) : 0;
}

/* As fallocate(2), or -errno. */
static int allocate(const struct kbox_disk_io *io, int mode)
{
	int err;

	do
		err = fallocate(io->fd, mode | FALLOC_FL_KEEP_SIZE,
				(off_t)io->offset, (off_t)io->request->len);
	while (err < 0 && errno == EINTR);
	return err < 0 ? -errno : 0;
}

static int discard(const struct kbox_disk_io *io)
{
	int err = allocate(io, FALLOC_FL_PUNCH_HOLE);

	return err && err != -EOPNOTSUPP ? disk_error(-err) : err;
}

/* The host may have no quick way: then zeroes are written. */
static int zero(const struct kbox_disk_io *io)
{
	static const char zeroes[KBOX_DISK_ZEROES_BYTES];
	int err = allocate(io, FALLOC_FL_ZERO_RANGE);
	unsigned long long done = 0, len = io->request->len;

	if (err != -EOPNOTSUPP)
		return err ? disk_error(-err) : 0;
	while (done < len) {
		size_t now = len - done < sizeof(zeroes) ? len - done :
							   sizeof(zeroes);
		ssize_t n = pwrite(io->fd, zeroes, now,
				   (off_t)(io->offset + done));

		if (n < 0 && errno != EINTR)
			return disk_error(errno);
		if (n > 0)
			done += (unsigned long long)n;
	}
	return 0;
}

static int write_all(struct kbox_disk_io *io)
{
	if (!transfer(io, io->request->durable ? RWF_DSYNC : 0))
		return 0;
	return disk_error(errno);
}

int kbox_disk_io_wait(struct kbox_disk_io *io)
{
	int err = io->flush_first ? kbox_disk_io_flush(io->fd) : 0;

	if (err)
		return err;
	switch (io->request->op) {
	case KBOX_DISK_READ:
		return transfer(io, 0) ? disk_error(errno) : 0;
	case KBOX_DISK_WRITE:
		return write_all(io);
	case KBOX_DISK_ZERO:
		err = zero(io);
		break;
	case KBOX_DISK_DISCARD:
		err = discard(io);
		break;
	case KBOX_DISK_FLUSH:
		return kbox_disk_io_flush(io->fd);
	}
	if (!err && io->request->durable)
		err = kbox_disk_io_flush(io->fd);
	return err;
}

bool kbox_disk_io_in_memory(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (fs.f_type == TMPFS_MAGIC ||
				     fs.f_type == RAMFS_MAGIC ||
				     fs.f_type == HUGETLBFS_MAGIC);
}
