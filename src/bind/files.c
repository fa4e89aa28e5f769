/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's files, opened.
 *
 * Side: host, in several threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "call.h"

/* Of a guest's open flags; appending and syncing come with each write. */
#define OPEN_FLAGS (O_ACCMODE | O_TRUNC | O_DIRECTORY)

static struct kbox_bind_handle *handle_of(uint64_t fh)
{
	return (struct kbox_bind_handle *)(uintptr_t)fh;
}

int kbox_bind_open_again(int fd, int flags)
{
	struct kbox_bind_path path;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -EACCES;
	fd = open(kbox_bind_path(&path, fd),
		  (flags & OPEN_FLAGS) | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int kbox_bind_handle_new(int fd, dev_t dev, struct fuse_open_out *ret_out)
{
	struct kbox_bind_handle *handle = malloc(sizeof(*handle));

	if (!handle) {
		kbox_close(fd);
		return -ENOMEM;
	}
	handle->fd = fd;
	handle->dev = dev;
	*ret_out = (struct fuse_open_out){
		.fh = (uint64_t)(uintptr_t)handle,
	};
	return 0;
}

void kbox_bind_handle_free(uint64_t fh)
{
	struct kbox_bind_handle *handle = handle_of(fh);

	kbox_close(handle->fd);
	free(handle);
}

int kbox_bind_reply_open(struct kbox_bind_call *call, int flags)
{
	int fd = kbox_bind_open_again(call->node->fd, flags);
	struct fuse_open_out out;
	int err = fd < 0 ? fd : kbox_bind_handle_new(fd, call->node->dev, &out);

	if (!err)
		kbox_bind_reply(call, 0, &out, sizeof(out));
	return err;
}

int kbox_bind_open(struct kbox_bind_call *call)
{
	const struct fuse_open_in *in = kbox_bind_arg(call, 0, sizeof(*in));

	if (!in)
		return -EINVAL;
	if (call->bind->read_only &&
	    ((in->flags & O_ACCMODE) != O_RDONLY || in->flags & O_TRUNC))
		return -EROFS;
	return kbox_bind_reply_open(call, (int)in->flags);
}

int kbox_bind_release(struct kbox_bind_call *call)
{
	const struct fuse_release_in *in =
		kbox_bind_arg(call, 0, sizeof(*in));

	if (!in)
		return -EINVAL;
	kbox_bind_handle_free(in->fh);
	return 0;
}

/* The first of @iov that are not yet full, with @done bytes left out. */
static unsigned int rest_of(const struct kbox_iovec *iov, unsigned int count,
			    size_t done, struct iovec *ret_rest)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < count && left < KBOX_STACK_IOV_MAX; i++) {
		if (done >= iov[i].len) {
			done -= iov[i].len;
			continue;
		}
		ret_rest[left].iov_base = (char *)iov[i].base + done;
		ret_rest[left++].iov_len = iov[i].len - done;
		done = 0;
	}
	return left;
}

int kbox_bind_read(struct kbox_bind_call *call)
{
	const struct fuse_read_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	struct kbox_bind_request *request = call->request;
	struct iovec rest[KBOX_STACK_IOV_MAX];
	size_t done = 0;

	if (!in)
		return -EINVAL;
	for (;;) {
		unsigned int left = rest_of(request->out, request->out_count,
					    done, rest);
		ssize_t n;

		if (!left)
			break;
		n = preadv2(handle_of(in->fh)->fd, rest, (int)left,
			    (off_t)(in->offset + done),
			    call->now ? RWF_NOWAIT : 0);
		if (n < 0 && errno == EINTR)
			continue;
		/* What came already is read again, from memory. */
		if (n < 0)
			return errno == EOPNOTSUPP ? -EAGAIN : -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	request->out_bytes = (unsigned int)done;
	return 0;
}

static int write_flags(uint32_t open_flags)
{
	int flags = 0;

	if (open_flags & O_APPEND)
		flags |= RWF_APPEND;
	if ((open_flags & O_SYNC) == O_SYNC)
		flags |= RWF_SYNC;
	else if (open_flags & O_DSYNC)
		flags |= RWF_DSYNC;
	return flags;
}

int kbox_bind_write(struct kbox_bind_call *call)
{
	const struct fuse_write_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	const struct kbox_bind_request *request = call->request;
	struct iovec rest[KBOX_STACK_IOV_MAX];
	struct fuse_write_out out = { 0 };

	if (!in)
		return -EINVAL;
	/* What a mapping has changed is written where it is. */
	while (out.size < in->size) {
		unsigned int left = rest_of(request->in + 2,
					    request->in_count - 2, out.size,
					    rest);
		ssize_t n = pwritev2(handle_of(in->fh)->fd, rest, (int)left,
				     (off_t)(in->offset + out.size),
				     in->write_flags & FUSE_WRITE_CACHE ?
					     0 : write_flags(in->flags));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && !out.size)
			return -errno;
		if (n <= 0)
			break;
		out.size += (uint32_t)n;
	}
	kbox_bind_reply(call, 0, &out, sizeof(out));
	return 0;
}

/* Of a file or a folder. */
int kbox_bind_fsync(struct kbox_bind_call *call)
{
	const struct fuse_fsync_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	int fd;

	if (!in)
		return -EINVAL;
	fd = handle_of(in->fh)->fd;
	if ((in->fsync_flags & FUSE_FSYNC_FDATASYNC ? fdatasync(fd) :
						      fsync(fd)) < 0)
		return -errno;
	return 0;
}

int kbox_bind_syncfs(struct kbox_bind_call *call)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	struct kbox_bind_path path;

	/* An O_PATH descriptor cannot be synced. */
	fd = open(kbox_bind_path(&path, call->bind->root.fd),
		  O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == EACCES ? 0 : -errno;
	return syncfs(fd) < 0 ? -errno : 0;
}

int kbox_bind_fallocate(struct kbox_bind_call *call)
{
	const struct fuse_fallocate_in *in =
		kbox_bind_arg(call, 0, sizeof(*in));

	if (!in)
		return -EINVAL;
	if (fallocate(handle_of(in->fh)->fd, (int)in->mode, (off_t)in->offset,
		      (off_t)in->length) < 0)
		return -errno;
	return 0;
}

int kbox_bind_lseek(struct kbox_bind_call *call)
{
	const struct fuse_lseek_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	struct fuse_lseek_out out;
	off_t offset;

	if (!in)
		return -EINVAL;
	offset = lseek(handle_of(in->fh)->fd, (off_t)in->offset,
		       (int)in->whence);
	if (offset < 0)
		return -errno;
	out.offset = (uint64_t)offset;
	kbox_bind_reply(call, 0, &out, sizeof(out));
	return 0;
}
