// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block devices kboxa, kboxb ... on the disks of struct kbox_lk_conf.
 *
 * Side: kernel. Under the file systems; a call of a guest comes here when the
 * page cache has not what it needs, or when something is made durable.
 *
 * Invariants
 *  1. Every bio becomes one request to the host. It ends in disk_submit_bio()
 *     when the host is done with it at once, else in kbox_disk_reap(), which
 *     kbox_lk_run() calls; meanwhile the task sleeps and others are served.
 *  2. A write is durable once a later flush has succeeded, or when it carries
 *     REQ_FUA; the host's caches count as a volatile write cache.
 *  3. A disk that is read-only for the host refuses everything that changes
 *     it, whatever the upper layers believe.
 *  4. A request can always be made, so that memory can be freed by writing.
 *
 * There is no queue and no request merging: the page cache already submits
 * large bios, and the pieces of one bio go to the host together.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/init.h>
#include <linux/mempool.h>
#include <linux/module.h>

#include "kbox-drivers.h"

#define DISK_MINORS 16	/* the disk and 15 partitions; more are extended */
#define DISK_RESERVE 2	/* requests that need no memory to be made */

/*
 * What file systems and read-ahead take for the best size of a request, bytes:
 * twice this is read ahead of a sequential reader.
 */
#define DISK_IO_OPT SZ_512K

struct disk {
	unsigned int index;	/* as the host counts them */
	bool read_only;
};

struct disk_request {
	struct bio *bio;
	unsigned long start;	/* for the statistics */
	bool reserved;		/* from the pool */
	struct kbox_disk_request host;
	struct kbox_iovec iov[];
};

static struct disk disks[KBOX_LK_DISKS_MAX];
static mempool_t reserve;

static struct disk_request *request_new(unsigned int pieces)
{
	struct disk_request *request;

	request = kmalloc(struct_size(request, iov, pieces),
			  GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN);
	if (request) {
		request->reserved = false;
		return request;
	}
	request = mempool_alloc(&reserve, GFP_NOIO);
	request->reserved = true;
	return request;
}

static void request_free(struct disk_request *request)
{
	if (request->reserved)
		mempool_free(request, &reserve);
	else
		kfree(request);
}

static int host_op(const struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_READ:
		return KBOX_DISK_READ;
	case REQ_OP_WRITE:
		/* An empty one that only flushes. */
		return bio->bi_iter.bi_size ? KBOX_DISK_WRITE :
					      KBOX_DISK_FLUSH;
	case REQ_OP_FLUSH:
		return KBOX_DISK_FLUSH;
	case REQ_OP_DISCARD:
		return KBOX_DISK_DISCARD;
	case REQ_OP_WRITE_ZEROES:
		return KBOX_DISK_ZERO;
	default:
		return -EOPNOTSUPP;
	}
}

static void request_fill(struct disk_request *request,
			 const struct disk *disk, struct bio *bio, int op)
{
	unsigned int count = 0;
	struct bvec_iter iter;
	struct bio_vec vec;

	if (op == KBOX_DISK_READ || op == KBOX_DISK_WRITE)
		bio_for_each_bvec(vec, bio, iter)
			count = kbox_iov_add(request->iov, count,
					     bvec_virt(&vec), vec.bv_len);
	request->bio = bio;
	request->start = bio_start_io_acct(bio);
	request->host = (struct kbox_disk_request) {
		.op = op,
		.disk = disk->index,
		.offset = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT,
		.len = bio->bi_iter.bi_size,
		.flush_first = op != KBOX_DISK_FLUSH &&
			       bio->bi_opf & REQ_PREFLUSH,
		.durable = op != KBOX_DISK_FLUSH && bio->bi_opf & REQ_FUA,
		.iov = request->iov,
		.count = count,
	};
}

static void request_end(struct disk_request *request, int err)
{
	struct bio *bio = request->bio;

	if (err)
		bio->bi_status = errno_to_blk_status(err);
	bio_end_io_acct(bio, request->start);
	request_free(request);
	bio_endio(bio);
}

static void refuse(struct bio *bio, int err)
{
	bio->bi_status = errno_to_blk_status(err);
	bio_endio(bio);
}

static unsigned int bio_pieces(struct bio *bio)
{
	unsigned int count = 0;
	struct bvec_iter iter;
	struct bio_vec vec;

	if (bio_has_data(bio))
		bio_for_each_bvec(vec, bio, iter)
			count++;
	return count;
}

static void disk_submit_bio(struct bio *bio)
{
	const struct disk *disk = bio->bi_bdev->bd_disk->private_data;
	unsigned int pieces = bio_pieces(bio);
	struct disk_request *request;
	int op = host_op(bio);
	int err;

	if (op < 0)
		return refuse(bio, op);
	if (disk->read_only && op == KBOX_DISK_FLUSH)
		return bio_endio(bio);
	if (pieces > KBOX_DISK_IOV_MAX ||
	    (disk->read_only && op != KBOX_DISK_READ))
		return refuse(bio, -EIO);
	request = request_new(pieces);
	request_fill(request, disk, bio, op);
	err = kbox_host->disk_submit(&request->host);
	if (err != KBOX_DISK_LATER)
		request_end(request, err);
}

static void reaped(void *arg)
{
	struct kbox_disk_request *host = arg;

	request_end(container_of(host, struct disk_request, host),
		    host->error);
}

void kbox_disk_reap(void)
{
	struct kbox_disk_request *host;

	while ((host = kbox_host->disk_reap()))
		kbox_run_irq(reaped, host);
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
		.io_opt			= DISK_IO_OPT,
		.max_hw_sectors		= UINT_MAX,
		.max_segments		= USHRT_MAX,
		.max_segment_size	= UINT_MAX,
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
	size_t largest = struct_size_t(struct disk_request, iov,
				       KBOX_DISK_IOV_MAX);
	int major = register_blkdev(0, "kbox");
	unsigned int i;
	int err;

	if (major < 0)
		return major;
	err = mempool_init_kmalloc_pool(&reserve, DISK_RESERVE, largest);
	if (err)
		return err;
	for (i = 0; i < count; i++) {
		err = disk_add(major, i);
		if (err) {
			pr_err("kbox: disk %u: error %d\n", i, err);
			return err;
		}
	}
	return 0;
}
device_initcall(disk_init);
