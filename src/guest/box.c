/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one sandbox: beginning and end.
 *
 * Side: host. Invariants are in box.h.
 */
#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "affinity.h"
#include "proc-status.h"
#include "process.h"
#include "rlimits.h"
#include "segment.h"
#include "table.h"

void kbox_box_update_clock(struct kbox_box *box)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	box->now_ns = (uint64_t)now.tv_sec * 1000000000U +
		      (uint64_t)now.tv_nsec;
}

/* An O_PATH descriptor cannot be put into a guest's table. */
static int open_loader_dir(struct kbox_box *box)
{
	box->loader_dir_fd = openat(box->loader->dir_fd, ".",
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (box->loader_dir_fd < 0)
		return -errno;
	if (symlinkat(KBOX_LOADER_NAME, box->loader_dir_fd,
		      KBOX_LOADER_NAME_2) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* Half of the descriptors are for pidfds, the rest for everything else. */
static void plan_descriptors(struct kbox_box *box)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		limit.rlim_cur = 1024;
	box->pidfds_max = limit.rlim_cur / 2 < KBOX_GUEST_PIDFDS_MAX ?
				  (unsigned int)(limit.rlim_cur / 2) :
				  KBOX_GUEST_PIDFDS_MAX;
	box->lifeline_fd = limit.rlim_cur <= KBOX_LIFELINE_FD ?
				   (int)limit.rlim_cur - 1 :
				   KBOX_LIFELINE_FD;
	/* Well above the slots that the supervisor fills itself. */
	box->lifeline_pairs = box->lifeline_fd / 4 < KBOX_LIFELINE_PAIRS_MAX ?
				      box->lifeline_fd / 4 :
				      KBOX_LIFELINE_PAIRS_MAX;
	if (box->lifeline_pairs < 1)
		box->lifeline_pairs = 1;
}

int kbox_box_init(struct kbox_box *box, struct kbox_loop *loop,
		  const struct kbox_loader_file *loader,
		  struct kbox_task *supervisor)
{
	struct kbox_proc_status own;
	int err;

	memset(box, 0, sizeof(*box));
	box->loop = loop;
	box->loader = loader;
	box->supervisor = supervisor;
	box->supervisor_pid = getpid();
	box->outer_group = getpgrp();
	if (kbox_proc_status_read(box->supervisor_pid, &own) == 0)
		box->own_filters = own.filters;
	box->loader_dir_fd = -1;
	box->open_watch_fd = -1;
	box->death_pipe[0] = -1;
	box->death_pipe[1] = -1;
	box->next_check_ns = UINT64_MAX;
	box->next_held_ns = UINT64_MAX;
	kbox_affinity_init(box);
	kbox_list_init(&box->processes);
	kbox_list_init(&box->blocked);
	kbox_list_init(&box->again);
	kbox_list_init(&box->segments);
	kbox_list_init(&box->roots);
	kbox_list_init(&box->watched);
	kbox_list_init(&box->exec_queue);
	kbox_list_init(&box->exec_waiters);
	kbox_box_update_clock(box);
	plan_descriptors(box);

	box->never_ready_fd = epoll_create1(EPOLL_CLOEXEC);
	if (box->never_ready_fd < 0)
		err = -errno;
	else if (pipe2(box->death_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		err = -errno;
	else if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		err = -errno;
	else
		err = open_loader_dir(box);
	if (err < 0)
		kbox_box_done(box);
	return err;
}

/* Drop @process and its threads, whatever their tasks do. */
static void free_process(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_list *threads = &process->threads;
	bool last = kbox_list_empty(threads);

	process->pidfd = kbox_close(process->pidfd);
	kbox_process_retire(box, process);
	if (last)
		kbox_process_free_if_empty(box, process);
	while (!last) {
		last = threads->next == threads->prev;
		kbox_thread_free(box, KBOX_LIST_FIRST(threads,
						      struct kbox_thread,
						      sibling));
	}
}

void kbox_box_done(struct kbox_box *box)
{
	while (!kbox_list_empty(&box->processes))
		free_process(box, KBOX_LIST_FIRST(&box->processes,
						  struct kbox_process, link));
	while (!kbox_list_empty(&box->segments))
		kbox_segment_free(KBOX_LIST_FIRST(&box->segments,
						  struct kbox_segment, link));
	box->loader_dir_fd = kbox_close(box->loader_dir_fd);
	box->death_pipe[0] = kbox_close(box->death_pipe[0]);
	box->death_pipe[1] = kbox_close(box->death_pipe[1]);
	box->never_ready_fd = kbox_close(box->never_ready_fd);
	free(box->clone_cell);
	box->clone_cell = NULL;
	free(box->deferred);
	box->deferred = NULL;
}

struct kbox_root *kbox_root_find(const struct kbox_box *box, int pid)
{
	struct kbox_root *root;

	KBOX_LIST_FOR_EACH(root, &box->roots, link)
		if (root->pid == pid)
			return root;
	return NULL;
}

struct kbox_listener *kbox_listener_get(struct kbox_listener *listener)
{
	if (listener)
		listener->processes++;
	return listener;
}

void kbox_listener_put(struct kbox_listener *listener)
{
	if (!listener || --listener->processes)
		return;
	kbox_close(listener->fd);
	free(listener);
}

int kbox_box_add(struct kbox_box *box, int pid, struct kbox_task *task,
		 const char *program)
{
	struct kbox_process *process = kbox_process_new(box, pid, 0);
	struct kbox_thread *thread;

	if (!process)
		return -ENOMEM;
	thread = kbox_thread_new(box, process, pid, task);
	if (!thread) {
		kbox_process_retire(box, process);
		kbox_process_free_if_empty(box, process);
		return -ENOMEM;
	}
	thread->first_exec = program;
	process->unborn = true;
	process->exec.thread = thread;
	process->exec.stage = KBOX_EXEC_CHECKING;
	if (!box->first_pid)
		box->first_pid = pid;
	kbox_process_open(box, process);
	kbox_rlimits_adopt(box, pid);
	return 0;
}

const struct kbox_counters *kbox_box_counters(const struct kbox_box *box)
{
	return &box->counters;
}
