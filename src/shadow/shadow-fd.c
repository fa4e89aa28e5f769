/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows: sealed host memfds with the contents of a file of the image.
 *
 * Side: host; runs on the 32 KiB stack of the kernel task that asked, so
 * nothing large is kept on it. Invariants are in shadow-fd.h.
 */
#include "shadow-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/io.h"
#include "../base/limits.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#define SHADOW_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

_Static_assert(sizeof(struct kbox_iovec) == sizeof(struct iovec) &&
		       offsetof(struct kbox_iovec, len) ==
			       offsetof(struct iovec, iov_len),
	       "struct kbox_iovec is handed to the host as struct iovec");

int kbox_shadow_memfd(unsigned long long dev, unsigned long long ino)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	char name[48];
	int fd;

	snprintf(name, sizeof(name), KBOX_SHADOW_NAME, dev, ino);
	fd = memfd_create(name, flags | MFD_EXEC);
	/* Linux before 6.3 does not know MFD_EXEC and needs none. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags);
	return fd < 0 ? -ENOMEM : fd;
}

static int seal(int fd)
{
	int seals;

	if (fcntl(fd, F_ADD_SEALS, SHADOW_SEALS) < 0)
		return -ENOMEM;
	seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & SHADOW_SEALS) == SHADOW_SEALS ? 0 :
								      -ENOMEM;
}

static int reopen_for_reading(int fd)
{
	char path[32];
	int own;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_RDONLY | O_CLOEXEC);
	return own < 0 ? -ENOMEM : own;
}

bool kbox_shadow_needs_reopening(void)
{
	KBOX_CLEANUP_CLOSE int fd = kbox_shadow_memfd(0, 0);
	void *map = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, 1) == 0 && seal(fd) == 0)
		map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return true;
	munmap(map, 1);
	return false;
}

int kbox_shadow_create(const struct kbox_file_id *id, struct kbox_file *file,
		       bool reopen, int *ret_fd)
{
	KBOX_CLEANUP_CLOSE int fd = kbox_shadow_memfd(id->dev, id->ino);
	int err, own;

	if (fd < 0 || ftruncate(fd, (off_t)id->size) < 0)
		return -ENOMEM;
	err = kbox_lk_file_fill(file, fd);
	if (!err)
		err = seal(fd);
	if (err)
		return err;
	own = reopen ? reopen_for_reading(fd) : KBOX_TAKE_FD(fd);
	if (own < 0)
		return own;
	*ret_fd = own;
	return 0;
}

int kbox_shadow_zero(const struct kbox_file_id *id)
{
	const int seals = F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
	int fd = kbox_shadow_memfd(id->dev, id->ino);

	if (fd < 0)
		return -ENOMEM;
	if (id->size > LLONG_MAX || ftruncate(fd, (off_t)id->size) < 0 ||
	    fcntl(fd, F_ADD_SEALS, seals) < 0) {
		kbox_close(fd);
		return -ENOMEM;
	}
	return fd;
}

unsigned long long kbox_shadow_bytes(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : (unsigned long long)st.st_blocks * 512;
}

int kbox_shadow_write(int fd, const struct kbox_iovec *iov, unsigned int count,
		      unsigned long long offset)
{
	while (count) {
		unsigned int now = count < KBOX_IOV_MAX ? count : KBOX_IOV_MAX;
		ssize_t n = pwritev(fd, (const struct iovec *)iov, (int)now,
				    (off_t)offset);
		unsigned long left;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -ENOMEM;
		for (left = (unsigned long)n; count && left >= iov->len;
		     iov++, count--) {
			left -= iov->len;
			offset += iov->len;
		}
		if (!count)
			break;
		if (!left && n)
			continue;
		/* The rest of a piece that a short write ended within. */
		if (kbox_pwrite_all(fd, (char *)iov->base + left,
				    iov->len - left, (off_t)(offset + left)))
			return -ENOMEM;
		offset += iov->len;
		iov++;
		count--;
	}
	return 0;
}
