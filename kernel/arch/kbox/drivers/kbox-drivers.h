/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share. Side: kernel.
 */
#ifndef KBOX_DRIVERS_H
#define KBOX_DRIVERS_H

#include <linux/types.h>
#include <asm/kbox.h>

struct file;
struct inode;
struct linux_binprm;

/* Pieces of memory handed to the host in one operation; lives on stacks. */
#define KBOX_IOV_MAX 64

/*
 * Append @len bytes at @base to @iov, joined with the last piece when that
 * ends there. @count pieces are in use; returns the new count.
 */
static inline unsigned int kbox_iov_add(struct kbox_iovec *iov,
					unsigned int count, void *base,
					unsigned long len)
{
	if (count && iov[count - 1].base + iov[count - 1].len == base) {
		iov[count - 1].len += len;
		return count;
	}
	iov[count].base = base;
	iov[count].len = len;
	return count + 1;
}

/* exec-elf.c */
int kbox_elf_check(struct linux_binprm *bprm, struct file **ret_interp);

/* hostfd-ioctl.c */
long kbox_hostfd_ioctl(int host_fd, unsigned int cmd, unsigned long arg);

#endif
