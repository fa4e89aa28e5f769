// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contents of the kernel's files for the host: identities and copies.
 *
 * Side: kernel. exec and mmap come here with a regular file and get a host
 * descriptor of its shadow.
 *
 * Theory of operation: kbox_file_shadow() names the exact version of the file
 * and asks the host. When the host has no such shadow it calls back
 * kbox_lk_file_fill(), which brings the file into the page cache with large
 * reads, gathers the folios, and lets the host copy from them directly. What it
 * brought there it drops again: the shadow has it now, and the few pages in use
 * stay in the processor's caches.
 *
 * Invariants
 *  1. The identity is taken under the inode's lock, with no direct I/O under
 *     way: no write is half done at that moment. i_version is queried, so the
 *     next write changes it. File systems that can be written but have no
 *     i_version (ramfs) are not cached.
 *  2. A copy is of one moment. A file without holes is copied under the same
 *     lock. Looking for holes takes that lock itself, so a file that may have
 *     some is copied without; its identity is compared afterwards, and the
 *     copy made again; the last time it is copied under the lock, with all
 *     pages read and those full of zeroes left out. Only direct writers, who
 *     share the lock, can spoil that one, as they can a native mapping.
 *  3. What no identity shows is told to the host: files that are gone for
 *     good, and the end of a file system, whose device number is free then.
 *  4. Contents belong to the inode that holds the data: of a file on an
 *     overlay that is the layer's inode, so all overlays share one shadow.
 *  5. Folios are referenced until the host has copied them.
 *
 * Limits: of a file larger than SHADOW_WHOLE_MAX only what the mapping covers
 * is copied, for this mapping alone; growing that by mremap(2) finds its end.
 * Shadows do not follow later writes; files that must are live, see live.c.
 */
#include <linux/backing-dev.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/iversion.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kbox-drivers.h"
#include "live.h"

#define SHADOW_TRIES	4	/* then a changing file is taken as it is */
#define FILL_FOLIOS	64	/* held at a time, and read ahead: 256 KiB */
#define SHADOW_WHOLE_MAX (256ULL << 20)

struct kbox_file {
	struct file *file;
	struct inode *inode;	/* that holds the data */
	struct kbox_file_id id;
	loff_t begin, end;	/* what is copied */
	bool locked;		/* the inode, while it is copied */
	bool skip_zeroes;	/* holes are not known */
	bool live;		/* will be compared with the page cache */
};

struct fill {
	struct kbox_file *source;
	int fd;			/* the host's, to be filled */
	struct file_ra_state ra;
	loff_t start;		/* of what is gathered, which has no gaps */
	pgoff_t read, read_end;	/* what we brought into the page cache */
	unsigned int pieces;
	unsigned int folios;
	struct kbox_iovec piece[FILL_FOLIOS];
	struct folio *folio[FILL_FOLIOS];
};

struct inode *kbox_data_inode(struct file *file)
{
	struct inode *inode;

	if (!S_ISREG(file_inode(file)->i_mode))
		return NULL;
	inode = d_real_inode(file_dentry(file));
	if (!inode || !S_ISREG(inode->i_mode))
		return NULL;
	if (shmem_mapping(inode->i_mapping))
		return inode;
	if (!inode->i_mapping->a_ops->read_folio)
		return NULL;
	if (kbox_is_bind(inode))
		return inode == file_inode(file) ? inode : NULL;
	if (inode->i_sb->s_type->fs_flags & FS_REQUIRES_DEV ||
	    inode->i_sb->s_magic == RAMFS_MAGIC)
		return inode;
	return NULL;
}

/* The inode is locked, shared at least. */
static void identify(struct inode *inode, struct kbox_file_id *ret_id)
{
	struct timespec64 mtime, ctime;

	inode_dio_wait(inode);
	mtime = inode_get_mtime(inode);
	ctime = inode_get_ctime(inode);
	*ret_id = (struct kbox_file_id) {
		.dev = new_encode_dev(inode->i_sb->s_dev),
		.ino = inode->i_ino,
		.mtime_sec = mtime.tv_sec,
		.mtime_nsec = mtime.tv_nsec,
		.size = i_size_read(inode),
		.ctime_sec = ctime.tv_sec,
		.ctime_nsec = ctime.tv_nsec,
		.generation = inode->i_generation,
		.version = IS_I_VERSION(inode) ? inode_query_iversion(inode) : 0,
		.once = inode->i_sb->s_magic == RAMFS_MAGIC,
	};
}

/* Copy what is gathered, which ends at @pos. */
static int fill_flush(struct fill *fill, loff_t pos)
{
	pgoff_t end = min(fill->read_end, DIV_ROUND_UP(pos, PAGE_SIZE));
	unsigned int i;
	int err = 0;

	if (fill->pieces)
		err = kbox_host->shadow_write(fill->fd, fill->piece,
					      fill->pieces, fill->start);
	for (i = 0; i < fill->folios; i++)
		folio_put(fill->folio[i]);
	fill->pieces = 0;
	fill->folios = 0;
	if (fill->read < end && !fill->source->live) {
		invalidate_mapping_pages(fill->source->inode->i_mapping,
					 fill->read, end - 1);
		fill->read = end;
	}
	return err;
}

/* Reads of a bind mount go by way of an open file. */
static struct file *reader(const struct kbox_file *source)
{
	return kbox_is_bind(source->inode) ? source->file : NULL;
}

/* The folio at @index, up to date and referenced; up to @end is read ahead. */
static struct folio *fill_folio(struct fill *fill, pgoff_t index, loff_t end)
{
	struct address_space *mapping = fill->source->inode->i_mapping;
	struct file *file = reader(fill->source);
	unsigned long pages = DIV_ROUND_UP(end, PAGE_SIZE) - index;
	struct folio *folio;

	if (shmem_mapping(mapping))
		return shmem_read_folio(mapping, index);

	folio = filemap_get_folio(mapping, index);
	if (!IS_ERR(folio)) {
		if (folio_test_uptodate(folio))
			return folio;
		folio_put(folio);
	} else {
		DEFINE_READAHEAD(ahead, file, &fill->ra, mapping, index);

		pages = min(pages, FILL_FOLIOS);
		fill->read = index;
		fill->read_end = index + pages;
		page_cache_ra_unbounded(&ahead, pages, 0);
	}
	return read_mapping_folio(mapping, index, file);
}

static int fill_range(struct fill *fill, loff_t pos, loff_t end)
{
	fill->start = pos;
	while (pos < end) {
		struct folio *folio = fill_folio(fill, pos >> PAGE_SHIFT, end);
		size_t offset, len;

		if (IS_ERR(folio)) {
			fill_flush(fill, pos);
			return PTR_ERR(folio);
		}
		offset = offset_in_folio(folio, pos);
		len = min_t(loff_t, folio_size(folio) - offset, end - pos);
		if (fill->source->skip_zeroes &&
		    !memchr_inv(folio_address(folio) + offset, 0, len)) {
			int err = fill_flush(fill, pos);

			folio_put(folio);
			if (err)
				return err;
			pos += len;
			fill->start = pos;
			continue;
		}
		fill->folio[fill->folios++] = folio;
		fill->pieces = kbox_iov_add(fill->piece, fill->pieces,
					    folio_address(folio) + offset, len);
		pos += len;
		if (fill->folios == FILL_FOLIOS) {
			int err = fill_flush(fill, pos);

			if (err)
				return err;
			fill->start = pos;
		}
	}
	return fill_flush(fill, pos);
}

/* The data between the holes of a file that may have some. */
static int fill_sparse(struct fill *fill, loff_t pos, loff_t end)
{
	/* An opening of our own, which nobody notices: the offset is moved. */
	struct file *file = kernel_file_open(&fill->source->file->f_path,
					     O_RDONLY | O_LARGEFILE |
					     __FMODE_NONOTIFY, current_cred());
	loff_t data = pos, hole;
	int err = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	while (!err && data < end) {
		data = vfs_llseek(file, data, SEEK_DATA);
		if (data == -ENXIO)
			break;
		hole = data < 0 ? data : vfs_llseek(file, data, SEEK_HOLE);
		if (hole == -ENXIO)
			break;
		if (hole < 0) {
			err = hole;
			break;
		}
		/* The folios of holes inside a page are zero anyway. */
		hole = min(hole, end);
		if (data < hole)
			err = fill_range(fill, data, hole);
		data = hole;
	}
	fput(file);
	return err;
}

/* Whether the file is another version than the one that was copied. */
static bool changed(const struct kbox_file *source)
{
	struct kbox_file_id now;

	inode_lock_shared(source->inode);
	identify(source->inode, &now);
	inode_unlock_shared(source->inode);
	now.size = min(now.size, source->id.size);
	now.once = source->id.once;
	return memcmp(&now, &source->id, sizeof(now));
}

static int copy(struct kbox_file *source, int fd)
{
	loff_t end = min_t(loff_t, source->end, i_size_read(source->inode));
	struct fill *fill = kzalloc(sizeof(*fill), GFP_KERNEL);
	int err;

	if (!fill)
		return -ENOMEM;
	fill->source = source;
	fill->fd = fd;
	file_ra_state_init(&fill->ra, source->inode->i_mapping);
	if (source->locked)
		err = fill_range(fill, source->begin, end);
	else
		err = fill_sparse(fill, source->begin, end);
	kfree(fill);
	return err;
}

int kbox_copy_to_host(struct file *file, struct inode *inode, int fd,
		      loff_t start, loff_t end)
{
	struct kbox_file source = {
		.file = file,
		.inode = inode,
		.begin = start,
		.end = end,
		.locked = !file,
		.live = true,
	};

	return copy(&source, fd);
}

int kbox_lk_file_fill(struct kbox_file *source, int fd)
{
	int err = copy(source, fd);

	if (!err && !source->locked && changed(source))
		err = -EAGAIN;
	return err;
}

/*
 * Copy what lies at [@pos, @pos + @len), and all else as well unless the file
 * is very large.
 */
static void choose_range(struct kbox_file *source, loff_t pos, u64 len)
{
	struct kbox_file_id *id = &source->id;

	source->begin = 0;
	if (id->size > SHADOW_WHOLE_MAX && pos < id->size &&
	    len < id->size - pos) {
		source->begin = pos;
		id->size = min_t(u64, id->size, PAGE_ALIGN(pos + len));
		id->once = 1;
	}
	source->end = id->size;
}

/* The host may have changed what it shares with us: size and times are asked. */
static void refresh(const struct kbox_file *source)
{
	struct kstat stat;

	if (kbox_is_bind(source->inode))
		vfs_getattr(&source->file->f_path, &stat, STATX_BASIC_STATS,
			    AT_STATX_SYNC_AS_STAT);
}

/* One attempt; -EAGAIN when the file changed under way. */
static int get_shadow(struct kbox_file *source, loff_t pos, u64 len,
		      unsigned long have, bool last)
{
	struct inode *inode = source->inode;
	bool holes;
	int fd;

	inode_lock_shared(inode);
	identify(inode, &source->id);
	choose_range(source, pos, len);
	/* Blocks that are yet to be allocated do not count: so it seems. */
	holes = (u64)inode->i_blocks << SECTOR_SHIFT < i_size_read(inode);
	source->locked = last || !holes;
	source->skip_zeroes = last && holes;
	if (!source->locked)
		inode_unlock_shared(inode);
	fd = kbox_host->shadow_get(&source->id, source, have);
	if (source->locked)
		inode_unlock_shared(inode);
	return fd;
}

/*
 * A sealed host descriptor with the contents of @file, which the caller owns
 * (kbox_host->shadow_put()), for a mapping of @len bytes at @pos. Sleeps for
 * I/O. KBOX_SHADOW_HAVE for that number @have. -ENODEV for files that have no contents to map; else the host's error,
 * or that of reading the file.
 */
int kbox_file_shadow_range(struct file *file, loff_t pos, u64 len,
			   unsigned long have)
{
	struct kbox_file source = {
		.file = file,
		.inode = kbox_data_inode(file),
	};
	int try, fd = -ENODEV;

	if (!source.inode)
		return -ENODEV;
	ihold(source.inode);
	refresh(&source);
	kbox_live_pull_inode(source.inode, 0, LLONG_MAX);
	for (try = 1; try <= SHADOW_TRIES; try++) {
		fd = get_shadow(&source, pos, len, have, try == SHADOW_TRIES);
		if (fd != -EAGAIN)
			break;
	}
	iput(source.inode);
	return fd;
}

/* The whole of it: for programs, whose segments are mapped one by one. */
int kbox_file_shadow(struct file *file)
{
	return kbox_file_shadow_range(file, 0, U64_MAX, 0);
}

/*
 * The end of an inode. Calls of the stock kernel come here (--wrap): the
 * number of a file that was unlinked is free now, and its shadow only costs.
 */
void __real___fsnotify_inode_delete(struct inode *inode);
void __wrap___fsnotify_inode_delete(struct inode *inode);
void __wrap___fsnotify_inode_delete(struct inode *inode)
{
	if (S_ISREG(inode->i_mode) && !inode->i_nlink)
		kbox_host->shadow_invalidate(new_encode_dev(inode->i_sb->s_dev),
					     inode->i_ino);
	__real___fsnotify_inode_delete(inode);
}

/* The end of a file system, whose device number the next one may get. */
void __real_fsnotify_sb_delete(struct super_block *sb);
void __wrap_fsnotify_sb_delete(struct super_block *sb);
void __wrap_fsnotify_sb_delete(struct super_block *sb)
{
	kbox_host->shadow_invalidate(new_encode_dev(sb->s_dev), 0);
	__real_fsnotify_sb_delete(sb);
}
