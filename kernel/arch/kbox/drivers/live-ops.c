// SPDX-License-Identifier: GPL-2.0-only
/*
 * File operations that keep mappings, reads and writes of live files coherent.
 *
 * Side: kernel. On the way of every read and write of a regular file that can
 * be mapped with MAP_SHARED; see live.c for what they do.
 *
 * Each such file gets, when it is opened, a copy of its file system's
 * operations in which a few are ours. They look whether the inode is live, and
 * call the file system's. A file is wrapped whether or not it is mapped, since
 * a mapping may come while it is open, held by whomever. As long as no file is
 * live the cost is one comparison.
 *
 * Truncation, setting of times, opening and sealing are reached by wrapping the functions that
 * all ways lead through (--wrap of the linker, see ../Makefile).
 *
 * Invariant: a table of operations, once made, stays as it is for good.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/memfd.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "kbox-drivers.h"
#include "live.h"

#define TABLES	8	/* file systems with different operations */

static struct wrapped_ops {
	const struct file_operations *stock;
	struct file_operations own;
} *tables[TABLES];

static const struct file_operations *stock(const struct file *file)
{
	return container_of(file->f_op, struct wrapped_ops, own)->stock;
}

static struct inode *inode_of(const struct file *file)
{
	return file->f_mapping->host;
}

static loff_t end_of(loff_t start, size_t len)
{
	loff_t end;

	return check_add_overflow(start, (loff_t)len, &end) ? LLONG_MAX : end;
}

static ssize_t live_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;

	kbox_live_pull_inode(inode_of(file), iocb->ki_pos,
			     end_of(iocb->ki_pos, iov_iter_count(to)));
	return stock(file)->read_iter(iocb, to);
}

static ssize_t live_splice_read(struct file *file, loff_t *pos,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	kbox_live_pull_inode(inode_of(file), *pos, end_of(*pos, len));
	return stock(file)->splice_read(file, pos, pipe, len, flags);
}

static ssize_t live_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = inode_of(file);
	struct kbox_live *live = kbox_live_lock(inode);
	loff_t start = iocb->ki_pos;
	size_t count = iov_iter_count(from);
	ssize_t ret;

	if (live)
		live->writer = current;
	ret = stock(file)->write_iter(iocb, from);
	if (live)
		live->writer = NULL;
	/* It may have become live while the write waited for the inode. */
	if (!live)
		live = kbox_live_lock(inode);
	if (!live)
		return ret;
	if (ret > 0) {
		/* The end is certain, the start moves with O_APPEND. */
		kbox_live_push(live, iocb->ki_pos - ret, iocb->ki_pos);
	} else if (ret == -EIOCBQUEUED) {
		inode_dio_wait(inode);
		kbox_live_push(live, start, end_of(start, count));
	}
	kbox_live_unlock(live);
	return ret;
}

static long live_fallocate(struct file *file, int mode, loff_t offset,
			   loff_t len)
{
	struct inode *inode = inode_of(file);
	struct kbox_live *live = kbox_live_lock(inode);
	long ret;

	if (live)
		kbox_live_pull(live, offset, LLONG_MAX);
	ret = stock(file)->fallocate(file, mode, offset, len);
	if (!live)
		live = kbox_live_lock(inode);
	if (!live)
		return ret;
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE) && !ret)
		kbox_host->live_clear(live->fd, offset, len);
	kbox_live_resize(live);
	if (mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE))
		kbox_live_push(live, offset, LLONG_MAX);
	kbox_live_unlock(live);
	return ret;
}

static int live_fsync(struct file *file, loff_t start, loff_t end,
		      int datasync)
{
	struct kbox_live *live = kbox_live_find(inode_of(file));
	/*
	 * A write with O_SYNC ends in this, locked, with the memfd still to get
	 * what was written.
	 */
	bool within_write = live && live->writer == current;

	if (live)
		kbox_live_put(live);
	/* An error is noted in the mapping, where the stock function finds it. */
	if (!within_write)
		kbox_live_pull_inode(inode_of(file), start, end_of(end, 1));
	return stock(file)->fsync(file, start, end, datasync);
}

/* A store to a hole makes it data. */
static loff_t live_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		kbox_live_pull_inode(inode_of(file), 0, LLONG_MAX);
	return stock(file)->llseek(file, offset, whence);
}

static const struct file_operations *wrapped(const struct file_operations *ops)
{
	struct wrapped_ops *table;
	unsigned int i;

	for (i = 0; i < TABLES && tables[i]; i++)
		if (tables[i]->stock == ops || &tables[i]->own == ops)
			return &tables[i]->own;
	if (i == TABLES || !ops->read_iter || !ops->write_iter)
		return ops;
	table = kmalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return ops;
	table->stock = ops;
	table->own = *ops;
	table->own.read_iter = live_read_iter;
	table->own.write_iter = live_write_iter;
	if (ops->splice_read)
		table->own.splice_read = live_splice_read;
	if (ops->fallocate)
		table->own.fallocate = live_fallocate;
	if (ops->fsync)
		table->own.fsync = live_fsync;
	if (ops->llseek)
		table->own.llseek = live_llseek;
	/* kmalloc() may have let another task do the same. */
	if (tables[i]) {
		kfree(table);
		return wrapped(ops);
	}
	tables[i] = table;
	return &table->own;
}

bool kbox_live_is_wrapped(const struct file *file)
{
	unsigned int i;

	for (i = 0; i < TABLES && tables[i]; i++)
		if (file->f_op == &tables[i]->own)
			return true;
	return false;
}

/* Of an overlay the real files are wrapped, which it opens by itself. */
static void wrap_file(struct file *file)
{
	if (S_ISREG(file_inode(file)->i_mode) && file->f_mode & FMODE_OPENED &&
	    kbox_data_inode(file) == file_inode(file))
		file->f_op = wrapped(file->f_op);
}

int __real_vfs_open(const struct path *path, struct file *file);
int __wrap_vfs_open(const struct path *path, struct file *file);
int __wrap_vfs_open(const struct path *path, struct file *file)
{
	int err = __real_vfs_open(path, file);

	if (!err)
		wrap_file(file);
	return err;
}

int __real_finish_open(struct file *file, struct dentry *dentry,
		       int (*open)(struct inode *inode, struct file *file));
int __wrap_finish_open(struct file *file, struct dentry *dentry,
		       int (*open)(struct inode *inode, struct file *file));
int __wrap_finish_open(struct file *file, struct dentry *dentry,
		       int (*open)(struct inode *inode, struct file *file))
{
	int err = __real_finish_open(file, dentry, open);

	if (!err)
		wrap_file(file);
	return err;
}

/* memfd_create() and the like. */
struct file *__real_alloc_file_pseudo(struct inode *inode,
				      struct vfsmount *mnt, const char *name,
				      int flags,
				      const struct file_operations *fops);
struct file *__wrap_alloc_file_pseudo(struct inode *inode,
				      struct vfsmount *mnt, const char *name,
				      int flags,
				      const struct file_operations *fops);
struct file *__wrap_alloc_file_pseudo(struct inode *inode,
				      struct vfsmount *mnt, const char *name,
				      int flags,
				      const struct file_operations *fops)
{
	struct file *file = __real_alloc_file_pseudo(inode, mnt, name, flags,
						     fops);

	if (!IS_ERR(file) && shmem_mapping(file->f_mapping))
		wrap_file(file);
	return file;
}

/*
 * What was stored before the times are set must not change them later. The
 * inode's lock is held, so ours can only be tried; it is free but for writers
 * at the same moment.
 */
static void pull_before_times(struct inode *inode)
{
	struct kbox_live *live = kbox_live_find(inode);

	if (!live)
		return;
	if (mutex_trylock(&live->lock)) {
		if (!live->dead)
			kbox_live_pull(live, 0, LLONG_MAX);
		mutex_unlock(&live->lock);
	}
	kbox_live_put(live);
}

/*
 * All truncations. With the inode's lock held, so without ours: what is being
 * copied from or to the memfd is copied again, since the count has changed.
 */
int __real_notify_change(struct mnt_idmap *idmap, struct dentry *dentry,
			 struct iattr *attr, struct inode **delegated);
int __wrap_notify_change(struct mnt_idmap *idmap, struct dentry *dentry,
			 struct iattr *attr, struct inode **delegated);
int __wrap_notify_change(struct mnt_idmap *idmap, struct dentry *dentry,
			 struct iattr *attr, struct inode **delegated)
{
	bool resize = attr->ia_valid & ATTR_SIZE;
	struct kbox_live *live;
	int err;

	if (!resize && attr->ia_valid & ATTR_MTIME)
		pull_before_times(d_inode(dentry));
	err = __real_notify_change(idmap, dentry, attr, delegated);
	if (!resize)
		return err;
	live = kbox_live_find(d_inode(dentry));
	if (live) {
		if (!live->dead) {
			live->truncations++;
			kbox_live_resize(live);
		}
		kbox_live_put(live);
	}
	return err;
}

/* Sealing against writes fails while there are mappings; but only then. */
long __real_memfd_fcntl(struct file *file, unsigned int cmd, unsigned int arg);
long __wrap_memfd_fcntl(struct file *file, unsigned int cmd, unsigned int arg);
long __wrap_memfd_fcntl(struct file *file, unsigned int cmd, unsigned int arg)
{
	long ret = __real_memfd_fcntl(file, cmd, arg);

	if (ret == -EBUSY && cmd == F_ADD_SEALS && kbox_live_collect())
		ret = __real_memfd_fcntl(file, cmd, arg);
	return ret;
}
