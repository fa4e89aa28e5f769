// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live files: regular files that guests map with MAP_SHARED.
 *
 * Side: kernel. mmap comes here for a descriptor that the host can map; the
 * file operations of live-ops.c keep mappings, reads and writes coherent.
 *
 * Theory of operation. A live file has one memfd at the host, which all its
 * mappings are of, private ones that come later included. Guests store to it
 * without anybody noticing. So before something looks at the file, the part it
 * looks at is *pulled*: pages of the memfd that differ from the page cache are
 * copied there (live-pull.c). After something changed the file, the part is
 * *pushed*: copied from the page cache to the memfd. What nobody looks at is
 * pulled every few seconds, as dirty pages are written back, and by msync,
 * fsync, sync. A file stays live until no process maps it; the host knows which
 * do, since fork, exec and exit pass by it, and can look into /proc/PID/maps to
 * find what was unmapped.
 *
 * Invariants
 *  1. live->lock is held over a pull, and over a write to the file together
 *     with its push: otherwise a pull between the two would take the memfd's
 *     old bytes for a guest's stores. It is taken before the inode's lock.
 *  2. Truncation comes with the inode's lock held and so takes no lock of
 *     ours. Instead it counts (live->truncations); whoever copies looks whether
 *     the count changed, and does it again.
 *  3. live->file pins inode and mount, as a mapping does. It is open for
 *     writing once a guest may store through a mapping, so executing the file
 *     and remounting read-only fail as they do for mapped files.
 *  4. A file whose push failed (the host is out of memory) is not pulled any
 *     more: the file keeps what was written, the mappings are stale.
 *
 * A file on an overlay is the file of the layer that it is on when it is mapped;
 * what is copied up later is another one, and the mapping stays what it is, as
 * natively.
 *
 * Not done: files changed by the swap of extents (EXT4_IOC_MOVE_EXT).
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kbox-drivers.h"
#include "live.h"

#define PULL_PERIOD	(5 * HZ)	/* as dirty_writeback_centisecs */

/* Nobody else is served while this much is compared: some milliseconds. */
#define PULL_SLICE	(8LL << 20)
#define PULL_PAUSE	(HZ / 10)

static DEFINE_HASHTABLE(by_inode, 8);
static unsigned int live_count;

struct kbox_live *kbox_live_find(struct inode *inode)
{
	struct kbox_live *live;

	if (likely(!live_count))
		return NULL;
	hash_for_each_possible(by_inode, live, by_inode, (unsigned long)inode) {
		if (live->inode == inode) {
			live->references++;
			return live;
		}
	}
	return NULL;
}

void kbox_live_put(struct kbox_live *live)
{
	if (!--live->references)
		kfree(live);
}

struct kbox_live *kbox_live_lock(struct inode *inode)
{
	struct kbox_live *live;

	while ((live = kbox_live_find(inode))) {
		mutex_lock(&live->lock);
		if (!live->dead)
			break;
		kbox_live_unlock(live);
	}
	return live;
}

void kbox_live_unlock(struct kbox_live *live)
{
	mutex_unlock(&live->lock);
	kbox_live_put(live);
}

void kbox_live_resize(struct kbox_live *live)
{
	loff_t size = i_size_read(live->inode);
	loff_t end = min_t(loff_t, size, PAGE_ALIGN(live->size));
	struct kbox_iovec zeroes = { kbox_zero_page, end - live->size };

	/* tmpfs shows what was stored beyond the end; others do not. */
	if (end > live->size && !shmem_mapping(live->inode->i_mapping))
		kbox_host->shadow_write(live->fd, &zeroes, 1, live->size);
	if (size != live->size && kbox_host->live_resize(live->fd, size))
		live->failed = true;
	live->size = size;
}

void kbox_live_push(struct kbox_live *live, loff_t start, loff_t end)
{
	unsigned int truncations;
	int err;

	do {
		truncations = live->truncations;
		kbox_live_resize(live);
		err = kbox_copy_to_host(NULL, live->inode, live->fd, start,
					min(end, live->size));
	} while (truncations != live->truncations);
	kbox_live_resize(live);
	if (!err)
		return;
	live->failed = true;
	pr_err_ratelimited("kbox: a shared mapping is stale: error %d\n", err);
}

int kbox_live_pull(struct kbox_live *live, loff_t start, loff_t end)
{
	struct inode *inode = live->inode;
	int err;

	if (!live->writable || live->failed)
		return 0;
	live->changed = false;
	err = kbox_live_pull_pages(live, start, end);
	if (live->changed)
		kbox_host->shadow_invalidate(
			new_encode_dev(inode->i_sb->s_dev), inode->i_ino);
	/* fsync tells of it. */
	if (err)
		mapping_set_error(inode->i_mapping, err);
	return err;
}

int kbox_live_pull_inode(struct inode *inode, loff_t start, loff_t end)
{
	struct kbox_live *live;
	int err;

	if (likely(!live_count) || start >= end)
		return 0;
	live = kbox_live_lock(inode);
	if (!live)
		return 0;
	err = kbox_live_pull(live, start, end);
	kbox_live_unlock(live);
	return err;
}

/* Nobody is in it any more: give back all that it holds. */
static void live_end(struct kbox_live *live)
{
	live->dead = true;
	hash_del(&live->by_inode);
	live_count--;
	kbox_host->live_destroy(live->fd);
	if (live->writable)
		mapping_unmap_writable(live->inode->i_mapping);
	__fput_sync(live->file);
}

/* Nobody but us has the file, and nobody can open it again. */
static bool is_forgotten(const struct kbox_live *live)
{
	return !live->inode->i_nlink && d_count(live->file->f_path.dentry) == 1;
}

/*
 * Drop @live if nobody maps it; whether that was so. Whoever is about to map it
 * has the lock until the host knows, or waits for the lock and will make the
 * file live anew.
 */
static bool live_drop(struct kbox_live *live)
{
	bool drop;
	int err;

	if (kbox_host->live_mapped(live->fd, 0))
		return false;
	mutex_lock(&live->lock);
	drop = !live->dead && !kbox_host->live_mapped(live->fd, 0);
	if (drop) {
		err = is_forgotten(live) ? 0 :
					   kbox_live_pull(live, 0, LLONG_MAX);
		if (err)
			pr_err("kbox: stores to a shared mapping of inode %lu are lost: error %d\n",
			       live->inode->i_ino, err);
		live_end(live);
	}
	mutex_unlock(&live->lock);
	if (drop)
		kbox_live_put(live);	/* that of the table */
	return drop;
}

/*
 * Call @visit, which may sleep, for all live files. Returns the sum of what it
 * gave, or its last error.
 */
static int visit_all(int (*visit)(struct kbox_live *live))
{
	unsigned int room = live_count, count = 0, i;
	struct kbox_live **all, *live;
	int sum = 0, err = 0, bucket;

	if (!room)
		return 0;
	all = kmalloc_array(room, sizeof(*all), GFP_KERNEL | __GFP_NOFAIL);
	hash_for_each(by_inode, bucket, live, by_inode) {
		if (count < room) {
			live->references++;
			all[count++] = live;
		}
	}
	for (i = 0; i < count; i++) {
		int got = all[i]->dead ? 0 : visit(all[i]);

		if (got < 0)
			err = got;
		else
			sum += got;
		kbox_live_put(all[i]);
	}
	kfree(all);
	return err ? err : sum;
}

static int visit_drop(struct kbox_live *live)
{
	return live_drop(live);
}

static unsigned int drop_unmapped(void)
{
	return visit_all(visit_drop);
}

unsigned int kbox_live_collect(void)
{
	if (!live_count)
		return 0;
	kbox_host->live_scan();
	return drop_unmapped();
}

static int visit_pull(struct kbox_live *live)
{
	int err = 0;

	if (!live->writable)
		return 0;
	mutex_lock(&live->lock);
	if (!live->dead)
		err = kbox_live_pull(live, 0, LLONG_MAX);
	mutex_unlock(&live->lock);
	return err;
}

void kbox_live_pull_all(void)
{
	visit_all(visit_pull);
}

static int visit_msync(struct kbox_live *live)
{
	int err;

	if (!live->writable || !kbox_host->live_mapped(live->fd, current->tgid))
		return 0;
	mutex_lock(&live->lock);
	err = live->dead ? 0 : kbox_live_pull(live, 0, LLONG_MAX);
	if (!err && !live->dead)
		err = vfs_fsync(live->file, 0);
	mutex_unlock(&live->lock);
	return err;
}

long kbox_call_msync(void)
{
	return visit_all(visit_msync);
}

static void check(struct work_struct *work)
{
	drop_unmapped();
}
static DECLARE_WORK(check_work, check);

static void start_check(void *arg)
{
	schedule_work(&check_work);
}

void kbox_lk_live_check(void)
{
	if (live_count)
		kbox_run_irq(start_check, NULL);
}

static unsigned int round_now;
static loff_t slice_left;

/* Whether some of it is left for the next slice. */
static int visit_periodic(struct kbox_live *live)
{
	loff_t end;

	if (live->round == round_now || !live->writable)
		return 0;
	if (slice_left <= 0)
		return 1;
	mutex_lock(&live->lock);
	end = live->round_pos + slice_left;
	if (!live->dead)
		kbox_live_pull(live, live->round_pos, end);
	slice_left -= max_t(loff_t, min(end, live->size) - live->round_pos,
			    PAGE_SIZE);
	live->round_pos = end;
	if (end >= live->size) {
		live->round = round_now;
		live->round_pos = 0;
	}
	mutex_unlock(&live->lock);
	return live->round != round_now;
}

/* A round goes over all live files, in slices with pauses between them. */
static void periodic(struct work_struct *work)
{
	static bool within_round;

	if (!within_round) {
		kbox_live_collect();
		round_now++;
	}
	slice_left = PULL_SLICE;
	within_round = visit_all(visit_periodic) > 0;
	if (live_count)
		schedule_delayed_work(to_delayed_work(work), within_round ?
				      PULL_PAUSE : PULL_PERIOD);
	else
		within_round = false;
}
static DECLARE_DELAYED_WORK(periodic_work, periodic);

/* Fill the memfd. The lock keeps writes away that come later. */
static int live_fill(struct kbox_live *live)
{
	unsigned int truncations;
	int err;

	/* Those that came earlier hold, or wait for, the inode's lock. */
	inode_lock(live->inode);
	inode_dio_wait(live->inode);
	inode_unlock(live->inode);
	do {
		truncations = live->truncations;
		kbox_host->live_clear(live->fd, 0, live->size);
		kbox_live_resize(live);
		err = kbox_copy_to_host(live->file, live->inode, live->fd, 0,
					live->size);
	} while (!err && truncations != live->truncations);
	return err;
}

/* A new live file, locked and in the table, with a reference more. */
static struct kbox_live *live_new(struct inode *inode, struct file *file)
{
	struct kbox_live *live = kzalloc(sizeof(*live), GFP_KERNEL);
	loff_t size = i_size_read(inode);

	if (!live)
		return ERR_PTR(-ENOMEM);
	live->file = kernel_file_open(&file->f_path,
				      O_RDONLY | O_LARGEFILE | __FMODE_NONOTIFY,
				      current_cred());
	if (IS_ERR(live->file)) {
		int err = PTR_ERR(live->file);

		kfree(live);
		return ERR_PTR(err);
	}
	live->fd = kbox_host->live_create(
		new_encode_dev(inode->i_sb->s_dev), inode->i_ino, size);
	if (live->fd < 0) {
		int err = live->fd;

		__fput_sync(live->file);
		kfree(live);
		return ERR_PTR(err);
	}
	mutex_init(&live->lock);
	mutex_lock(&live->lock);
	live->inode = inode;
	live->size = size;
	live->references = 2;
	hash_add(by_inode, &live->by_inode, (unsigned long)inode);
	live_count++;
	schedule_delayed_work(&periodic_work, PULL_PERIOD);
	return live;
}

/* From now on guests may store to it. Locked. */
static int live_make_writable(struct kbox_live *live, struct file *file)
{
	struct address_space *mapping = live->inode->i_mapping;
	struct vm_area_struct vma = { };
	struct file *own;
	int err;

	if (live->writable)
		return 0;
	err = mapping_map_writable(mapping);
	if (err)
		return err;
	own = kernel_file_open(&file->f_path,
			       O_RDWR | O_LARGEFILE | __FMODE_NONOTIFY,
			       current_cred());
	if (IS_ERR(own)) {
		mapping_unmap_writable(mapping);
		return PTR_ERR(own);
	}
	if (!shmem_mapping(mapping)) {
		vma.vm_file = own;
		vm_flags_init(&vma, VM_SHARED | VM_MAYSHARE | VM_WRITE);
		err = own->f_op->mmap(own, &vma);
		if (!err && (!vma.vm_ops || !vma.vm_ops->page_mkwrite) &&
		    mapping->a_ops->dirty_folio != noop_dirty_folio)
			err = -ENODEV;
	}
	if (err) {
		mapping_unmap_writable(mapping);
		__fput_sync(own);
		return err;
	}
	__fput_sync(live->file);
	live->file = own;
	memcpy(&live->vma, &vma, sizeof(vma));
	live->writable = true;
	return 0;
}

/* The live file of @inode, locked; made if need be. */
static struct kbox_live *live_get(struct inode *inode, struct file *file)
{
	struct kbox_live *live = kbox_live_lock(inode);
	int err;

	if (live)
		return live;
	live = live_new(inode, file);
	if (IS_ERR(live) && PTR_ERR(live) == -ENFILE && kbox_live_collect()) {
		live = kbox_live_lock(inode);
		if (live)
			return live;
		live = live_new(inode, file);
	}
	if (IS_ERR(live))
		return live;
	err = live_fill(live);
	if (err) {
		live_end(live);
		kbox_live_put(live);
		kbox_live_unlock(live);
		return ERR_PTR(err);
	}
	return live;
}

/*
 * Nothing can change the file, so a sealed shadow will do; or only the host knows
 * what changed it, and whose bytes are newer cannot be told.
 */
static bool never_changes(struct inode *inode)
{
	return kbox_is_bind(inode) ||
	       (!shmem_mapping(inode->i_mapping) &&
		!inode->i_mapping->a_ops->write_begin);
}

/*
 * What a mapping of @file is of, referenced: itself, or the file of a layer that
 * an overlay's own mmap puts in its place.
 */
static struct file *file_to_map(struct file *file)
{
	struct vm_area_struct vma = { .vm_file = get_file(file) };
	int err;

	if (kbox_data_inode(file) == file_inode(file))
		return file;
	vm_flags_init(&vma, VM_SHARED | VM_MAYSHARE);
	err = file->f_op->mmap(file, &vma);
	if (!err)
		return vma.vm_file;
	fput(vma.vm_file);
	return ERR_PTR(err);
}

/* @file is of no overlay. */
static int live_map(struct file *file, bool shared, bool writable, loff_t pos,
		    u64 len, unsigned long have)
{
	struct inode *inode = file_inode(file);
	struct kbox_live *live;
	int fd = 0;

	if (!kbox_live_is_wrapped(file) || never_changes(inode))
		return writable ? -ENODEV :
				  kbox_file_shadow_range(file, pos, len, have);
	live = shared ? live_get(inode, file) : kbox_live_lock(inode);
	if (IS_ERR(live) && (PTR_ERR(live) != -ENFILE || writable))
		return PTR_ERR(live) == -ENFILE ? -ENOMEM : PTR_ERR(live);
	if (IS_ERR_OR_NULL(live))
		return kbox_file_shadow_range(file, pos, len, have);
	if (writable)
		fd = live_make_writable(live, file);
	if (!fd)
		fd = kbox_host->live_map(live->fd, current->tgid, writable);
	kbox_live_unlock(live);
	/* If that failed, it may be mapped by nobody. */
	if (fd < 0)
		schedule_work(&check_work);
	return fd;
}

int kbox_live_map(struct file *file, bool shared, bool writable, loff_t pos,
		  u64 len, unsigned long have)
{
	struct file *mapped;
	int fd;

	if (!kbox_data_inode(file))
		return -ENODEV;
	mapped = file_to_map(file);
	if (IS_ERR(mapped))
		return PTR_ERR(mapped);
	fd = live_map(mapped, shared, writable, pos, len, have);
	fput(mapped);
	return fd;
}
