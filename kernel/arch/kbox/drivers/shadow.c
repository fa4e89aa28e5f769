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
 * reads, gathers the folios, and lets the host copy from them directly. When
 * the file changed meanwhile the copy is thrown away and the question is put
 * again with the new identity.
 *
 * Invariants
 *  1. The identity is taken under the inode's lock, with no direct I/O under
 *     way: no write is half done at that moment. i_version is queried, so the
 *     next write changes it. Equal identities before and after the copy hence
 *     mean that the copy is of one moment. File systems without i_version
 *     have only the times.
 *  2. Contents belong to the inode that holds the data: of a file on an
 *     overlay that is the layer's inode, so all overlays share one shadow.
 *  3. Folios are referenced until the host has copied them.
 *
 * Not done: a file that is rewritten without pause is copied as it comes, as
 * a native mapping would show it; shadows do not follow later writes.
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

#include "kbox-drivers.h"

#define SHADOW_TRIES	4	/* then a changing file is taken as it is */
#define FILL_FOLIOS	256	/* held at a time, and read ahead: 1 MiB */

struct kbox_file {
	struct file *file;
	struct inode *inode;	/* that holds the data */
	struct kbox_file_id id;
	bool last_try;
};

struct fill {
	struct kbox_file *source;
	int fd;			/* the host's, to be filled */
	struct file_ra_state ra;
	loff_t start;		/* of what is gathered, which has no gaps */
	unsigned int pieces;
	unsigned int folios;
	struct kbox_iovec piece[KBOX_IOV_MAX];
	struct folio *folio[FILL_FOLIOS];
};

/*
 * The inode with the data of regular file @file, or NULL when its contents
 * are not simply those of a page cache (proc, sysfs and the like).
 */
static struct inode *data_inode(struct file *file)
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
	if (inode->i_sb->s_type->fs_flags & FS_REQUIRES_DEV ||
	    inode->i_sb->s_magic == RAMFS_MAGIC)
		return inode;
	return NULL;
}

static void identify(struct inode *inode, struct kbox_file_id *ret_id)
{
	struct timespec64 mtime, ctime;

	inode_lock(inode);
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
	};
	inode_unlock(inode);
}

static int fill_flush(struct fill *fill)
{
	unsigned int i;
	int err = 0;

	if (fill->pieces)
		err = kbox_host->shadow_write(fill->fd, fill->piece,
					      fill->pieces, fill->start);
	for (i = 0; i < fill->folios; i++)
		folio_put(fill->folio[i]);
	fill->pieces = 0;
	fill->folios = 0;
	return err;
}

/* The folio at @index, up to date and referenced; up to @end is read ahead. */
static struct folio *fill_folio(struct fill *fill, pgoff_t index, loff_t end)
{
	struct address_space *mapping = fill->source->inode->i_mapping;
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
		DEFINE_READAHEAD(ahead, NULL, &fill->ra, mapping, index);

		page_cache_ra_unbounded(&ahead, min(pages, FILL_FOLIOS), 0);
	}
	return read_mapping_folio(mapping, index, NULL);
}

static int fill_range(struct fill *fill, loff_t pos, loff_t end)
{
	fill->start = pos;
	while (pos < end) {
		struct folio *folio = fill_folio(fill, pos >> PAGE_SHIFT, end);
		size_t offset, len;

		if (IS_ERR(folio)) {
			fill_flush(fill);
			return PTR_ERR(folio);
		}
		offset = offset_in_folio(folio, pos);
		len = min_t(loff_t, folio_size(folio) - offset, end - pos);
		fill->folio[fill->folios++] = folio;
		fill->pieces = kbox_iov_add(fill->piece, fill->pieces,
					    folio_address(folio) + offset, len);
		pos += len;
		if (fill->folios == FILL_FOLIOS || fill->pieces == KBOX_IOV_MAX) {
			int err = fill_flush(fill);

			if (err)
				return err;
			fill->start = pos;
		}
	}
	return fill_flush(fill);
}

/* The data between the holes of a file that may have some. */
static int fill_sparse(struct fill *fill, loff_t size)
{
	/* An opening of our own, which nobody notices: the offset is moved. */
	struct file *file = kernel_file_open(&fill->source->file->f_path,
					     O_RDONLY | O_LARGEFILE |
					     __FMODE_NONOTIFY, current_cred());
	loff_t data = 0, hole;
	int err = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	while (!err && data < size) {
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
		hole = min(hole, size);
		if (data < hole)
			err = fill_range(fill, data, hole);
		data = hole;
	}
	fput(file);
	return err;
}

int kbox_lk_file_fill(struct kbox_file *source, int fd)
{
	struct inode *inode = source->inode;
	struct kbox_file_id now;
	struct fill *fill;
	loff_t size;
	int err;

	fill = kzalloc(sizeof(*fill), GFP_KERNEL);
	if (!fill)
		return -ENOMEM;
	fill->source = source;
	fill->fd = fd;
	file_ra_state_init(&fill->ra, inode->i_mapping);

	size = min_t(loff_t, source->id.size, i_size_read(inode));
	if ((u64)inode->i_blocks << SECTOR_SHIFT >= size)
		err = fill_range(fill, 0, size);
	else
		err = fill_sparse(fill, size);
	kfree(fill);
	if (err || source->last_try)
		return err;

	identify(inode, &now);
	return memcmp(&now, &source->id, sizeof(now)) ? -EAGAIN : 0;
}

/*
 * A sealed host descriptor with the contents of @file, which the caller owns
 * (kbox_host->shadow_put()). Sleeps for I/O. -ENODEV for files that have no
 * contents to map; else the host's error, or that of reading the file.
 */
int kbox_file_shadow(struct file *file)
{
	struct kbox_file source = { .file = file, .inode = data_inode(file) };
	int try, fd = -ENODEV;

	if (!source.inode)
		return -ENODEV;
	ihold(source.inode);
	for (try = 1; try <= SHADOW_TRIES; try++) {
		source.last_try = try == SHADOW_TRIES;
		identify(source.inode, &source.id);
		fd = kbox_host->shadow_get(&source.id, &source);
		if (fd != -EAGAIN)
			break;
	}
	iput(source.inode);
	return fd;
}
