/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks: parts of host files that the kernel's block device reads and writes.
 *
 * Side: host, on kernel tasks' stacks.
 *
 * Invariants
 *  1. Nothing outside [start, start + bytes) of the file is ever touched, and
 *     a read-only disk is never written: both are checked here, whatever the
 *     kernel asks for.
 *  2. A short transfer goes on where it stopped; a read past the end of a
 *     file that became shorter is -EIO.
 *  3. What is read is what was written last, whether it is held or not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"

_Static_assert(sizeof(struct kbox_iovec) == sizeof(struct iovec) &&
		       offsetof(struct kbox_iovec, len) ==
			       offsetof(struct iovec, iov_len),
	       "struct kbox_iovec is handed to the host as struct iovec");

typedef ssize_t (*vector_fn)(int fd, const struct iovec *iov, int count,
			     off_t offset);

int kbox_host_add_disk(struct kbox_host *host,
		       const struct kbox_host_disk *disk)
{
	if (host->disk_count == KBOX_LK_DISKS_MAX)
		return -ENOSPC;
	host->disks[host->disk_count] = *disk;
	return (int)host->disk_count++;
}

/* What a failed disk looks like to the kernel. */
static int disk_error(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? -ENOSPC :
								      -EIO;
}

/* The disk, when [@offset, @offset + @bytes) lies within it. */
static struct kbox_host_disk *find(unsigned int index,
				   unsigned long long offset,
				   unsigned long long bytes)
{
	struct kbox_host *host = kbox_host();
	struct kbox_host_disk *disk = &host->disks[index];

	if (index >= host->disk_count || offset > disk->bytes ||
	    bytes > disk->bytes - offset)
		return NULL;
	return disk;
}

/* Leave out the first @done bytes of @iov, into @rest; entries of @rest. */
static int skip(const struct kbox_iovec *iov, unsigned int count,
		unsigned long done, struct iovec *rest)
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

static int transfer(int fd, const struct kbox_iovec *iov, unsigned int count,
		    unsigned long long offset, vector_fn fn)
{
	const struct iovec *pieces = (const struct iovec *)iov;
	struct iovec rest[KBOX_STACK_IOV_MAX];
	int left = (int)(count < KBOX_IOV_MAX ? count : KBOX_IOV_MAX);
	unsigned long done = 0;

	while (left) {
		ssize_t n = fn(fd, pieces, left, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? disk_error(errno) : -EIO;
		done += (unsigned long)n;
		left = skip(iov, count, done, rest);
		pieces = rest;
	}
	return 0;
}

static unsigned long long total(const struct kbox_iovec *iov,
				unsigned int count)
{
	unsigned long long bytes = 0;

	for (unsigned int i = 0; i < count; i++)
		bytes += iov[i].len;
	return bytes;
}

static int write_through(struct kbox_host_disk *disk,
			 const struct kbox_iovec *iov, unsigned int count,
			 unsigned long long offset)
{
	disk->flushed = false;
	return transfer(disk->fd, iov, count, disk->start + offset, pwritev);
}

static int flush_through(struct kbox_host_disk *disk)
{
	int err;

	if (disk->flushed)
		return 0;
	do
		err = fdatasync(disk->fd);
	while (err < 0 && errno == EINTR);
	if (err < 0)
		return disk_error(errno);
	disk->flushed = true;
	return 0;
}

static int write_held(void *arg, const void *data, size_t len,
		      unsigned long long offset)
{
	const struct kbox_iovec iov = { (void *)(unsigned long)data, len };

	return write_through(arg, &iov, 1, offset);
}

static int flush_held(void *arg)
{
	return flush_through(arg);
}

/* Before the file is changed for the first time. 0 or -errno. */
static int make_direct(struct kbox_host_disk *disk)
{
	const struct kbox_held_target target = { write_held, flush_held, disk };
	int err;

	if (disk->phase == KBOX_DISK_DIRECT)
		return 0;
	err = kbox_held_write_out(&disk->held, &target);
	if (!err)
		disk->phase = KBOX_DISK_DIRECT;
	return err;
}

bool kbox_host_disk_enter(struct kbox_host *host, unsigned int index,
			  enum kbox_disk_phase phase)
{
	struct kbox_host_disk *disk = &host->disks[index];

	if (index >= host->disk_count)
		return false;
	if (disk->read_only)
		return true;
	/* An error will come again with the next write, which reports it. */
	if (phase == KBOX_DISK_DIRECT)
		make_direct(disk);
	if (disk->phase == KBOX_DISK_DIRECT)
		return false;
	disk->phase = phase == KBOX_DISK_DIRECT ? KBOX_DISK_RUN : phase;
	return true;
}

int kbox_host_disk_read(unsigned int index, const struct kbox_iovec *iov,
			unsigned int count, unsigned long long offset)
{
	const struct kbox_host_disk *disk =
		find(index, offset, total(iov, count));
	int err;

	if (!disk)
		return -EIO;
	err = transfer(disk->fd, iov, count, disk->start + offset, preadv);
	if (!err)
		kbox_held_read(&disk->held, iov, count, offset);
	return err;
}

int kbox_host_disk_write(unsigned int index, const struct kbox_iovec *iov,
			 unsigned int count, unsigned long long offset)
{
	struct kbox_host_disk *disk = find(index, offset, total(iov, count));
	int err;

	if (!disk || disk->read_only)
		return -EIO;
	if (disk->phase == KBOX_DISK_LAUNCH &&
	    !kbox_held_add(&disk->held, iov, count, offset))
		return 0;
	err = make_direct(disk);
	return err ? err : write_through(disk, iov, count, offset);
}

int kbox_host_disk_flush(unsigned int index)
{
	struct kbox_host_disk *disk = find(index, 0, 0);

	if (!disk)
		return -EIO;
	if (disk->phase == KBOX_DISK_LAUNCH)
		kbox_held_flush(&disk->held);
	if (disk->read_only || disk->phase == KBOX_DISK_LAUNCH ||
	    disk->phase == KBOX_DISK_END)
		return 0;
	return flush_through(disk);
}

int kbox_host_disk_discard(unsigned int index, unsigned long long offset,
			   unsigned long long len)
{
	struct kbox_host_disk *disk = find(index, offset, len);
	int err;

	if (!disk || disk->read_only)
		return -EIO;
	err = make_direct(disk);
	if (err)
		return err;
	disk->flushed = false;
	do
		err = fallocate(disk->fd,
				FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)(disk->start + offset), (off_t)len);
	while (err < 0 && errno == EINTR);
	if (err < 0)
		return errno == EOPNOTSUPP ? -EOPNOTSUPP : disk_error(errno);
	return 0;
}
