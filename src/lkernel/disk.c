/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks: who does a request, and when.
 *
 * Side: host, on kernel tasks' stacks. Invariants are in disk.h.
 */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>

#include "../base/log.h"
#include "../base/macros.h"
#include "disk-io.h"
#include "host.h"

/* What a worker has: a request, or what is held of a disk. */
struct job {
	struct kbox_work work;
	struct kbox_disk_io io;
	struct kbox_host_disk *disk;
	struct kbox_disk_request *request;	/* NULL: what is held */
	unsigned long changes;	/* of the disk, when it was begun ... */
	bool covers;		/* ... and it makes all of them durable */
	int error;
};

int kbox_host_add_disk(struct kbox_host *host,
		       const struct kbox_host_disk *disk)
{
	struct kbox_host_disk *added;

	if (host->disk_count == KBOX_LK_DISKS_MAX)
		return -ENOSPC;
	added = &host->disks[host->disk_count];
	*added = *disk;
	added->in_memory = kbox_disk_io_in_memory(disk->fd);
	return (int)host->disk_count++;
}

static void append(struct kbox_disk_queue *queue,
		   struct kbox_disk_request *request)
{
	request->next = NULL;
	if (queue->last)
		queue->last->next = request;
	else
		queue->first = request;
	queue->last = request;
}

static struct kbox_disk_request *pop(struct kbox_disk_queue *queue)
{
	struct kbox_disk_request *request = queue->first;

	if (!request)
		return NULL;
	queue->first = request->next;
	if (!queue->first)
		queue->last = NULL;
	return request;
}

static void done(struct kbox_disk_request *request, int error)
{
	request->error = error;
	append(&kbox_host()->disk_done, request);
}

/* The disk, when all of @request lies within it. */
static struct kbox_host_disk *find(const struct kbox_disk_request *request)
{
	struct kbox_host *host = kbox_host();
	struct kbox_host_disk *disk = &host->disks[request->disk];
	unsigned long long len = 0;

	if (request->disk >= host->disk_count ||
	    request->offset > disk->bytes ||
	    request->len > disk->bytes - request->offset)
		return NULL;
	if (request->op != KBOX_DISK_READ && request->op != KBOX_DISK_WRITE)
		return disk;
	for (unsigned int i = 0; i < request->count; i++)
		len += request->iov[i].len;
	return len == request->len && request->count <= KBOX_DISK_IOV_MAX ?
		       disk : NULL;
}

static bool changes(const struct kbox_disk_request *request)
{
	return request->op != KBOX_DISK_READ && request->op != KBOX_DISK_FLUSH;
}

/* Once: the guests' own errors, and the kernel's log, tell the rest. */
static void say_failed(struct kbox_host_disk *disk, bool reading, int err)
{
	if (disk->failed || err == -EOPNOTSUPP)
		return;
	disk->failed = true;
	if (err == -ENOSPC)
		kbox_error("%s: the host has no room for what guests write; "
			   "what they have synced is safe", disk->name);
	else
		kbox_error("%s: cannot be %s at the host (I/O error); what "
			   "guests have synced is as safe as the disk",
			   disk->name, reading ? "read" : "written");
}

/* Writes that were held. */

static int write_held(void *arg, const void *data, size_t len,
		      unsigned long long offset)
{
	const struct kbox_host_disk *disk = arg;
	const struct kbox_iovec iov = { (void *)(unsigned long)data, len };
	const struct kbox_disk_request request = {
		.op = KBOX_DISK_WRITE, .len = len, .iov = &iov, .count = 1,
	};
	struct kbox_disk_io io = {
		.fd = disk->fd, .offset = disk->start + offset,
		.request = &request,
	};

	return kbox_disk_io_wait(&io);
}

static int flush_held(void *arg)
{
	return kbox_disk_io_flush(((struct kbox_host_disk *)arg)->fd);
}

static int put_out(struct kbox_host_disk *disk)
{
	const struct kbox_held_target target = { write_held, flush_held, disk };

	return kbox_held_write_out(&disk->held, &target);
}

static void put_out_begun(struct kbox_host_disk *disk)
{
	disk->changes++;
	disk->flushed = false;
}

static void held_are_out(struct kbox_host_disk *disk, int err)
{
	if (err)
		say_failed(disk, false, err);
	else
		disk->phase = KBOX_DISK_DIRECT;
}

/* Before the file is changed for the first time. 0 or -errno. Blocks. */
static int make_direct(struct kbox_host_disk *disk)
{
	int err;

	if (disk->phase == KBOX_DISK_DIRECT)
		return 0;
	put_out_begun(disk);
	err = put_out(disk);
	held_are_out(disk, err);
	return err;
}

/* Whether it is kept in memory, with the flushes around it. */
static bool hold(struct kbox_host_disk *disk,
		 const struct kbox_disk_request *request)
{
	if (disk->phase != KBOX_DISK_LAUNCH)
		return false;
	if (request->op == KBOX_DISK_FLUSH || request->flush_first)
		kbox_held_flush(&disk->held);
	if (request->op == KBOX_DISK_FLUSH)
		return true;
	if (request->op != KBOX_DISK_WRITE ||
	    kbox_held_add(&disk->held, request->iov, request->count,
			  request->offset))
		return false;
	if (request->durable)
		kbox_held_flush(&disk->held);
	return true;
}

/* Requests. */

static void job_init(struct job *job, struct kbox_host_disk *disk,
		     struct kbox_disk_request *request)
{
	*job = (struct job){
		.disk = disk,
		.request = request,
		.io = {
			.fd = disk->fd,
			.offset = disk->start + request->offset,
			.flush_first = request->flush_first && !disk->flushed,
			.request = request,
		},
		/* What is under way may be too late for its flush. */
		.covers = !disk->changing &&
			  (request->op == KBOX_DISK_FLUSH ||
			   (request->flush_first && request->durable)),
	};
	if (changes(request)) {
		disk->changes++;
		disk->changing++;
		disk->flushed = false;
	}
	job->changes = disk->changes;
}

static int job_end(struct job *job, int err)
{
	const struct kbox_disk_request *request = job->request;
	struct kbox_host_disk *disk = job->disk;

	if (err)
		say_failed(disk, request->op == KBOX_DISK_READ, err);
	if (changes(request))
		disk->changing--;
	if (!err && job->covers && job->changes == disk->changes)
		disk->flushed = true;
	if (!err && request->op == KBOX_DISK_READ)
		kbox_held_read(&disk->held, request->iov, request->count,
			       request->offset);
	return err;
}

/*
 * The host cannot tell whether a write has to wait. A small one hardly ever
 * does, and costs less than waking a worker; when one has, the next ones go to
 * workers for a while. -EAGAIN: this one, too.
 */
static int write_small(struct job *job)
{
	struct kbox_host_disk *disk = job->disk;
	unsigned long long begin_ns, end_ns;
	int err;

	if (job->request->len > KBOX_DISK_SMALL_BYTES)
		return -EAGAIN;
	begin_ns = kbox_host_monotonic_ns();
	if (begin_ns < disk->slow_until_ns)
		return -EAGAIN;
	err = kbox_disk_io_wait(&job->io);
	end_ns = kbox_host_monotonic_ns();
	if (end_ns - begin_ns > KBOX_DISK_SLOW_NS)
		disk->slow_until_ns = end_ns + KBOX_DISK_SHUN_NS;
	return err;
}

/* What takes no waiting is done; -EAGAIN for all else. */
static int try_now(struct job *job)
{
	const struct kbox_disk_request *request = job->request;
	bool *unknown = request->op == KBOX_DISK_READ ?
				&job->disk->reads_unknown :
				&job->disk->writes_unknown;
	int err = -EOPNOTSUPP;

	if ((request->op != KBOX_DISK_READ && request->op != KBOX_DISK_WRITE) ||
	    request->durable || job->io.flush_first)
		return -EAGAIN;
	if (!*unknown)
		err = kbox_disk_io_now(&job->io);
	if (err != -EOPNOTSUPP)
		return err;
	*unknown = true;
	return request->op == KBOX_DISK_WRITE ? write_small(job) : -EAGAIN;
}

static void run_job(struct kbox_work *work)
{
	struct job *job = KBOX_CONTAINER_OF(work, struct job, work);

	job->error = job->request ? kbox_disk_io_wait(&job->io) :
				    put_out(job->disk);
}

static void ended(struct kbox_work *work);

/* Whether a worker does it. */
static bool hand_over(const struct job *job)
{
	struct kbox_host *host = kbox_host();
	struct job *own = malloc(sizeof(*own));

	if (!own)
		return false;
	*own = *job;
	own->work.run = run_job;
	own->work.ended = ended;
	if (!kbox_workers_put(&host->workers, &own->work)) {
		free(own);
		return false;
	}
	job->disk->jobs++;
	return true;
}

static int begin(struct kbox_host_disk *disk, struct kbox_disk_request *request)
{
	struct job job;
	int err;

	if (request->op == KBOX_DISK_FLUSH && disk->flushed)
		return 0;
	job_init(&job, disk, request);
	if (kbox_host()->workers.started && !disk->in_memory) {
		err = try_now(&job);
		if (err != -EAGAIN)
			return job_end(&job, err);
		if (hand_over(&job))
			return KBOX_DISK_LATER;
	}
	return job_end(&job, kbox_disk_io_wait(&job.io));
}

/* Whether @request is the change that ends the holding. */
static bool ends_holding(const struct kbox_host_disk *disk,
			 const struct kbox_disk_request *request)
{
	return disk->phase != KBOX_DISK_DIRECT && changes(request);
}

/* Put what is held on the disk. False when it has to be done in line. */
static bool hand_over_held(struct kbox_host_disk *disk)
{
	const struct job job = { .disk = disk };

	if (!hand_over(&job))
		return false;
	put_out_begun(disk);
	disk->putting_out = true;
	return true;
}

/* What waits goes on, up to the next one that needs the disk for itself. */
static void resume(struct kbox_host_disk *disk)
{
	while (disk->waiting.first && !disk->putting_out) {
		struct kbox_disk_request *request = disk->waiting.first;
		int err = 0;

		if (ends_holding(disk, request)) {
			if (disk->jobs || hand_over_held(disk))
				return;
			err = make_direct(disk);
		}
		pop(&disk->waiting);
		if (!err)
			err = begin(disk, request);
		if (err != KBOX_DISK_LATER)
			done(request, err);
	}
}

static void count(struct kbox_disk_counters *counters,
		  const struct kbox_disk_request *request)
{
	switch (request->op) {
	case KBOX_DISK_READ:
		counters->reads++;
		counters->read_bytes += request->len;
		break;
	case KBOX_DISK_WRITE:
		counters->writes++;
		counters->write_bytes += request->len;
		break;
	case KBOX_DISK_ZERO:
	case KBOX_DISK_DISCARD:
		counters->discards++;
		break;
	case KBOX_DISK_FLUSH:
		counters->flushes++;
		break;
	}
}

int kbox_host_disk_submit(struct kbox_disk_request *request)
{
	struct kbox_host_disk *disk = find(request);
	int err;

	if (!disk || (disk->read_only && changes(request)))
		return -EIO;
	count(&disk->counters, request);
	if (hold(disk, request))
		return 0;
	if (request->op == KBOX_DISK_FLUSH &&
	    (disk->read_only || disk->phase == KBOX_DISK_END))
		return 0;
	if (kbox_host()->workers.started &&
	    (disk->waiting.first || ends_holding(disk, request))) {
		append(&disk->waiting, request);
		resume(disk);
		return KBOX_DISK_LATER;
	}
	err = changes(request) ? make_direct(disk) : 0;
	return err ? err : begin(disk, request);
}

/* The first that waits is the one whose change could not be begun. */
static void held_ended(struct kbox_host_disk *disk, int err)
{
	disk->putting_out = false;
	held_are_out(disk, err);
	if (err)
		done(pop(&disk->waiting), err);
}

static void ended(struct kbox_work *work)
{
	struct job *job = KBOX_CONTAINER_OF(work, struct job, work);
	struct kbox_host_disk *disk = job->disk;

	disk->jobs--;
	if (job->request)
		done(job->request, job_end(job, job->error));
	else
		held_ended(disk, job->error);
	free(job);
	resume(disk);
}

struct kbox_disk_request *kbox_host_disk_reap(void)
{
	struct kbox_host *host = kbox_host();

	while (!host->disk_done.first && kbox_workers_end_one(&host->workers))
		;
	return pop(&host->disk_done);
}

void kbox_host_disks_start(struct kbox_host *host)
{
	int err = kbox_workers_start(&host->workers, host->loop);

	if (err)
		kbox_debug("no workers for the disks: error %d", -err);
}

void kbox_host_disks_stop(struct kbox_host *host)
{
	if (!host->workers.started)
		return;
	while (host->workers.under_way)
		if (!kbox_workers_end_one(&host->workers))
			kbox_workers_wait(&host->workers);
	kbox_workers_stop(&host->workers);
}

/* Before the first guest, and after the last. */

bool kbox_host_disk_enter(struct kbox_host *host, unsigned int index,
			  enum kbox_disk_phase phase)
{
	struct kbox_host_disk *disk = &host->disks[index];

	if (index >= host->disk_count)
		return false;
	if (disk->read_only)
		return true;
	/* An error will come again with the next write, which reports it. */
	if (phase == KBOX_DISK_DIRECT)
		make_direct(disk);
	if (disk->phase == KBOX_DISK_DIRECT)
		return false;
	disk->phase = phase == KBOX_DISK_DIRECT ? KBOX_DISK_RUN : phase;
	return true;
}

int kbox_host_disk_peek(struct kbox_host *host, unsigned int disk, void *buf,
			unsigned long len, unsigned long long offset)
{
	const struct kbox_iovec iov = { buf, len };
	struct kbox_disk_request request = {
		.op = KBOX_DISK_READ, .disk = disk, .offset = offset,
		.len = len, .iov = &iov, .count = 1,
	};

	return host->workers.started ? -EBUSY : kbox_host_disk_submit(&request);
}
