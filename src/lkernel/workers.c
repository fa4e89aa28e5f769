/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads for what may wait for the host's disks.
 *
 * Side: host. Invariants are in workers.h.
 */
#include "workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/macros.h"

static void append(struct kbox_work_queue *queue, struct kbox_work *work)
{
	work->next = NULL;
	if (queue->last)
		queue->last->next = work;
	else
		queue->first = work;
	queue->last = work;
}

static struct kbox_work *pop(struct kbox_work_queue *queue)
{
	struct kbox_work *work = queue->first;

	if (!work)
		return NULL;
	queue->first = work->next;
	if (!queue->first)
		queue->last = NULL;
	return work;
}

/* Locked. */
static void finished(struct kbox_workers *workers, struct kbox_work *work)
{
	bool first = !workers->done.first;

	append(&workers->done, work);
	atomic_store(&workers->any_done, true);
	if (first)
		eventfd_write(workers->watch.fd, 1);
}

static void *run_worker(void *arg)
{
	struct kbox_workers *workers = arg;
	struct kbox_work *work;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stopping) {
		work = pop(&workers->todo);
		if (!work) {
			workers->idle++;
			pthread_cond_wait(&workers->wanted, &workers->lock);
			workers->idle--;
			continue;
		}
		workers->todo_count--;
		pthread_mutex_unlock(&workers->lock);
		work->run(work);
		pthread_mutex_lock(&workers->lock);
		finished(workers, work);
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

/* The loop goes round, and the library kernel asks for what is done. */
static void done_ready(struct kbox_watch *watch, unsigned int events)
{
	eventfd_t value;

	(void)events;
	eventfd_read(watch->fd, &value);
}

int kbox_workers_start(struct kbox_workers *workers, struct kbox_loop *loop)
{
	int err, fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	memset(workers, 0, sizeof(*workers));
	workers->watch = (struct kbox_watch){
		.fd = fd,
		.events = EPOLLIN,
		.priority = KBOX_PRIO_FD,
		.ready = done_ready,
	};
	err = kbox_loop_add(loop, &workers->watch);
	if (err) {
		kbox_close(fd);
		return err;
	}
	workers->loop = loop;
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wanted, NULL);
	workers->started = true;
	return 0;
}

/* One more, with all signals blocked. */
static bool add_worker(struct kbox_workers *workers)
{
	sigset_t all, usual;
	pthread_attr_t attr;
	int err;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, KBOX_WORKER_STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &usual);
	err = pthread_create(&workers->threads[workers->count], &attr,
			     run_worker, workers);
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
	pthread_attr_destroy(&attr);
	if (!err)
		workers->count++;
	return !err;
}

bool kbox_workers_put(struct kbox_workers *workers, struct kbox_work *work)
{
	bool taken = true;

	pthread_mutex_lock(&workers->lock);
	if (workers->todo_count >= workers->idle &&
	    workers->count < KBOX_WORKERS_MAX)
		taken = add_worker(workers) || workers->count;
	if (taken) {
		append(&workers->todo, work);
		workers->todo_count++;
		pthread_cond_signal(&workers->wanted);
	}
	pthread_mutex_unlock(&workers->lock);
	workers->under_way += taken;
	return taken;
}

bool kbox_workers_end_one(struct kbox_workers *workers)
{
	struct kbox_work *work;

	if (!workers->under_way || !atomic_load(&workers->any_done))
		return false;
	pthread_mutex_lock(&workers->lock);
	work = pop(&workers->done);
	atomic_store(&workers->any_done, workers->done.first != NULL);
	pthread_mutex_unlock(&workers->lock);
	if (!work)
		return false;
	workers->under_way--;
	work->ended(work);
	return true;
}

void kbox_workers_wait(struct kbox_workers *workers)
{
	struct pollfd fd = { .fd = workers->watch.fd, .events = POLLIN };
	eventfd_t value;

	if (atomic_load(&workers->any_done))
		return;
	while (poll(&fd, 1, -1) < 0)
		KBOX_CHECK(errno == EINTR);
	eventfd_read(fd.fd, &value);
}

void kbox_workers_stop(struct kbox_workers *workers)
{
	if (!workers->started)
		return;
	pthread_mutex_lock(&workers->lock);
	KBOX_CHECK(!workers->todo.first && !workers->done.first);
	workers->stopping = true;
	pthread_cond_broadcast(&workers->wanted);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned int i = 0; i < workers->count; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->wanted);
	pthread_mutex_destroy(&workers->lock);
	kbox_loop_del(workers->loop, &workers->watch);
	workers->watch.fd = kbox_close(workers->watch.fd);
	workers->started = false;
}
