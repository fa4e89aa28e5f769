/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wait4: waiting for children, which is the host's.
 *
 * Side: host. The host restarts the call after every handler (sigaction.c). The
 * restart of one that a handler interrupted (src/guest/owed.h) ends with EINTR,
 * unless it would end at once: when a child that it waits for has ended by
 * then, or when there is none.
 *
 * Limit: of children that stopped or went on nobody can tell whether that was
 * reported already. They do not count.
 */
#include "wait.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../guest/affinity.h"
#include "../guest/proc-status.h"
#include "../guest/table.h"

/* A search among the children of a process. */
struct search {
	int parent;
	struct kbox_waited_for whom;
	unsigned int seen;
	bool unlisted;	/* the host does not tell a thread's children */
	bool some;	/* there is one of those that are waited for */
	bool ended;	/* one has ended, and nobody was told */
};

static bool is_waited_for(const struct search *search, int pid)
{
	switch (search->whom.type) {
	case P_PID:
		return pid == search->whom.id;
	case P_PGID:
		return getpgid(pid) == search->whom.id;
	default:
		return true;
	}
}

static int look_at(int pid, void *context)
{
	struct search *search = context;
	struct kbox_proc_status status;

	if (!is_waited_for(search, pid))
		return 0;
	if (++search->seen > KBOX_WAIT_CHILDREN_MAX)
		return 1;
	if (kbox_proc_status_read(pid, &status) < 0 ||
	    status.ppid != search->parent)
		return 0;
	search->some = true;
	/* While other threads go on, the end of the main one is not told. */
	search->ended = kbox_proc_status_ended(&status) && status.threads <= 1;
	return search->ended;
}

/* The children that thread @tid made. */
static int look_at_children(int tid, void *context)
{
	struct search *search = context;
	KBOX_CLEANUP_FILE FILE *file = NULL;
	char path[48];
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 search->parent, tid);
	file = fopen(path, "re");
	search->unlisted |= !file;
	if (!file)
		return 0;
	while (fscanf(file, "%d", &pid) == 1)
		if (look_at(pid, search))
			return 1;
	return 0;
}

/* Whether @process has attached to others, whose stops it waits for. */
static bool traces(struct kbox_box *box, const struct kbox_process *process)
{
	const struct kbox_process *other;
	const struct kbox_thread *tracer;

	KBOX_LIST_FOR_EACH(other, &box->processes, link) {
		if (!other->trace_asked)
			continue;
		tracer = kbox_thread_find(box, other->trace_asker);
		if (tracer && tracer->process == process)
			return true;
	}
	return false;
}

/* Whether @process would not have to wait for @whom. */
static bool is_over(struct kbox_box *box, const struct kbox_process *process,
		    struct kbox_waited_for whom)
{
	struct search search = { .parent = process->tgid, .whom = whom };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", process->tgid);
	kbox_proc_visit(path, look_at_children, &search);
	if (search.unlisted)
		kbox_proc_visit("/proc", look_at, &search);
	return search.ended || (!search.some && !traces(box, process));
}

enum kbox_verdict kbox_wait_natively(struct kbox_box *box,
				     struct kbox_thread *thread,
				     struct kbox_call *call,
				     struct kbox_waited_for whom)
{
	if (thread->owed == KBOX_OWED_EINTR &&
	    !is_over(box, thread->process, whom))
		return kbox_reply(call, -EINTR);
	kbox_affinity_sleeps(thread);
	return KBOX_CONTINUE;
}

/* As wait4(2) says it: above 0 a process, below -1 a group, 0 the own one. */
static struct kbox_waited_for named_by(const struct kbox_thread *thread,
				       int number)
{
	if (number > 0)
		return (struct kbox_waited_for){ P_PID, number };
	if (number == -1)
		return (struct kbox_waited_for){ P_ALL, 0 };
	if (!number)
		number = -getpgid(thread->process->tgid);
	return (struct kbox_waited_for){ P_PGID, -number };
}

enum kbox_verdict kbox_dispatch_wait4(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	if (call->args[2] & WNOHANG)
		return KBOX_CONTINUE;
	return kbox_wait_natively(box, thread, call,
				  named_by(thread, (int)call->args[0]));
}
