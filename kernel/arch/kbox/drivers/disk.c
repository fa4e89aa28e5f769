// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block devices kboxa, kboxb ... on the disks of struct kbox_lk_conf.
 *
 * Side: kernel. Under the file systems; a call of a guest comes here when the
 * page cache has not what it needs, or when something is made durable.
 *
 * Invariants
 *  1. Every bio ends in disk_submit_bio(), at one place. It ends before the
 *     function returns, as long as the host's disk operations are synchronous;
 *     an asynchronous back end hands the bio on there and ends it from
 *     kbox_run_irq().
 *  2. A write is durable once a later flush has succeeded, or when it carries
 *     REQ_FUA; the host's caches count as a volatile write cache.
 *  3. A disk that is read-only for the host refuses everything that changes
 *     it, whatever the upper layers believe.
 *
 * There is no queue and no request merging: the page cache already submits
 * large bios, and the pieces of one bio go to the host together.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/init.h>
#include <linux/module.h>

#include "kbox-drivers.h"

#define DISK_MINORS 16	/* the disk and 15 partitions; more are extended */

struct disk {
	unsigned int index;	/* as the host's operations count them */
	bool read_only;
};

static struct disk disks[KBOX_LK_DISKS_MAX];

/* Data of @bio to or from the host, KBOX_IOV_MAX pieces at a time. */
static int disk_transfer(struct disk *disk, struct bio *bio)
{
	int (*op)(unsigned int, const struct kbox_iovec *, unsigned int,
		  unsigned long long) = op_is_write(bio_op(bio)) ?
		kbox_host->disk_write : kbox_host->disk_read;
	u64 offset = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct kbox_iovec iov[KBOX_IOV_MAX];
	unsigned int count = 0;
	struct bvec_iter iter;
	struct bio_vec vec;
	u64 gathered = 0;
	int err = 0;

	bio_for_each_bvec(vec, bio, iter) {
		if (count == KBOX_IOV_MAX) {
			err = op(disk->index, iov, count, offset);
			if (err)
				return err;
			offset += gathered;
			gathered = 0;
			count = 0;
		}
		count = kbox_iov_add(iov, count, bvec_virt(&vec), vec.bv_len);
		gathered += vec.bv_len;
	}
	if (count)
		err = op(disk->index, iov, count, offset);
	return err;
}

/* The host has no operation for zeroes: the zero page is written, gathered. */
static int disk_write_zeroes(struct disk *disk, u64 offset, u64 len)
{
	struct kbox_iovec iov[KBOX_IOV_MAX];
	int err;

	while (len) {
		unsigned int count = 0;
		u64 piece = 0;

		while (count < KBOX_IOV_MAX && piece < len) {
			iov[count].base = page_address(ZERO_PAGE(0));
			iov[count].len = min_t(u64, len - piece, PAGE_SIZE);
			piece += iov[count].len;
			count++;
		}
		err = kbox_host->disk_write(disk->index, iov, count, offset);
		if (err)
			return err;
		offset += piece;
		len -= piece;
	}
	return 0;
}

static int disk_execute(struct disk *disk, struct bio *bio)
{
	u64 offset = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	u64 len = bio->bi_iter.bi_size;
	int err = 0;

	if (disk->read_only && op_is_write(bio_op(bio)) && len)
		return -EIO;

	if (bio->bi_opf & REQ_PREFLUSH && !disk->read_only) {
		err = kbox_host->disk_flush(disk->index);
		if (err)
			return err;
	}

	switch (bio_op(bio)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		if (len)
			err = disk_transfer(disk, bio);
		break;
	case REQ_OP_FLUSH:
		if (!disk->read_only)
			err = kbox_host->disk_flush(disk->index);
		break;
	case REQ_OP_DISCARD:
		err = kbox_host->disk_discard(disk->index, offset, len);
		break;
	case REQ_OP_WRITE_ZEROES:
		err = disk_write_zeroes(disk, offset, len);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (!err && bio->bi_opf & REQ_FUA)
		err = kbox_host->disk_flush(disk->index);
	return err;
}

static void disk_submit_bio(struct bio *bio)
{
	struct disk *disk = bio->bi_bdev->bd_disk->private_data;
	unsigned long start = bio_start_io_acct(bio);
	int err = disk_execute(disk, bio);

	if (err)
		bio->bi_status = errno_to_blk_status(err);
	bio_end_io_acct(bio, start);
	bio_endio(bio);
}

static const struct block_device_operations disk_ops = {
	.owner		= THIS_MODULE,
	.submit_bio	= disk_submit_bio,
};

static int __init disk_add(int major, unsigned int index)
{
	const struct kbox_lk_disk *conf = &kbox_conf.disks[index];
	struct queue_limits limits = {
		.logical_block_size	= SECTOR_SIZE,
		.physical_block_size	= PAGE_SIZE,
		.max_hw_sectors		= UINT_MAX,
		.max_segments		= USHRT_MAX,
		.max_segment_size	= UINT_MAX,
		.features		= BLK_FEAT_SYNCHRONOUS,
	};
	struct gendisk *gendisk;
	int err;

	if (!conf->read_only) {
		limits.features |= BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;
		limits.max_hw_discard_sectors = UINT_MAX >> SECTOR_SHIFT;
		limits.discard_granularity = PAGE_SIZE;
		limits.max_write_zeroes_sectors = UINT_MAX >> SECTOR_SHIFT;
	}
	gendisk = blk_alloc_disk(&limits, NUMA_NO_NODE);
	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);

	disks[index].index = index;
	disks[index].read_only = conf->read_only;
	gendisk->major = major;
	gendisk->first_minor = index * DISK_MINORS;
	gendisk->minors = DISK_MINORS;
	gendisk->fops = &disk_ops;
	gendisk->private_data = &disks[index];
	snprintf(gendisk->disk_name, DISK_NAME_LEN, "kbox%c", 'a' + index);
	set_capacity(gendisk, conf->bytes >> SECTOR_SHIFT);
	set_disk_ro(gendisk, conf->read_only);

	err = add_disk(gendisk);
	if (err)
		put_disk(gendisk);
	return err;
}

static int __init disk_init(void)
{
	unsigned int count = min(kbox_conf.disk_count, KBOX_LK_DISKS_MAX);
	int major = register_blkdev(0, "kbox");
	unsigned int i;

	if (major < 0)
		return major;
	for (i = 0; i < count; i++) {
		int err = disk_add(major, i);

		if (err) {
			pr_err("kbox: disk %u: error %d\n", i, err);
			return err;
		}
	}
	return 0;
}
device_initcall(disk_init);
