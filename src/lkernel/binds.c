/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bind mounts: who serves a request, and when.
 *
 * Side: host, on kernel tasks' stacks. See binds.h.
 */
#include "binds.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>

#include "../base/cleanup.h"
#include "../base/macros.h"
#include "host.h"

struct job {
	struct kbox_work work;
	struct kbox_bind *bind;
	struct kbox_bind_request *request;
};

/* File systems that ask a server, which may be slow or gone. */
static bool is_remote(long type)
{
	static const unsigned int types[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC,
		SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC,
		CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC, AFS_FS_MAGIC,
		CODA_SUPER_MAGIC, AUTOFS_SUPER_MAGIC,
	};

	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(types); i++)
		if ((unsigned int)type == types[i])
			return true;
	return false;
}

int kbox_host_add_bind(struct kbox_host *host, int fd, bool read_only,
		       const struct kbox_bind_ids *ids)
{
	struct kbox_host_bind *bind;
	struct statfs st;
	int err;

	if (host->bind_count == KBOX_BINDS_MAX || fstatfs(fd, &st) < 0) {
		err = host->bind_count == KBOX_BINDS_MAX ? -ENOSPC : -errno;
		kbox_close(fd);
		return err;
	}
	bind = calloc(1, sizeof(*bind));
	if (!bind) {
		kbox_close(fd);
		return -ENOMEM;
	}
	bind->remote = is_remote(st.f_type);
	bind->in_memory = st.f_type == TMPFS_MAGIC;
	err = kbox_bind_init(&bind->bind, fd, read_only, ids);
	if (err) {
		free(bind);
		return err;
	}
	host->binds[host->bind_count] = bind;
	return (int)host->bind_count++;
}

void kbox_host_binds_done(struct kbox_host *host)
{
	while (host->bind_count) {
		struct kbox_host_bind *bind = host->binds[--host->bind_count];

		kbox_bind_done(&bind->bind);
		free(bind);
	}
}

static unsigned int opcode(const struct kbox_bind_request *request)
{
	return ((const struct fuse_in_header *)request->in[0].base)->opcode;
}

/* Whether it certainly waits, or moves a lot. */
static bool is_heavy(const struct kbox_bind_request *request)
{
	const struct fuse_write_in *in;

	switch (opcode(request)) {
	case FUSE_FSYNC:
	case FUSE_FSYNCDIR:
	case FUSE_SYNCFS:
	case FUSE_FALLOCATE:
		return true;
	case FUSE_WRITE:
		in = request->in[1].base;
		return in->size > KBOX_DISK_SMALL_BYTES ||
		       in->flags & (O_SYNC | O_DSYNC);
	default:
		return false;
	}
}

/* Whether it was done. */
static bool try_now(struct kbox_host_bind *bind,
		    struct kbox_bind_request *request)
{
	bool read = opcode(request) == FUSE_READ;
	unsigned long long begin_ns, end_ns;

	if (bind->in_memory) {
		kbox_bind_serve(&bind->bind, request, false);
		return true;
	}
	if (is_heavy(request) || bind->remote)
		return false;
	begin_ns = kbox_host_monotonic_ns();
	if (!read && begin_ns < bind->slow_until_ns)
		return false;
	kbox_bind_serve(&bind->bind, request, read);
	end_ns = kbox_host_monotonic_ns();
	if (end_ns - begin_ns > KBOX_DISK_SLOW_NS)
		bind->slow_until_ns = end_ns + KBOX_DISK_SHUN_NS;
	return !read || request->error != -EAGAIN;
}

static void run_job(struct kbox_work *work)
{
	struct job *job = KBOX_CONTAINER_OF(work, struct job, work);

	kbox_bind_serve(job->bind, job->request, false);
}

static void job_ended(struct kbox_work *work)
{
	struct job *job = KBOX_CONTAINER_OF(work, struct job, work);
	struct kbox_bind_queue *queue = &kbox_host()->bind_done;

	job->request->next = NULL;
	if (queue->last)
		queue->last->next = job->request;
	else
		queue->first = job->request;
	queue->last = job->request;
	free(job);
}

static bool hand_over(struct kbox_bind *bind, struct kbox_bind_request *request)
{
	struct job *job = malloc(sizeof(*job));

	if (!job)
		return false;
	*job = (struct job){
		.work = { .run = run_job, .ended = job_ended },
		.bind = bind,
		.request = request,
	};
	if (kbox_workers_put(&kbox_host()->workers, &job->work))
		return true;
	free(job);
	return false;
}

int kbox_host_bind_submit(struct kbox_bind_request *request)
{
	struct kbox_host *host = kbox_host();
	struct kbox_host_bind *bind;

	request->error = -EIO;
	request->out_bytes = 0;
	if (request->bind >= host->bind_count)
		return 0;
	bind = host->binds[request->bind];
	/* Nobody waits for what has no reply. */
	if (host->workers.started && opcode(request) != FUSE_FORGET) {
		if (try_now(bind, request))
			return 0;
		if (hand_over(&bind->bind, request))
			return KBOX_BIND_LATER;
	}
	kbox_bind_serve(&bind->bind, request, false);
	return 0;
}

struct kbox_bind_request *kbox_host_bind_reap(void)
{
	struct kbox_host *host = kbox_host();
	struct kbox_bind_queue *queue = &host->bind_done;
	struct kbox_bind_request *request;

	while (!queue->first && kbox_workers_end_one(&host->workers))
		;
	request = queue->first;
	if (request)
		queue->first = request->next;
	if (!queue->first)
		queue->last = NULL;
	return request;
}
