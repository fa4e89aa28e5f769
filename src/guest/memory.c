/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a guest process.
 *
 * Side: host. Invariants are in memory.h.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "proc-status.h"

/* No guest address that a transfer may touch has the top bit set. */
static int addr_ok(kbox_guest_addr addr, size_t len)
{
	return addr <= INT64_MAX && len <= INT64_MAX - addr;
}

int kbox_guest_read(int tid, void *dst, kbox_guest_addr addr, size_t len)
{
	struct iovec local = { .iov_base = dst, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)addr, .iov_len = len };

	if (!addr_ok(addr, len))
		return -EFAULT;
	if (process_vm_readv(tid, &local, 1, &remote, 1, 0) != (ssize_t)len)
		return -EFAULT;
	return 0;
}

int kbox_guest_write(int tid, kbox_guest_addr addr, const void *src,
		     size_t len)
{
	struct iovec local = { .iov_base = (void *)src, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)addr, .iov_len = len };

	if (!addr_ok(addr, len))
		return -EFAULT;
	if (process_vm_writev(tid, &local, 1, &remote, 1, 0) != (ssize_t)len)
		return -EFAULT;
	return 0;
}

static int find_live(int tid, void *context)
{
	struct kbox_proc_status status;

	if (kbox_proc_status_read(tid, &status) < 0 ||
	    kbox_proc_status_ended(&status))
		return 0;
	*(int *)context = tid;
	return 1;
}

int kbox_guest_live_tid(int tgid)
{
	char path[32];
	int tid = -ESRCH;

	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	kbox_proc_visit(path, find_live, &tid);
	return tid;
}

int kbox_guest_mem_open(int tid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int kbox_guest_mem_read(int mem_fd, void *dst, kbox_guest_addr addr,
			size_t len)
{
	if (!addr_ok(addr, len))
		return -EFAULT;
	return pread(mem_fd, dst, len, (off_t)addr) == (ssize_t)len ? 0 :
								      -EFAULT;
}

int kbox_guest_mem_write(int mem_fd, kbox_guest_addr addr, const void *src,
			 size_t len)
{
	if (!addr_ok(addr, len))
		return -EFAULT;
	return pwrite(mem_fd, src, len, (off_t)addr) == (ssize_t)len ? 0 :
								       -EFAULT;
}
