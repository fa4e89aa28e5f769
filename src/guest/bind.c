/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Binding host threads to kernel tasks.
 *
 * Side: host. The way it works is in bind.h.
 */
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "affinity.h"
#include "clone-namespaces.h"
#include "clone-pidfd.h"
#include "lifeline.h"
#include "proc-status.h"
#include "process.h"
#include "sync-call.h"
#include "table.h"

/*
 * What the library kernel's clone is told. The rest is the host's: memory of
 * thread numbers, thread pointers, stacks, the parent's sleep of vfork.
 */
#define LIBRARY_FLAGS                                                         \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |   \
	 CLONE_PARENT | CLONE_SYSVSEM | CLONE_IO | KBOX_NAMESPACE_FLAGS)

/* Flags of a plain thread, for one that nobody is known to have made. */
#define THREAD_FLAGS                                                          \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |   \
	 CLONE_SYSVSEM)

static bool can_clone(const struct kbox_thread *thread)
{
	return thread->state != KBOX_THREAD_BLOCKED &&
	       thread->state != KBOX_THREAD_ENDED && !thread->exiting &&
	       thread->process->exec.thread != thread;
}

static int clone_task(struct kbox_box *box, struct kbox_thread *from,
		      unsigned long flags, int tid, struct kbox_task **ret_task)
{
	unsigned long args[6] = { flags & LIBRARY_FLAGS, (unsigned long)tid };
	struct kbox_task **cell = box->clone_cell;
	long value = -EAGAIN;
	int err;

	if (box->thread_count >= KBOX_GUEST_THREADS_MAX)
		return -EAGAIN;
	if (!cell)
		cell = malloc(sizeof(*cell));
	if (!cell)
		return -ENOMEM;
	args[2] = (unsigned long)cell;
	box->clone_cell = NULL;
	err = kbox_call_wait(box, from->task, KBOX_CALL_CLONE, args, &value);
	/* A call that was given up may still come to its end: it keeps it. */
	if (err == -ETIMEDOUT)
		return err;
	box->clone_cell = cell;
	if (err < 0 || value < 0)
		return err < 0 ? err : (int)value;
	*ret_task = *cell;
	return 0;
}

/* The end of a task that got no thread. */
static void drop_task(struct kbox_task *task)
{
	kbox_lk_kill(task, 0);
	kbox_lk_task_put(task);
}

static struct kbox_thread *find_creator(struct kbox_process *process,
					enum kbox_expect expect)
{
	struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread->expect == expect && can_clone(thread))
			return thread;
	return NULL;
}

static struct kbox_thread *find_idle(struct kbox_process *process)
{
	struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (can_clone(thread))
			return thread;
	return NULL;
}

static int bind_thread(struct kbox_box *box, struct kbox_process *process,
		       int tid, struct kbox_thread **ret_thread)
{
	struct kbox_thread *from = find_creator(process, KBOX_EXPECT_THREAD);
	unsigned long flags = from ? from->expect_flags : THREAD_FLAGS;
	struct kbox_task *task = NULL;
	struct kbox_thread *thread;
	int err;

	/* After exit_group, or once an exec is final, the others only die. */
	if (process->exiting || process->exec.stage == KBOX_EXEC_LOADING)
		return -ESRCH;
	if (!from)
		from = find_idle(process);
	if (!from) {
		kbox_process_punish(box, process, "a thread from nowhere");
		return -EINVAL;
	}
	err = clone_task(box, from, flags | CLONE_THREAD, tid, &task);
	if (err < 0) {
		kbox_process_punish(box, process, "no room for a thread");
		return err;
	}
	thread = kbox_thread_new(box, process, tid, task);
	if (!thread) {
		drop_task(task);
		kbox_process_punish(box, process, "no memory for a thread");
		return -ENOMEM;
	}
	/* With a host table of its own. */
	if (!(flags & CLONE_FILES))
		kbox_process_forget_slots(process);
	kbox_thread_expect_none(box, from);
	box->counters.threads++;
	*ret_thread = thread;
	return 0;
}

/* Whether a child with parent @ppid can be the one that @thread expects. */
static bool can_be_parent(struct kbox_box *box,
			  const struct kbox_thread *thread, int ppid)
{
	const struct kbox_process *process = thread->process;
	struct kbox_proc_status status;

	if (!(thread->expect_flags & CLONE_PARENT))
		return process->tgid == ppid;
	if (kbox_proc_status_read(process->tgid, &status) < 0)
		return ppid == box->supervisor_pid;
	return status.ppid == ppid;
}

/*
 * Who made the process with parent @ppid. One whose own parent has died has
 * the supervisor for a parent, or a guest that is a subreaper.
 */
static struct kbox_thread *find_parent(struct kbox_box *box, int ppid)
{
	struct kbox_process *process;
	struct kbox_thread *thread;

	if (!box->expected)
		return NULL;
	KBOX_LIST_FOR_EACH(process, &box->processes, link) {
		KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
			if (thread->expect == KBOX_EXPECT_PROCESS &&
			    can_be_parent(box, thread, ppid))
				return thread;
	}
	if (ppid != box->supervisor_pid && !kbox_process_find(box, ppid))
		return NULL;
	KBOX_LIST_FOR_EACH(process, &box->processes, link) {
		thread = find_creator(process, KBOX_EXPECT_PROCESS);
		if (thread && kbox_process_gone(process))
			return thread;
	}
	return NULL;
}

/*
 * Whether the flags of a clone3 call have changed between our look and the
 * host's, in what decides which host table is whose.
 */
static bool shares_otherwise(const struct kbox_thread *from, int tid)
{
	long order = syscall(SYS_kcmp, from->tid, tid, KCMP_FILES, 0, 0);

	return order >= 0 &&
	       (order == 0) != !!(from->expect_flags & CLONE_FILES);
}

static int bind_process(struct kbox_box *box, int tid, int ppid,
			struct kbox_thread **ret_thread)
{
	struct kbox_thread *from = find_parent(box, ppid);
	struct kbox_process *process;
	struct kbox_task *task = NULL;
	struct kbox_thread *thread;
	unsigned long flags;
	int err, pair = 0;

	if (!from) {
		kbox_stranger_punish(box, tid, "nobody has made it");
		return -EINVAL;
	}
	flags = from->expect_flags;
	if (from->expect_clone3 &&
	    !kbox_proc_same_namespaces(tid, box->supervisor_pid)) {
		kbox_stranger_punish(box, tid, "it is in a namespace of its own");
		return -EPERM;
	}
	if (from->expect_clone3 && shares_otherwise(from, tid)) {
		kbox_stranger_punish(box, tid,
				     "its descriptors are not as it said");
		return -EPERM;
	}
	if (flags & CLONE_FILES)
		pair = kbox_lifeline_free_pair(box, from->process->files_id);
	err = pair < 0 ? pair : clone_task(box, from, flags, tid, &task);
	if (err < 0) {
		kbox_stranger_punish(box, tid, "no room for a process");
		return err;
	}
	process = kbox_process_new(box, tid, from->process->tgid);
	thread = process ? kbox_thread_new(box, process, tid, task) : NULL;
	if (!thread) {
		drop_task(task);
		if (process) {
			kbox_process_retire(box, process);
			kbox_process_free_if_empty(box, process);
		}
		kbox_stranger_punish(box, tid, "no memory for a process");
		return -ENOMEM;
	}
	process->listener = kbox_listener_get(from->process->listener);
	if (flags & CLONE_VM)
		process->vm_id = from->process->vm_id;
	if (flags & CLONE_FILES) {
		process->files_id = from->process->files_id;
		process->lifeline_pair = pair;
		kbox_process_forget_slots(process);
		kbox_process_forget_slots(from->process);
	}
	process->slots = from->process->slots;
	process->pidfd_slots = from->process->pidfd_slots;
	process->has_pidfd_slots = from->process->has_pidfd_slots;
	if (!(flags & CLONE_VM))
		kbox_clone_namespaces_restore(from, tid);
	if (from->expect_pidfd >= 0)
		kbox_clone_pidfd_bind(box, from, thread);
	if (!(flags & CLONE_CLEAR_SIGHAND)) {
		process->interrupting = from->process->interrupting;
		memcpy(process->handlers, from->process->handlers,
		       sizeof(process->handlers));
	}
	kbox_affinity_forked(box, from, thread);
	kbox_thread_expect_none(box, from);
	kbox_process_open(box, process);
	box->counters.forks++;
	*ret_thread = thread;
	return 0;
}

int kbox_bind(struct kbox_box *box, int tid, struct kbox_thread **ret_thread)
{
	struct kbox_process *process;
	int tgid, ppid, err;

	err = kbox_proc_family_read(tid, &tgid, &ppid);
	if (err == -ESRCH)
		return err;
	if (err < 0) {
		/* Else it would wait for its answer for ever. */
		kbox_stranger_punish(box, tid, strerror(-err));
		return err;
	}
	process = kbox_process_find(box, tgid);
	if (process)
		return bind_thread(box, process, tid, ret_thread);
	if (tgid == tid)
		return bind_process(box, tid, ppid, ret_thread);
	/* A thread made by a process that has not made a call: impossible. */
	kbox_stranger_punish(box, tgid, "a thread from nowhere");
	return -EINVAL;
}

void kbox_expect_child(struct kbox_box *box, struct kbox_thread *thread,
		       unsigned long flags, bool clone3)
{
	thread->expect = flags & CLONE_THREAD ? KBOX_EXPECT_THREAD :
						KBOX_EXPECT_PROCESS;
	thread->expect_flags = flags;
	thread->expect_clone3 = clone3;
	kbox_affinity_forking(box, thread, !(flags & CLONE_THREAD));
	box->expected++;
}

bool kbox_process_expects(const struct kbox_process *process)
{
	const struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread->expect == KBOX_EXPECT_PROCESS)
			return true;
	return false;
}

static int bind_unseen_thread(int tid, void *context)
{
	struct kbox_thread *thread;
	struct kbox_box *box = context;

	if (!kbox_thread_find(box, tid))
		kbox_bind(box, tid, &thread);
	return 0;
}

void kbox_bind_threads(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_thread *thread;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", process->tgid);
	kbox_proc_visit(path, bind_unseen_thread, box);
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread->expect == KBOX_EXPECT_THREAD &&
		    thread->state != KBOX_THREAD_IDLE)
			kbox_thread_expect_none(box, thread);
}

static int bind_unseen_child(int pid, void *context)
{
	struct kbox_proc_status status;
	struct kbox_box *box = context;
	struct kbox_thread *thread;

	if (!box->expected)
		return 1;
	if (pid == box->supervisor_pid || kbox_process_find(box, pid) ||
	    kbox_proc_status_read(pid, &status) < 0 || status.tgid != pid ||
	    kbox_proc_status_ended(&status) ||
	    status.filters <= box->own_filters ||
	    !find_parent(box, status.ppid))
		return 0;
	bind_process(box, pid, status.ppid, &thread);
	return 0;
}

/* Whether @thread sleeps in another call than the one that makes a child. */
static bool clone_is_over(const struct kbox_thread *thread)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	char path[32], text[32];
	ssize_t len;
	long nr;

	snprintf(path, sizeof(path), "/proc/%d/syscall", thread->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return false;
	text[len] = '\0';
	/* "running", or the number of the call and its arguments. */
	if (text[0] < '0' || text[0] > '9')
		return false;
	nr = atol(text);
	return nr != SYS_clone && nr != SYS_fork && nr != SYS_vfork &&
	       nr != SYS_clone3;
}

void kbox_bind_children(struct kbox_box *box, struct kbox_process *process,
			bool ended)
{
	struct kbox_thread *thread;

	if (!kbox_process_expects(process))
		return;
	/* Asked before the look for children, or one could come in between. */
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		thread->clone_over = thread->expect == KBOX_EXPECT_PROCESS &&
				     (ended ||
				      thread->state != KBOX_THREAD_IDLE ||
				      clone_is_over(thread));
	kbox_proc_visit("/proc", bind_unseen_child, box);
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread->clone_over) {
			if (thread->expect_pidfd >= 0 && !ended)
				kbox_clone_pidfd_cancel(box, thread);
			kbox_thread_expect_none(box, thread);
		}
}

void kbox_bind_all_children(struct kbox_box *box)
{
	struct kbox_process *process;

	if (!box->expected)
		return;
	KBOX_LIST_FOR_EACH(process, &box->processes, link)
		kbox_bind_children(box, process, false);
}
