// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap(2) of a file, the library kernel's part: may the guest map it so?
 *
 * Side: kernel. The supervisor calls this (KBOX_CALL_MAP) before it lets the
 * host's own mmap go on with the shadow in place of the file.
 *
 * The checks are those of do_mmap() that depend on the file, in its order and
 * with its errors; what depends on the address is left to the host.
 *
 * /dev/zero is no file to copy: every mapping of it is fresh memory of the
 * host's.
 *
 * Not done: other devices are -ENODEV, for want of memory that both kernels
 * could share. Sources: mm/mmap.c, mmap(2).
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/mm.h>

#include "kbox-drivers.h"

/* As file_mmap_ok() of mm/mmap.c: can the offsets of the range be named? */
static bool range_ok(struct file *file, unsigned long pgoff, unsigned long len)
{
	umode_t mode = file_inode(file)->i_mode;
	u64 max = ULONG_MAX;

	if (S_ISREG(mode) || S_ISBLK(mode) || S_ISSOCK(mode))
		max = MAX_LFS_FILESIZE;
	else if (file->f_op->fop_flags & FOP_UNSIGNED_OFFSET)
		return true;
	if (len > max)
		return false;
	return pgoff <= (max - len) >> PAGE_SHIFT;
}

#define ZERO_MINOR 5	/* drivers/char/mem.c */

static bool is_zero_device(struct file *file)
{
	struct inode *inode = file_inode(file);

	return S_ISCHR(inode->i_mode) &&
	       inode->i_rdev == MKDEV(MEM_MAJOR, ZERO_MINOR);
}

static int zero_shadow(struct file *file, unsigned long bytes)
{
	struct inode *inode = file_inode(file);
	const struct kbox_file_id id = {
		.dev = new_encode_dev(inode->i_sb->s_dev),
		.ino = inode->i_ino,
		.size = bytes,
	};

	return kbox_host->shadow_zero(&id);
}

static int check_shared(struct file *file, unsigned long prot,
			unsigned long flags)
{
	unsigned long known = LEGACY_MAP_MASK;

	if (file->f_op->fop_flags & FOP_MMAP_SYNC)
		known |= MAP_SYNC;
	if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE && flags & ~known)
		return -EOPNOTSUPP;
	if (prot & PROT_WRITE) {
		if (!(file->f_mode & FMODE_WRITE))
			return -EACCES;
		if (IS_SWAPFILE(file->f_mapping->host))
			return -ETXTBSY;
	}
	if (IS_APPEND(file_inode(file)) && file->f_mode & FMODE_WRITE)
		return -EACCES;
	return 0;
}

static int check_mapping(struct file *file, unsigned long prot,
			 unsigned long flags, unsigned long len,
			 unsigned long pgoff)
{
	int err;

	if (flags & MAP_HUGETLB || !len)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff || !range_ok(file, pgoff, len))
		return -EOVERFLOW;

	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
	case MAP_SHARED_VALIDATE:
		err = check_shared(file, prot, flags);
		if (err)
			return err;
		fallthrough;
	case MAP_PRIVATE:
		if (!(file->f_mode & FMODE_READ))
			return -EACCES;
		if (path_noexec(&file->f_path) && prot & PROT_EXEC)
			return -EPERM;
		if (!file->f_op->mmap)
			return -ENODEV;
		if (flags & MAP_GROWSDOWN)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	return 0;
}

/*
 * A mapping of a file that is open for writing can be made writable later,
 * unless the file is sealed against it.
 */
static long map_shared(struct file *file, unsigned long prot,
		       unsigned long offset, unsigned long len)
{
	bool writable = file->f_mode & FMODE_WRITE;
	long seals = memfd_fcntl(file, F_GET_SEALS, 0);

	if (seals > 0 && seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
		if (prot & PROT_WRITE)
			return -EPERM;
		writable = false;
	}
	return kbox_live_map(file, true, writable, offset, len, 0);
}

/*
 * Returns a host descriptor that the supervisor owns, with the whole contents
 * of current's file @fd, when mmap(2) with these arguments is allowed. Or
 * KBOX_SHADOW_HAVE. Sleeps for I/O.
 */
long kbox_call_map(int fd, unsigned long prot, unsigned long flags,
		   unsigned long len, unsigned long offset,
		   unsigned long have)
{
	struct file *file;
	long ret;

	if (offset_in_page(offset))
		return -EINVAL;
	file = fget(fd);
	if (!file)
		return -EBADF;
	ret = check_mapping(file, prot, flags, len, offset >> PAGE_SHIFT);
	if (ret)
		;
	else if (is_zero_device(file))
		ret = zero_shadow(file, offset + PAGE_ALIGN(len));
	else if ((flags & MAP_TYPE) == MAP_PRIVATE)
		ret = kbox_live_map(file, false, false, offset, len, have);
	else
		ret = map_shared(file, prot, offset, len);
	if (ret >= 0)
		kbox_mapped_note(&file->f_path);
	fput(file);
	return ret;
}
