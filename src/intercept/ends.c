/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ends of guest processes.
 *
 * Side: host.
 */
#include "ends.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../dispatch/memory.h"
#include "../dispatch/shm.h"
#include "../guest/bind.h"
#include "../guest/proc-status.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "../lkernel/host.h"

/* The watch of one process's pidfd. */
struct kbox_end {
	struct kbox_watch watch;
	struct kbox_box *box;
	struct kbox_process *process;
};

static void unwatch(struct kbox_box *box, struct kbox_process *process)
{
	if (process->end) {
		kbox_loop_del(box->loop, &process->end->watch);
		free(process->end);
		process->end = NULL;
	}
	if (process->pidfd >= 0) {
		process->pidfd = kbox_close(process->pidfd);
		box->pidfds--;
	} else {
		box->unwatched--;
	}
}

static void process_ended(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_process *parent;
	struct kbox_thread *thread;

	/* Its unseen children still have to be made from its tasks. */
	kbox_bind_children(box, process, true);
	unwatch(box, process);
	kbox_memory_gone(box, process);
	/* Any of them may have ended already, and take none with it. */
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		kbox_lk_kill(thread->task, 1);
	parent = kbox_process_find(box, process->parent_tgid);
	if (parent)
		kbox_signal_hint(box, parent, 0);
	kbox_shm_update(box);
	kbox_process_retire(box, process);
	kbox_process_free_if_empty(box, process);
}

/* Should somebody else have taken its status, the box ends nevertheless. */
static void check_first(struct kbox_box *box)
{
	if (box->first_ended || kbox_process_find(box, box->first_pid))
		return;
	kbox_warn("the first guest's status is lost");
	box->first_ended = true;
	box->first_status = SIGKILL;
}

static void ready(struct kbox_watch *watch, unsigned int events)
{
	struct kbox_end *end = KBOX_CONTAINER_OF(watch, struct kbox_end, watch);
	struct kbox_box *box = end->box;

	(void)events;
	kbox_box_update_clock(box);
	process_ended(box, end->process);
	kbox_ends_reap(box);
	check_first(box);
}

static void process_added(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_end *end;

	kbox_memory_forked(box, process);
	if (process->pidfd < 0)
		return;
	end = calloc(1, sizeof(*end));
	if (end) {
		end->watch.fd = process->pidfd;
		end->watch.events = EPOLLIN;
		end->watch.priority = KBOX_PRIO_END;
		end->watch.ready = ready;
		end->box = box;
		end->process = process;
		if (kbox_loop_add(box->loop, &end->watch) == 0) {
			process->end = end;
			return;
		}
		free(end);
	}
	/* Then it is looked at now and then. */
	process->pidfd = kbox_close(process->pidfd);
	box->pidfds--;
	box->unwatched++;
}

void kbox_ends_init(struct kbox_box *box)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	struct kbox_process *process;

	/* Were it ignored, as a parent may leave it, nothing could be reaped. */
	sigaction(SIGCHLD, &action, NULL);
	kbox_memory_init(box);
	box->process_added = process_added;
	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		if (!process->end)
			process_added(box, process);
}

void kbox_ends_check(struct kbox_box *box)
{
	struct kbox_process *process, *next;

	if (!box->unwatched || box->now_ns < box->next_liveness_ns)
		return;
	box->next_liveness_ns = box->now_ns + KBOX_LIVENESS_NS;
	KBOX_LIST_FOR_EACH_SAFE(process, next, &box->processes, link)
		if (process->pidfd < 0 && kbox_process_gone(process))
			process_ended(box, process);
	kbox_ends_reap(box);
	check_first(box);
}

static void tell_root(struct kbox_box *box, int pid, int status)
{
	struct kbox_root *root = kbox_root_find(box, pid);

	if (!root)
		return;
	kbox_list_del(&root->link);
	root->ended(root, status);
}

void kbox_ends_reap(struct kbox_box *box)
{
	int pid, status;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid == box->first_pid && !box->first_ended) {
			box->first_ended = true;
			box->first_status = status;
		}
		tell_root(box, pid, status);
	}
}

/* Guests that were never bound become ours when their parents have ended. */
static int kill_unseen(int pid, void *context)
{
	struct kbox_proc_status status;
	struct kbox_box *box = context;

	if (kbox_proc_status_read(pid, &status) == 0 &&
	    status.ppid == box->supervisor_pid &&
	    status.filters > box->own_filters)
		kill(pid, SIGKILL);
	return 0;
}

static void nap(void)
{
	struct timespec time = { .tv_nsec = 1000000 };

	nanosleep(&time, NULL);
}

static bool children_left(struct kbox_box *box)
{
	siginfo_t info;

	kbox_ends_reap(box);
	info.si_pid = 0;
	/* No process of the box is left when there is no child at all. */
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Let the tasks of ended guests run to their ends. */
static void drain_tasks(struct kbox_box *box)
{
	struct kbox_event event;

	while (kbox_next_event(box, &event)) {
		struct kbox_thread *thread;

		if (event.kind != KBOX_EVENT_EXITED)
			continue;
		thread = kbox_thread_of_task(box, event.task);
		if (thread)
			kbox_thread_free(box, thread);
	}
}

int kbox_ends_kill_all(struct kbox_box *box)
{
	struct kbox_process *process, *next;
	uint64_t limit_ns;

	/* What tasks of guests still wait for there, they shall find done. */
	kbox_host_disks_stop(kbox_host());
	kbox_box_update_clock(box);
	limit_ns = box->now_ns + KBOX_KILL_GRACE_NS;
	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		kbox_process_signal(process, SIGKILL);
	for (unsigned int round = 0; children_left(box); round++) {
		kbox_box_update_clock(box);
		if (box->now_ns > limit_ns)
			return -ETIMEDOUT;
		if (round % 8 == 1)
			kbox_proc_visit("/proc", kill_unseen, box);
		nap();
	}
	KBOX_LIST_FOR_EACH_SAFE(process, next, &box->processes, link)
		process_ended(box, process);
	drain_tasks(box);
	return 0;
}
