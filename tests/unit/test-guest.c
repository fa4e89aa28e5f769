// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests as seen by the supervisor: /proc, memory, tables, binding, held
 * calls, pending signals, and the path of an exec. The guests are forked
 * children that run natively; the library kernel is a few counters.
 *
 * Side: host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "dispatch/exec-path.h"
#include "guest/bind.h"
#include "guest/box.h"
#include "guest/hold.h"
#include "guest/lifeline.h"
#include "guest/memory.h"
#include "guest/proc-status.h"
#include "guest/process.h"
#include "guest/signals.h"
#include "guest/table.h"
#include "intercept/ends.h"

/* --- the library kernel */

struct kbox_task {
	int tid;
	unsigned long flags;	/* of the clone that made it */
	struct kbox_task *from;
};

static unsigned int puts_seen, interrupts_seen, kills_seen;
static struct kbox_task *killed[3];

static struct kbox_task *task_new(int tid)
{
	struct kbox_task *task = calloc(1, sizeof(*task));

	assert_non_null(task);
	task->tid = tid;
	return task;
}

void kbox_lk_task_comm(const struct kbox_task *task, char ret_comm[16])
{
	(void)task;
	ret_comm[0] = '\0';
}

long kbox_lk_fd_path(const struct kbox_task *task, int fd, char *buf,
		     unsigned long size)
{
	(void)task;
	(void)fd;
	(void)buf;
	(void)size;
	return -EBADF;
}

void kbox_lk_task_put(struct kbox_task *task)
{
	puts_seen++;
	free(task);
}

int kbox_lk_call(struct kbox_task *task, long nr, const unsigned long args[6],
		 long *ret_value)
{
	struct kbox_task *child;

	assert_int_equal(nr, KBOX_CALL_CLONE);
	child = task_new((int)args[1]);
	child->flags = args[0];
	child->from = task;
	*(struct kbox_task **)args[2] = child;
	*ret_value = 0;
	return KBOX_CALL_DONE;
}

int kbox_lk_run(struct kbox_event *ret_event)
{
	(void)ret_event;
	return 0;
}

void kbox_lk_interrupt(struct kbox_task *task)
{
	(void)task;
	interrupts_seen++;
}

void kbox_lk_pending(struct kbox_task *task)
{
	(void)task;
}

void kbox_lk_kill(struct kbox_task *task, int group)
{
	assert_int_equal(group, 1);
	if (kills_seen < 3)
		killed[kills_seen] = task;
	kills_seen++;
}

/* What is linked along and not called here. */
int kbox_lk_may_clone(struct kbox_task *task)
{
	(void)task;
	fail();
	return 0;
}

int kbox_lk_exec_plan(struct kbox_task *task, struct kbox_exec_plan *ret_plan)
{
	(void)task;
	(void)ret_plan;
	fail();
	return 0;
}

int kbox_lk_exec_commit(struct kbox_task *task)
{
	(void)task;
	fail();
	return 0;
}

int kbox_lk_exec_abort(struct kbox_task *task, int error)
{
	(void)task;
	(void)error;
	fail();
	return 0;
}

void kbox_lk_exec_layout(struct kbox_task *task,
			 const struct kbox_exec_layout *layout)
{
	(void)task;
	(void)layout;
	fail();
}

int kbox_lk_file_fill(struct kbox_file *file, int fd)
{
	(void)file;
	(void)fd;
	fail();
	return 0;
}

int kbox_lk_signalfd(const struct kbox_task *task,
		     unsigned long long *ret_signals)
{
	(void)task;
	(void)ret_signals;
	fail();
	return 0;
}

void kbox_lk_live_check(void)
{
	fail();
}

unsigned long kbox_lk_log(char *buf, unsigned long size)
{
	(void)buf;
	(void)size;
	return 0;
}

void kbox_lk_fd_ready(void *cookie, int events)
{
	(void)cookie;
	(void)events;
	fail();
}

/* --- guests */

struct fixture {
	struct kbox_box box;
	int pid;		/* a child, already a guest */
	struct kbox_thread *thread;
	char *shared;		/* one page, shared with it */
};

/* A child that sleeps until it is killed. */
static int sleeping_child(void)
{
	int pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		for (;;)
			pause();
	return pid;
}

static void end_child(int pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct kbox_box *box = &fixture->box;
	struct kbox_process *process;

	assert_non_null(fixture);
	kbox_list_init(&box->processes);
	kbox_list_init(&box->blocked);
	kbox_list_init(&box->again);
	kbox_list_init(&box->segments);
	kbox_list_init(&box->exec_queue);
	kbox_list_init(&box->exec_waiters);
	box->next_check_ns = UINT64_MAX;
	box->next_held_ns = UINT64_MAX;
	box->supervisor_pid = getpid();
	box->lifeline_fd = 99;
	box->lifeline_pairs = 3;
	box->own_filters = -1;	/* children here run under no filter */
	fixture->shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(fixture->shared, MAP_FAILED);
	fixture->pid = sleeping_child();
	process = kbox_process_new(box, fixture->pid, 0);
	assert_non_null(process);
	fixture->thread = kbox_thread_new(box, process, fixture->pid,
					  task_new(fixture->pid));
	assert_non_null(fixture->thread);
	puts_seen = interrupts_seen = kills_seen = 0;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;

	while (!kbox_list_empty(&box->processes)) {
		struct kbox_process *process =
			KBOX_LIST_FIRST(&box->processes, struct kbox_process,
					link);
		unsigned int count = 0;
		struct kbox_thread *thread;

		end_child(process->tgid);
		if (process->pidfd >= 0)
			close(process->pidfd);
		process->pidfd = -1;
		kbox_process_retire(box, process);
		KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
			count++;
		if (!count)
			kbox_process_free_if_empty(box, process);
		while (count--)
			kbox_thread_free(box,
					 KBOX_LIST_FIRST(&process->threads,
							 struct kbox_thread,
							 sibling));
	}
	assert_int_equal(box->thread_count, 0);
	assert_int_equal(box->expected, 0);
	free(box->clone_cell);
	munmap(fixture->shared, 4096);
	free(fixture);
	return 0;
}

static void status_of_processes(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_proc_status status;
	int pid;

	assert_int_equal(kbox_proc_status_read(getpid(), &status), 0);
	assert_int_equal(status.tgid, getpid());
	assert_int_equal(status.ppid, getppid());
	assert_int_equal(kbox_proc_status_read(fixture->pid, &status), 0);
	assert_int_equal(status.ppid, getpid());
	assert_int_equal(status.threads, 1);
	assert_false(kbox_proc_status_ended(&status));
	pid = fork();
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 },
				WEXITED | WNOWAIT), 0);
	assert_int_equal(kbox_proc_status_read(pid, &status), 0);
	assert_true(kbox_proc_status_ended(&status));
	waitpid(pid, NULL, 0);
	assert_int_equal(kbox_proc_status_read(pid, &status), -ESRCH);
}

/* More groups than a page of text names; only root can have them. */
static void status_with_many_groups(void **state)
{
	struct kbox_proc_status status;
	gid_t groups[2000];
	int pid, pipes[2];
	char c;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		for (unsigned int i = 0; i < 2000; i++)
			groups[i] = 1000000 + i;
		signal(SIGUSR1, SIG_IGN);
		if (setgroups(2000, groups) || write(pipes[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	close(pipes[0]);
	assert_int_equal(kbox_proc_status_read(pid, &status), 0);
	assert_int_equal(status.tgid, pid);
	assert_int_equal(status.threads, 1);
	assert_true(status.ignored & 1ULL << (SIGUSR1 - 1));
	end_child(pid);
}

static void memory_of_processes(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = "read-only";
	kbox_guest_addr addr = (uintptr_t)text, far = 1ULL << 63;
	char buf[sizeof(text)];
	int mem;

	assert_int_equal(kbox_guest_read(fixture->pid, buf, addr, sizeof(buf)),
			 0);
	assert_string_equal(buf, text);
	assert_int_equal(kbox_guest_write(fixture->pid, addr, "x", 1), -EFAULT);
	assert_int_equal(kbox_guest_read(fixture->pid, buf, 16, 1), -EFAULT);
	assert_int_equal(kbox_guest_read(fixture->pid, buf, far, 1), -EFAULT);
	assert_int_equal(kbox_guest_read(fixture->pid, buf, far - 1, 4),
			 -EFAULT);
	mem = kbox_guest_mem_open(fixture->pid);
	assert_true(mem >= 0);
	assert_int_equal(kbox_guest_mem_write(mem, addr, "w", 1), 0);
	assert_int_equal(kbox_guest_mem_read(mem, buf, addr, sizeof(buf)), 0);
	assert_string_equal(buf, "wead-only");
	assert_string_equal(text, "read-only");
	end_child(fixture->pid);
	assert_int_equal(kbox_guest_mem_read(mem, buf, addr, 1), -EFAULT);
	assert_int_equal(kbox_guest_mem_open(fixture->pid), -ENOENT);
	close(mem);
}

static void tables(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	struct kbox_process *process = fixture->thread->process;
	struct kbox_task *task = task_new(7);
	/* The same bucket as the first thread. */
	int tid = fixture->pid + KBOX_GUEST_BUCKETS;
	struct kbox_thread *other = kbox_thread_new(box, process, tid, task);

	assert_ptr_equal(kbox_thread_find(box, tid), other);
	assert_ptr_equal(kbox_thread_find(box, fixture->pid), fixture->thread);
	assert_ptr_equal(kbox_thread_of_task(box, task), other);
	kbox_thread_retire(box, fixture->thread);
	assert_null(kbox_thread_find(box, fixture->pid));
	kbox_thread_renumber(box, other, fixture->pid);
	assert_ptr_equal(kbox_thread_find(box, fixture->pid), other);
	assert_null(kbox_thread_find(box, tid));
	/* Retired, but its task has not ended. */
	assert_ptr_equal(kbox_thread_of_task(box, fixture->thread->task),
			 fixture->thread);
	kbox_thread_free(box, fixture->thread);
	assert_int_equal(puts_seen, 1);
	assert_ptr_equal(kbox_process_find(box, fixture->pid), process);
}

static void a_child_is_bound_to_its_parent(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	struct kbox_thread *thread = NULL;
	int child;

	/* The fixture's child would fork; here its parent is this process. */
	child = sleeping_child();
	assert_int_equal(kbox_bind(box, child, &thread), -EINVAL);
	assert_null(thread);
	waitpid(child, NULL, 0);	/* nobody had made it: killed */

	child = sleeping_child();
	kbox_expect_child(box, fixture->thread,
			  CLONE_PARENT | CLONE_FILES | CLONE_VFORK, false);
	assert_true(kbox_process_expects(fixture->thread->process));
	assert_int_equal(kbox_bind(box, child, &thread), 0);
	assert_false(kbox_process_expects(fixture->thread->process));
	assert_int_equal(thread->tid, child);
	assert_int_equal(thread->process->parent_tgid, fixture->pid);
	assert_ptr_equal(thread->task->from, fixture->thread->task);
	/* The sleep of vfork is the host's. */
	assert_int_equal(thread->task->flags, CLONE_PARENT | CLONE_FILES);
	assert_int_equal(thread->process->files_id,
			 fixture->thread->process->files_id);
	assert_int_not_equal(thread->process->lifeline_pair,
			     fixture->thread->process->lifeline_pair);
	box->pidfds = 0;
}

/* Each process that shares a host table has its own slots for its lifeline. */
static void sharers_have_slots_of_their_own(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	struct kbox_process *first = fixture->thread->process;
	struct kbox_process *other, *third;

	assert_int_equal(kbox_lifeline_free_pair(box, first->files_id), 1);
	other = kbox_process_new(box, sleeping_child(), 0);
	assert_false(kbox_process_shares_files(box, first));
	other->files_id = first->files_id;
	other->lifeline_pair = 1;
	assert_true(kbox_process_shares_files(box, first));
	third = kbox_process_new(box, sleeping_child(), 0);
	assert_int_equal(kbox_lifeline_free_pair(box, third->files_id), 1);
	assert_int_equal(kbox_lifeline_free_pair(box, first->files_id), 2);
	third->files_id = first->files_id;
	third->lifeline_pair = 2;
	assert_int_equal(kbox_lifeline_free_pair(box, first->files_id),
			 -EAGAIN);
	assert_true(kbox_lifeline_reserves(box, 99));
	assert_true(kbox_lifeline_reserves(box, 94));
	assert_false(kbox_lifeline_reserves(box, 93));
	assert_false(kbox_lifeline_reserves(box, 100));
	/* Of an exec nothing is left of that. */
	other->files_id = ++box->next_files_id;
	assert_int_equal(kbox_lifeline_free_pair(box, first->files_id), 1);
}

/* The calls of a process whose status cannot be read are not left unanswered. */
static void who_cannot_be_read_is_killed(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_thread *thread = NULL;
	struct rlimit limit, none;
	int child = sleeping_child(), status, err;

	kbox_expect_child(&fixture->box, fixture->thread, CLONE_PARENT, false);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	err = kbox_bind(&fixture->box, child, &thread);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(err, -EMFILE);
	assert_null(thread);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	kbox_thread_expect_none(&fixture->box, fixture->thread);
}

static void few_of_the_killed_are_named(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	int pipes[2], children[6];
	unsigned int lines = 0;
	char text[4096];
	ssize_t len;

	assert_int_equal(pipe(pipes), 0);
	kbox_log_set_fd(pipes[1]);
	for (unsigned int i = 0; i < 6; i++) {
		children[i] = sleeping_child();
		kbox_stranger_punish(box, children[i], "a test");
	}
	kbox_process_punish(box, fixture->thread->process, "a test");
	kbox_process_punish(box, fixture->thread->process, "a test");
	kbox_punished_summary(box);
	kbox_log_set_fd(2);
	close(pipes[1]);
	len = read(pipes[0], text, sizeof(text) - 1);
	close(pipes[0]);
	assert_true(len > 0);
	text[len] = '\0';
	for (char *at = text; (at = strstr(at, "is killed: a test")); at++)
		lines++;
	assert_int_equal(lines, 3);
	assert_non_null(strstr(text, "4 more guest processes were killed"));
	for (unsigned int i = 0; i < 6; i++)
		waitpid(children[i], NULL, 0);
}

/* A mapping whose guest has died leaves no descriptor behind. */
static void a_dropped_value_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_thread *thread = fixture->thread;
	int fd = dup(0);

	assert_true(fd >= 0);
	kbox_thread_drop_value(thread, fd);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	thread->value_is_fd = true;
	kbox_thread_drop_value(thread, fd);
	assert_true(fcntl(fd, F_GETFD) < 0);
	assert_false(thread->value_is_fd);
}

/* The library kernel has tasks that are no guests: nobody gets their signals. */
static void signals_stay_in_the_box(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	int outside = sleeping_child(), status;

	kbox_raise(box, outside, 0, SIGKILL);
	kbox_raise(box, outside, outside, SIGKILL);
	kbox_raise(box, fixture->pid, outside, SIGKILL);
	kbox_raise(box, getpid(), 0, SIGKILL);
	usleep(20000);
	assert_int_equal(waitpid(outside, &status, WNOHANG), 0);
	assert_int_equal(waitpid(fixture->pid, &status, WNOHANG), 0);
	kbox_raise(box, fixture->pid, fixture->pid, SIGTERM);
	assert_int_equal(waitpid(fixture->pid, &status, 0), fixture->pid);
	assert_int_equal(WTERMSIG(status), SIGTERM);
	end_child(outside);
}

/* All its threads' tasks end, whichever of them are left. */
static void an_ended_process_takes_its_tasks_along(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;

	kbox_thread_new(box, fixture->thread->process, 1, task_new(1));
	kbox_thread_new(box, fixture->thread->process, 2, task_new(2));
	end_child(fixture->pid);
	box->unwatched = 1;
	box->first_ended = true;
	kbox_box_update_clock(box);
	kbox_ends_check(box);
	assert_int_equal(box->unwatched, 0);
	assert_int_equal(kills_seen, 3);
	for (unsigned int i = 0; i < 3; i++)
		kbox_thread_free(box, kbox_thread_of_task(box, killed[i]));
}

static void unseen_children_are_found(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	struct kbox_process *process = fixture->thread->process;
	int child = sleeping_child();

	kbox_expect_child(box, fixture->thread, CLONE_PARENT, false);
	fixture->thread->state = KBOX_THREAD_HELD;
	kbox_bind_children(box, process, false);
	assert_non_null(kbox_thread_find(box, child));
	assert_false(kbox_process_expects(process));

	/* A call that has returned, and no child: there will be none. */
	kbox_expect_child(box, fixture->thread, 0, false);
	kbox_bind_children(box, process, false);
	assert_false(kbox_process_expects(process));
	assert_int_equal(box->expected, 0);
}

static void calls_are_held_for_children(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	struct kbox_thread *thread = fixture->thread;

	box->now_ns = 1000;
	kbox_expect_child(box, thread, 0, false);
	kbox_hold(box, thread);
	assert_int_equal(thread->state, KBOX_THREAD_HELD);
	assert_int_equal(box->next_held_ns, 1000 + KBOX_HOLD_NS);
	kbox_release(box, thread->process);
	assert_true(kbox_list_empty(&box->again));
	kbox_hold_check(box);
	assert_true(kbox_list_empty(&box->again));
	box->now_ns += KBOX_HOLD_NS;
	kbox_hold_check(box);
	assert_false(kbox_list_empty(&box->again));
	assert_false(kbox_process_expects(thread->process));
	assert_int_equal(box->next_held_ns, UINT64_MAX);
}

/* A guest in which @sig is pending, blocked or not, and not handled yet. */
static void make_pending(struct fixture *fixture, int sig)
{
	struct kbox_proc_status status;

	/* While it is stopped, nothing is delivered. */
	kill(fixture->pid, SIGSTOP);
	assert_int_equal(waitpid(fixture->pid, NULL, WUNTRACED), fixture->pid);
	kill(fixture->pid, sig);
	assert_int_equal(kbox_proc_status_read(fixture->pid, &status), 0);
	assert_true(status.group_pending & 1ULL << (sig - 1));
}

static void an_open_signal_interrupts(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	struct kbox_thread *thread = fixture->thread;

	thread->state = KBOX_THREAD_BLOCKED;
	box->now_ns = 1000;
	kbox_signal_watch(box, thread);
	assert_int_equal(kbox_signal_look(thread), KBOX_SIGNAL_NONE);
	assert_int_equal(kbox_signal_result(thread, -KBOX_ERESTARTSYS), -EINTR);
	make_pending(fixture, SIGUSR1);
	assert_int_equal(kbox_signal_look(thread), KBOX_SIGNAL_OPEN);
	kbox_signal_check(box);
	assert_int_equal(interrupts_seen, 0);
	box->now_ns += 1000000;
	kbox_signal_check(box);
	assert_int_equal(interrupts_seen, 1);
	assert_int_equal(kbox_signal_result(thread, -KBOX_ERESTARTSYS),
			 -KBOX_ERESTARTSYS);
	assert_int_equal(kbox_signal_result(thread,
					    -KBOX_ERESTART_RESTARTBLOCK),
			 -KBOX_ERESTARTNOHAND);
	assert_int_equal(kbox_signal_result(thread, -EAGAIN), -EAGAIN);
}

static void a_blocked_signal_waits_for_its_mask(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_thread *thread = fixture->thread;
	sigset_t usr1, before;
	int pid;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &before);
	pid = sleeping_child();
	sigprocmask(SIG_SETMASK, &before, NULL);
	end_child(fixture->pid);
	fixture->pid = thread->process->tgid = thread->tid = pid;
	make_pending(fixture, SIGUSR1);
	assert_int_equal(kbox_signal_look(thread), KBOX_SIGNAL_BLOCKED);
	thread->has_wait_mask = true;
	thread->wait_mask = 0;
	assert_int_equal(kbox_signal_look(thread), KBOX_SIGNAL_MASKED);
	thread->wait_mask = 1ULL << (SIGUSR1 - 1);
	assert_int_equal(kbox_signal_look(thread), KBOX_SIGNAL_BLOCKED);
	thread->wait_mask = 0;
	/* No restart code: the host has nothing to handle on the way out. */
	assert_int_equal(kbox_signal_result(thread, -KBOX_ERESTARTNOHAND),
			 -EINTR);
}

static void only_own_numbers(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_box *box = &fixture->box;
	int stranger = sleeping_child();

	assert_true(kbox_pid_is_ours(box, fixture->pid));
	assert_false(kbox_pid_is_ours(box, getpid()));
	assert_false(kbox_pid_is_ours(box, getppid()));
	assert_false(kbox_pid_is_ours(box, 1));
	assert_false(kbox_pid_is_ours(box, 0));
	assert_false(kbox_pid_is_ours(box, -1));
	assert_false(kbox_pid_is_ours(box, stranger));
	end_child(stranger);
}

/* --- the path of an exec */

struct strings {
	char variable[16];	/* SHELL=/bin/true */
	char other[8];
	char *argv[4];
	char *envp[3];
};

static void check_path(struct fixture *fixture, char *path, const char *ours)
{
	struct kbox_exec *exec = &fixture->thread->process->exec;
	struct strings *strings = (void *)fixture->shared;

	exec->path = (uintptr_t)path;
	exec->mem_fd = kbox_guest_mem_open(fixture->pid);
	assert_true(exec->mem_fd >= 0);
	fixture->thread->call.nr = SYS_execve;
	fixture->thread->call.args[1] = (uintptr_t)strings->argv;
	fixture->thread->call.args[2] = (uintptr_t)strings->envp;
	assert_int_equal(kbox_exec_path_replace(&fixture->box, fixture->thread,
						false), 0);
	assert_string_equal(path, ours);
}

static void overlapping_strings_are_repaired(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_process *process = fixture->thread->process;
	struct strings *strings = (void *)fixture->shared;
	/* What the host would have copied: the last bytes of the page. */
	char *copy = fixture->shared + 2048;
	char *path = strings->variable + strlen("SHELL=");
	struct kbox_exec_layout layout = { .arg_start = (uintptr_t)copy };

	strcpy(strings->variable, "SHELL=/bin/true");
	strcpy(strings->other, "other");
	strings->argv[0] = path + strlen("/bin/");
	strings->argv[1] = strings->other;
	strings->argv[2] = path;
	strings->envp[0] = strings->other;
	strings->envp[1] = strings->variable;
	check_path(fixture, path, ".///////l");
	assert_int_equal(process->exec.overlap_count, 3);

	memcpy(copy, "///l\0other\0.///////l", 21);
	layout.arg_end = layout.env_start = layout.arg_start + 21;
	memcpy(copy + 21, "other\0SHELL=.///////l", 22);
	layout.env_end = layout.env_start + 22;
	kbox_exec_path_restore(&process->exec);
	assert_string_equal(strings->variable, "SHELL=/bin/true");
	kbox_exec_path_repair(fixture->thread, &layout);
	assert_memory_equal(copy, "true\0other\0/bin/true", 21);
	assert_memory_equal(copy + 21, "other\0SHELL=/bin/true", 22);
	kbox_exec_clear(&fixture->box, process);
}

static void a_prefix_takes_the_place_of_argv0(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_process *process = fixture->thread->process;
	struct strings *strings = (void *)fixture->shared;
	char *copy = fixture->shared + 2048;
	struct kbox_exec_layout layout = { .arg_start = (uintptr_t)copy };

	strcpy(strings->other, "/s");
	strings->argv[0] = strings->other;
	strings->argv[1] = strings->other;
	check_path(fixture, strings->other, "ll");
	assert_int_equal(process->exec.overlap_count, 2);
	process->exec.prefix_count = 2;
	process->exec.prefix_bytes = 11;
	memcpy(copy, "/bin/sh\0/s\0ll", 14);
	layout.arg_end = layout.env_start = layout.env_end =
		layout.arg_start + 14;
	kbox_exec_path_repair(fixture->thread, &layout);
	assert_memory_equal(copy, "/bin/sh\0/s\0/s", 14);
	/* The guest wrote there meanwhile: that stays. */
	strcpy(strings->other, "xx");
	kbox_exec_path_restore(&process->exec);
	assert_string_equal(strings->other, "xx");
	kbox_exec_clear(&fixture->box, process);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(status_of_processes),
		TEST(status_with_many_groups),
		TEST(memory_of_processes),
		TEST(tables),
		TEST(a_child_is_bound_to_its_parent),
		TEST(sharers_have_slots_of_their_own),
		TEST(who_cannot_be_read_is_killed),
		TEST(few_of_the_killed_are_named),
		TEST(a_dropped_value_is_closed),
		TEST(signals_stay_in_the_box),
		TEST(an_ended_process_takes_its_tasks_along),
		TEST(unseen_children_are_found),
		TEST(calls_are_held_for_children),
		TEST(an_open_signal_interrupts),
		TEST(a_blocked_signal_waits_for_its_mask),
		TEST(only_own_numbers),
		TEST(overlapping_strings_are_repaired),
		TEST(a_prefix_takes_the_place_of_argv0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
