/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory, from the kernel's uaccess.
 *
 * Side: host, on kernel tasks' stacks.
 *
 * process_vm_readv(2) and process_vm_writev(2) respect the guest's page
 * protection, as the host's /proc/PID/mem does not, which is only for guests
 * that use theirs. They stop at the first page that is
 * not there and count the bytes before it, whatever pieces these belong to;
 * only when there is none they give an error.
 */
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../guest/memory.h"
#include "host.h"

/*
 * The main thread of a process may end before the others, and with it the way
 * to the memory by the process's number: then another thread's leads there.
 */
static ssize_t transfer(ssize_t (*vm)(pid_t, const struct iovec *,
				      unsigned long, const struct iovec *,
				      unsigned long, unsigned long),
			int tgid, const struct iovec *local,
			const struct iovec *remote, unsigned int count)
{
	ssize_t n = vm(tgid, local, count, remote, count, 0);
	int tid;

	if (n >= 0 || errno != ESRCH)
		return n;
	tid = kbox_guest_live_tid(tgid);
	return tid < 0 ? n : vm(tid, local, count, remote, count, 0);
}

/* The host transfers at most MAX_RW_COUNT, 2 GiB less a page, in one call. */
#define TRANSFER_MAX (1UL << 30)

int kbox_host_mem_read(int tgid, void *dst, unsigned long addr,
		       unsigned long len, unsigned long *ret_done)
{
	unsigned long done = 0;

	while (done < len) {
		unsigned long now = len - done;
		struct iovec local, remote;
		ssize_t n;

		if (now > TRANSFER_MAX)
			now = TRANSFER_MAX;
		local.iov_base = (char *)dst + done;
		remote.iov_base = (void *)(addr + done);
		local.iov_len = remote.iov_len = now;
		n = transfer(process_vm_readv, tgid, &local, &remote, 1);
		if (n > 0)
			done += (unsigned long)n;
		if (n < 0 || (unsigned long)n < now)
			break;
	}
	*ret_done = done;
	return done == len ? 0 : -EFAULT;
}

/* Write one piece that is too long for a single call. */
static int write_long(int tgid, const struct kbox_mem_write *piece,
		      unsigned long *done)
{
	for (unsigned long at = 0; at < piece->len;) {
		unsigned long now = piece->len - at;
		struct iovec local, remote;
		ssize_t n;

		if (now > TRANSFER_MAX)
			now = TRANSFER_MAX;
		local.iov_base = (char *)(unsigned long)piece->src + at;
		remote.iov_base = (void *)(piece->addr + at);
		local.iov_len = remote.iov_len = now;
		n = transfer(process_vm_writev, tgid, &local, &remote, 1);
		if (n > 0)
			*done += (unsigned long)n;
		if (n < 0 || (unsigned long)n < now)
			return -EFAULT;
		at += now;
	}
	return 0;
}

/* As many pieces as fit one call; how many, and their bytes in *@ret_bytes. */
static unsigned int gather(struct kbox_host *host,
			   const struct kbox_mem_write *writes,
			   unsigned int count, unsigned long *ret_bytes)
{
	unsigned long bytes = 0;
	unsigned int i;

	for (i = 0; i < count && i < KBOX_IOV_MAX; i++) {
		if (writes[i].len > TRANSFER_MAX - bytes)
			break;
		host->local[i].iov_base =
			(void *)(unsigned long)writes[i].src;
		host->remote[i].iov_base = (void *)writes[i].addr;
		host->local[i].iov_len = writes[i].len;
		host->remote[i].iov_len = writes[i].len;
		bytes += writes[i].len;
	}
	*ret_bytes = bytes;
	return i;
}

int kbox_host_mem_write(int tgid, const struct kbox_mem_write *writes,
			unsigned int count, unsigned long *ret_done)
{
	struct kbox_host *host = kbox_host();
	unsigned long done = 0;
	int err = 0;

	while (count && !err) {
		unsigned long bytes;
		unsigned int now = gather(host, writes, count, &bytes);
		ssize_t n;

		if (!now) {
			err = write_long(tgid, writes, &done);
			now = 1;
		} else if (bytes) {
			n = transfer(process_vm_writev, tgid, host->local,
				     host->remote, now);
			if (n > 0)
				done += (unsigned long)n;
			if (n < 0 || (unsigned long)n < bytes)
				err = -EFAULT;
		}
		writes += now;
		count -= now;
	}
	*ret_done = done;
	return err;
}

int kbox_host_mem_force(int tgid, void *buf, unsigned long addr,
			unsigned long len, int write, unsigned long *ret_done)
{
	int tid = kbox_guest_live_tid(tgid);
	KBOX_CLEANUP_CLOSE int fd = tid < 0 ? tid : kbox_guest_mem_open(tid);
	unsigned long done = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && done < len) {
		n = write ? pwrite(fd, (char *)buf + done, len - done,
				   (off_t)(addr + done)) :
			    pread(fd, (char *)buf + done, len - done,
				  (off_t)(addr + done));
		if (n > 0)
			done += (unsigned long)n;
	}
	*ret_done = done;
	return done == len ? 0 : -EFAULT;
}
