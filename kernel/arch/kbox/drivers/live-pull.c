// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores through shared mappings, brought back to the page cache.
 *
 * Side: kernel. The way of a live file's pages from the host's memfd; see
 * live.c.
 *
 * A page of the memfd that differs from the page cache was stored to by a
 * guest. It is treated as the stock kernel treats the write fault of such a
 * store: page_mkwrite allocates blocks and stamps times, then the page is
 * copied and dirty.
 *
 * Invariants
 *  1. Only pages that differ become dirty, and only bytes below the end of
 *     the file are taken.
 *  2. Between reading a piece of the memfd and copying it no truncation has
 *     happened; otherwise the piece is read again.
 *
 * Not done: a page that a guest gave back with MADV_REMOVE is seen only while
 * the page cache has it.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>

#include "kbox-drivers.h"
#include "live.h"

#define PULL_BYTES	(64UL * 1024)	/* of the memfd read at a time */

typedef u64 u64x2 __attribute__((vector_size(16)));

/* Most pages are equal, so to look for the end of that early does not pay. */
static bool page_differs(const u64x2 *a, const u64x2 *b)
{
	u64x2 odd = { 0 };
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*a); i += 4)
		odd |= (a[i] ^ b[i]) | (a[i + 1] ^ b[i + 1]) |
		       (a[i + 2] ^ b[i + 2]) | (a[i + 3] ^ b[i + 3]);
	return odd[0] | odd[1];
}

static bool differs(struct folio *folio, loff_t pos, const void *bytes,
		    size_t len)
{
	const void *have = folio_address(folio) + offset_in_folio(folio, pos);

	if (len == PAGE_SIZE)
		return page_differs(have, bytes);
	return memcmp(have, bytes, len);
}

/* Into the locked @folio. */
static void store(struct kbox_live *live, struct folio *folio, loff_t pos,
		  const void *bytes, size_t len)
{
	loff_t size = i_size_read(live->inode);

	if (pos >= size)
		return;
	len = min_t(loff_t, len, size - pos);
	memcpy(folio_address(folio) + offset_in_folio(folio, pos), bytes, len);
	folio_mark_dirty(folio);
	live->changed = true;
}

static int pull_shmem(struct kbox_live *live, loff_t pos, const void *bytes,
		      size_t len, unsigned int truncations)
{
	struct inode *inode = live->inode;
	struct folio *folio = NULL;
	int err;

	err = shmem_get_folio(inode, pos >> PAGE_SHIFT, 0, &folio, SGP_READ);
	if (!err && !folio) {
		if (!memchr_inv(bytes, 0, len))
			return 0;
		err = shmem_get_folio(inode, pos >> PAGE_SHIFT, 0, &folio,
				      SGP_CACHE);
	}
	if (err)
		return err == -EINVAL ? 0 : err;	/* beyond the end now */
	if (truncations != live->truncations)
		err = -EAGAIN;
	else if (differs(folio, pos, bytes, len))
		store(live, folio, pos, bytes, len);
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

/* Lock @folio for a store. 0; -EAGAIN when it left the file; -errno. */
static int make_writable(struct kbox_live *live, struct folio *folio,
			 loff_t pos)
{
	struct vm_fault vmf = {
		.vma = &live->vma,
		.flags = FAULT_FLAG_WRITE | FAULT_FLAG_MKWRITE,
		.page = folio_page(folio, offset_in_folio(folio, pos) >>
						  PAGE_SHIFT),
	};
	vm_fault_t ret;

	if (!live->vma.vm_ops || !live->vma.vm_ops->page_mkwrite) {
		folio_lock(folio);
		ret = VM_FAULT_LOCKED;
	} else {
		ret = live->vma.vm_ops->page_mkwrite(&vmf);
	}
	if (ret & VM_FAULT_OOM)
		return -ENOMEM;
	/* The reason is lost here; lack of space is the likely one. */
	if (ret & VM_FAULT_ERROR)
		return -ENOSPC;
	if (!(ret & VM_FAULT_LOCKED))
		return -EAGAIN;
	if (folio->mapping == live->inode->i_mapping)
		return 0;
	folio_unlock(folio);
	return -EAGAIN;
}

static int pull_cached(struct kbox_live *live, loff_t pos, const void *bytes,
		       size_t len, unsigned int truncations)
{
	struct folio *folio;
	int err = 0;

	folio = read_mapping_folio(live->inode->i_mapping, pos >> PAGE_SHIFT,
				   NULL);
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	if (differs(folio, pos, bytes, len)) {
		err = make_writable(live, folio, pos);
		if (!err) {
			if (truncations != live->truncations)
				err = -EAGAIN;
			else
				store(live, folio, pos, bytes, len);
			folio_unlock(folio);
		}
	}
	folio_put(folio);
	return err;
}

static int pull_page(struct kbox_live *live, loff_t pos, const void *bytes,
		     size_t len, unsigned int truncations)
{
	if (shmem_mapping(live->inode->i_mapping))
		return pull_shmem(live, pos, bytes, len, truncations);
	return pull_cached(live, pos, bytes, len, truncations);
}

/*
 * A hole of the memfd: nothing was ever there, or a guest removed it. The
 * page cache tells which.
 */
static int pull_hole(struct kbox_live *live, loff_t start, loff_t end)
{
	pgoff_t index = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	unsigned int truncations = live->truncations, i;
	struct folio_batch batch;
	int err = 0;

	folio_batch_init(&batch);
	while (!err && filemap_get_folios(live->inode->i_mapping, &index, last,
					  &batch)) {
		for (i = 0; !err && i < folio_batch_count(&batch); i++) {
			struct folio *folio = batch.folios[i];
			loff_t pos = folio_pos(folio);

			if (memchr_inv(folio_address(folio), 0,
				       folio_size(folio)))
				err = pull_page(live, pos, kbox_zero_page,
						min_t(loff_t, PAGE_SIZE,
						      end - pos),
						truncations);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
	return err;
}

/* How far the @len bytes from @pos on were brought back; or -errno. */
static long pull_piece(struct kbox_live *live, loff_t pos, const char *bytes,
		       long len, unsigned int truncations)
{
	long done = 0;

	while (done < len) {
		long now = min_t(long, PAGE_SIZE, len - done);
		int err = pull_page(live, pos + done, bytes + done, now,
				    truncations);

		if (err == -EAGAIN)
			break;
		if (err)
			return err;
		done += now;
	}
	return done;
}

int kbox_live_pull_pages(struct kbox_live *live, loff_t start, loff_t end)
{
	unsigned long room = PULL_BYTES;
	char *bytes = kmalloc(room, GFP_KERNEL | __GFP_NOWARN);
	long got = 0;

	if (!bytes) {
		room = PAGE_SIZE;
		bytes = kmalloc(room, GFP_KERNEL);
	}
	if (!bytes)
		return -ENOMEM;
	start = round_down(start, PAGE_SIZE);
	while (got >= 0) {
		loff_t stop = min(end, i_size_read(live->inode));
		unsigned int truncations = live->truncations;
		loff_t data;

		if (start >= stop)
			break;
		data = kbox_host->live_data(live->fd, start);
		if (data < 0 || data > stop)
			data = stop;
		if (data > start) {
			got = pull_hole(live, start, data);
			if (got == -EAGAIN)
				got = 0;
			else
				start = data;
			continue;
		}
		got = kbox_host->live_read(live->fd, bytes,
					   min_t(loff_t, room, stop - start),
					   start);
		if (!got)
			break;
		if (got > 0)
			got = pull_piece(live, start, bytes, got, truncations);
		if (got > 0)
			start += got;
		cond_resched();
	}
	kfree(bytes);
	return got < 0 ? got : 0;
}
