/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execve and execveat, and the loader's two calls.
 *
 * Side: host. The way it works and the invariants are in exec.h.
 */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../abi/loader.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../guest/bind.h"
#include "../guest/fd.h"
#include "../guest/hold.h"
#include "../guest/lifeline.h"
#include "../guest/owed.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/table.h"
#include "exec-path.h"
#include "memory.h"
#include "ptrace.h"

static void drain_open_watch(struct kbox_box *box)
{
	char events[4096] __attribute__((aligned(__alignof__(
		struct inotify_event))));

	while (read(box->open_watch_fd, events, sizeof(events)) > 0)
		;
}

static void finish(struct kbox_box *box, struct kbox_process *process)
{
	kbox_exec_path_restore(&process->exec);
	kbox_exec_clear(box, process);
	kbox_release(box, process);
}

/* The library kernel refused, or gave up at our request. */
static enum kbox_verdict refused(struct kbox_box *box,
				 struct kbox_thread *thread,
				 struct kbox_call *call, long value)
{
	finish(box, thread->process);
	return kbox_reply(call, value);
}

static enum kbox_verdict begin(struct kbox_box *box, struct kbox_thread *thread,
			       struct kbox_call *call, int dir_fd,
			       unsigned long path, unsigned long flags)
{
	struct kbox_exec *exec = &thread->process->exec;
	const unsigned long args[6] = {
		(unsigned long)dir_fd, path, flags,
		(unsigned long)kbox_tracer_of(box, thread),
	};
	int mem_fd;

	/* A loader that is done without LAYOUT is no loader any more. */
	if (exec->stage == KBOX_EXEC_LOADING && exec->thread == thread)
		finish(box, thread->process);
	if (exec->stage != KBOX_EXEC_NONE)
		return KBOX_HOLD;
	mem_fd = kbox_guest_mem_open(thread->tid);
	if (mem_fd < 0)
		return kbox_reply(call, -ENOMEM);
	exec->mem_fd = mem_fd;
	exec->thread = thread;
	exec->path = path;
	exec->stage = KBOX_EXEC_CHECKING;
	return kbox_dispatch_library(box, thread, KBOX_CALL_EXEC, args,
				     refused);
}

enum kbox_verdict kbox_dispatch_execve(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	return begin(box, thread, call, AT_FDCWD, call->args[0], 0);
}

enum kbox_verdict kbox_dispatch_execveat(struct kbox_box *box,
					 struct kbox_thread *thread,
					 struct kbox_call *call)
{
	return begin(box, thread, call, (int)call->args[0], call->args[1],
		     (unsigned int)call->args[4]);
}

void kbox_exec_ready(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_exec *exec = &thread->process->exec;

	kbox_signal_unwatch(thread);
	if (exec->thread != thread || exec->stage != KBOX_EXEC_CHECKING) {
		kbox_lk_exec_abort(thread->task, -EAGAIN);
		return;
	}
	thread->state = KBOX_THREAD_WAITING;
	exec->stage = KBOX_EXEC_QUEUED;
	kbox_list_add_tail(&box->exec_queue, &exec->link);
}

struct kbox_thread *kbox_exec_next(struct kbox_box *box)
{
	struct kbox_exec *exec;

	if (box->exec_opening || kbox_list_empty(&box->exec_queue))
		return NULL;
	exec = KBOX_LIST_FIRST(&box->exec_queue, struct kbox_exec, link);
	kbox_list_del(&exec->link);
	return exec->thread;
}

/*
 * The descriptor of an execveat: the loader's folder, in which the host finds
 * the loader under the path we write; or, for an empty path, the loader.
 */
static int put_exec_fd(struct kbox_box *box, struct kbox_thread *thread,
		       bool empty_path)
{
	int dir_fd = (int)thread->call.args[0];
	int err;

	if (thread->call.nr != SYS_execveat || dir_fd == AT_FDCWD)
		return 0;
	err = kbox_lifeline_avoid(box, thread, dir_fd);
	if (err < 0)
		return err;
	return kbox_guest_put_fd(box, thread,
				 empty_path ? box->loader->fd :
					      box->loader_dir_fd,
				 dir_fd, O_CLOEXEC);
}

static int prepare_host(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_exec *exec = &thread->process->exec;
	bool may_be_empty = thread->call.nr == SYS_execveat &&
			    (thread->call.args[4] & AT_EMPTY_PATH);
	bool absolute;
	int err;

	if (may_be_empty) {
		char first;

		err = kbox_guest_mem_read(exec->mem_fd, &first, exec->path, 1);
		if (err < 0)
			return err;
		if (!first)
			return put_exec_fd(box, thread, true);
	}
	err = put_exec_fd(box, thread, false);
	absolute = err == -EBADF || err == -ENFILE;
	if (err < 0 && !absolute)
		return err;
	return kbox_exec_path_replace(box, thread, absolute);
}

enum kbox_verdict kbox_exec_start(struct kbox_box *box,
				  struct kbox_thread *thread)
{
	struct kbox_process *process = thread->process;
	int err;

	err = box->open_watch_fd < 0 ? box->watch_loader(box) : 0;
	if (!err) {
		drain_open_watch(box);
		err = prepare_host(box, thread);
	}
	if (err < 0) {
		kbox_lk_exec_abort(thread->task, err);
		thread->state = KBOX_THREAD_BLOCKED;
		thread->then = refused;
		return KBOX_PENDING;
	}
	process->exec.stage = KBOX_EXEC_RUNNING;
	box->exec_opening = process;
	box->exec_look_ns = box->now_ns + KBOX_EXEC_LOOK_NS;
	box->exec_ticks = -1;
	return KBOX_CONTINUE;
}

void kbox_exec_opened(struct kbox_box *box)
{
	drain_open_watch(box);
	if (box->exec_opening) {
		kbox_exec_path_restore(&box->exec_opening->exec);
		box->exec_opening = NULL;
	}
}

static bool runs_loader(const struct kbox_box *box, int tid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	return stat(path, &st) == 0 && st.st_dev == box->loader->dev &&
	       st.st_ino == box->loader->ino;
}

/*
 * Whether the exec has happened: the slot is empty (exec.h, invariant 3), and a
 * thread that was not the main one has taken that one's number.
 */
static bool has_executed(const struct kbox_process *process)
{
	int tgid = process->tgid, tid = process->exec.thread->tid;
	char path[32];
	struct stat st;

	if (tid != tgid && !(syscall(SYS_tgkill, tgid, tid, 0) < 0 &&
			     errno == ESRCH))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tgid,
		 KBOX_LOADER_MAIN_FD);
	return lstat(path, &st) < 0 && errno == ENOENT;
}

enum kbox_exec_news kbox_exec_look(struct kbox_box *box,
				   struct kbox_process *process, int tid,
				   long nr)
{
	struct kbox_exec *exec = &process->exec;
	bool is_exec_thread;

	if (exec->stage != KBOX_EXEC_RUNNING)
		return KBOX_EXEC_STILL;
	is_exec_thread = exec->thread->tid == tid;
	if (tid != process->tgid && !is_exec_thread)
		return KBOX_EXEC_STILL;
	if (!runs_loader(box, tid)) {
		/* The first guest is still in launch's code: it goes away. */
		if (exec->mem_fd < 0 && (nr == SYS_exit || nr == SYS_exit_group))
			return KBOX_EXEC_STILL;
		return KBOX_EXEC_FOREIGN;
	}
	if (nr == KBOX_NR_LOADER_PLAN && tid == process->tgid &&
	    has_executed(process))
		return KBOX_EXEC_ARRIVED;
	if (is_exec_thread)
		kbox_debug("exec of %d failed at the host: call %ld", tid, nr);
	return is_exec_thread ? KBOX_EXEC_FAILED : KBOX_EXEC_STILL;
}

void kbox_exec_take_over(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_thread *self = process->exec.thread, *thread;

	if (box->exec_opening == process)
		box->exec_opening = NULL;
	kbox_exec_path_restore(&process->exec);
	kbox_bind_children(box, process, true);
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread != self)
			kbox_thread_retire(box, thread);
	if (self->tid != process->tgid)
		kbox_thread_renumber(box, self, process->tgid);
	kbox_memory_gone(box, process);
	process->vm_id = ++box->next_vm_id;
	process->files_id = ++box->next_files_id;
	process->has_shared_fds = false;
	memset(&process->slots, 0, sizeof(process->slots));
	memset(process->shadows, 0, sizeof(process->shadows));
	memset(&process->pidfd_slots, 0, sizeof(process->pidfd_slots));
	process->has_pidfd_slots = false;
	memset(&process->closing, 0, sizeof(process->closing));
	process->has_closing = false;
	process->interrupting = 0;
	kbox_owed_forget(self);
}

static enum kbox_verdict abandoned(struct kbox_box *box,
				   struct kbox_thread *thread,
				   struct kbox_call *call, long value)
{
	(void)call;
	(void)value;
	finish(box, thread->process);
	kbox_serve_again(box, thread);
	return KBOX_PENDING;
}

enum kbox_verdict kbox_exec_undo(struct kbox_box *box,
				 struct kbox_thread *thread)
{
	if (box->exec_opening == thread->process)
		box->exec_opening = NULL;
	kbox_exec_path_restore(&thread->process->exec);
	kbox_lk_exec_abort(thread->task, -ECANCELED);
	thread->state = KBOX_THREAD_BLOCKED;
	thread->then = abandoned;
	return KBOX_PENDING;
}

enum kbox_verdict kbox_exec_first(struct kbox_box *box,
				  struct kbox_thread *thread)
{
	thread->first_exec = NULL;
	/* Anything else is its end, since launch's code has failed there. */
	if (thread->call.nr != SYS_execve)
		return kbox_dispatch(box, thread);
	thread->process->exec.stage = KBOX_EXEC_RUNNING;
	return KBOX_CONTINUE;
}

/* Shadows into the slots where the loader expects them; closes them. */
static int put_shadows(struct kbox_box *box, struct kbox_thread *thread,
		       const struct kbox_exec_plan *plan)
{
	KBOX_CLEANUP_CLOSE int main_fd = plan->main_shadow;
	KBOX_CLEANUP_CLOSE int interp_fd = plan->interp_shadow;
	int err;

	if (main_fd < 0)
		return -ENOEXEC;
	err = kbox_guest_put_fd(box, thread, main_fd,
				KBOX_LOADER_MAIN_FD, O_CLOEXEC);
	if (!err && interp_fd >= 0)
		err = kbox_guest_put_fd(box, thread, interp_fd,
					KBOX_LOADER_INTERP_FD, O_CLOEXEC);
	return err;
}

static int give_plan(struct kbox_box *box, struct kbox_thread *thread)
{
	KBOX_CLEANUP_FREE struct kbox_exec_plan *plan = malloc(sizeof(*plan));
	KBOX_CLEANUP_FREE struct kbox_loader_plan *out = malloc(sizeof(*out));
	int err;

	if (!plan || !out)
		return -ENOMEM;
	err = kbox_lk_exec_plan(thread->task, plan);
	if (err < 0)
		return err;
	*out = (struct kbox_loader_plan){
		.has_interp = plan->interp_shadow >= 0,
		.uid = plan->uid,
		.euid = plan->euid,
		.gid = plan->gid,
		.egid = plan->egid,
		.secure = (unsigned int)plan->secure,
		.prefix_count = plan->prefix_count,
		.strings_len = plan->strings_len,
	};
	memcpy(out->strings, plan->strings, plan->strings_len);
	thread->process->exec.prefix_count = plan->prefix_count;
	thread->process->exec.prefix_bytes =
		plan->strings_len - strlen(plan->strings) - 1;
	err = put_shadows(box, thread, plan);
	if (err < 0)
		return err;
	return kbox_guest_write(thread->tid, thread->call.args[0],
				out, offsetof(struct kbox_loader_plan, strings) +
					     out->strings_len);
}

static enum kbox_verdict committed(struct kbox_box *box,
				   struct kbox_thread *thread,
				   struct kbox_call *call, long value)
{
	int err = value < 0 ? (int)value : give_plan(box, thread);

	if (err < 0) {
		/* The old program is gone: there is nobody to tell. */
		kbox_debug("exec of %d fails late: %s", thread->tid,
			   strerror(-err));
		kbox_process_signal(thread->process, SIGKILL);
		return KBOX_GONE;
	}
	return kbox_reply(call, 0);
}

enum kbox_verdict kbox_exec_plan(struct kbox_box *box,
				 struct kbox_thread *thread,
				 struct kbox_call *call)
{
	struct kbox_exec *exec = &thread->process->exec;

	/* RUNNING and the right thread: the caller has seen it arrive. */
	if (exec->stage != KBOX_EXEC_RUNNING || exec->thread != thread) {
		kbox_debug("no plan for %d in stage %d", thread->tid,
			   exec->stage);
		box->counters.unknown++;
		return kbox_reply(call, -ENOSYS);
	}
	exec->stage = KBOX_EXEC_LOADING;
	thread->process->unborn = false;
	exec->mem_fd = kbox_close(exec->mem_fd);
	box->counters.execs++;
	if (kbox_lk_exec_commit(thread->task) < 0) {
		kbox_process_punish(box, thread->process, "no exec to commit");
		return KBOX_GONE;
	}
	thread->state = KBOX_THREAD_BLOCKED;
	thread->then = committed;
	return KBOX_PENDING;
}

enum kbox_verdict kbox_exec_layout(struct kbox_box *box,
				   struct kbox_thread *thread,
				   struct kbox_call *call)
{
	struct kbox_exec *exec = &thread->process->exec;
	struct kbox_exec_layout layout;

	if (exec->stage != KBOX_EXEC_LOADING || exec->thread != thread) {
		box->counters.unknown++;
		return kbox_reply(call, -ENOSYS);
	}
	if (kbox_guest_read(thread->tid, &layout, call->args[0],
			    sizeof(layout)) < 0)
		return kbox_reply(call, -EFAULT);
	kbox_exec_path_repair(thread, &layout);
	kbox_lk_exec_layout(thread->task, &layout);
	finish(box, thread->process);
	return kbox_reply(call, 0);
}
