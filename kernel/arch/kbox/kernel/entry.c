// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way in and out: the supervisor's calls, and the loop that every user
 * task runs in place of user mode. Side: kernel.
 *
 * Theory of operation. The host is the user mode of the current task. A task
 * that finished a call switches to the host's stack from inside its loop and
 * stays current; the host's next call of the same task resumes it there, with
 * no scheduler in between. For another task the host wakes that one and asks
 * the current task to yield; the scheduler does the rest. When nothing can
 * run, the idle task gives control back to the host.
 *
 * Invariants
 *  1. Host code runs only while kbox_current is suspended in kbox_to_host().
 *  2. A handle in state POSTED has a call that its task will take up as soon
 *     as it runs; at most one handle is awaited, the one the host called last.
 *  3. Completions of other tasks become events, in order.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hardirq.h>
#include <linux/irq.h>
#include <linux/resume_user_mode.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/irq_regs.h>
#include <asm/kbox.h>
#include <asm/syscall.h>

void *kbox_switch_stack(unsigned long *save_sp, unsigned long new_sp,
			void *cookie);

struct pt_regs kbox_dummy_regs;
unsigned long kbox_irq_flag;

static unsigned long host_sp;
static struct kbox_task *awaited;

/*
 * What the supervisor has still to be told, oldest first. A task has room for
 * its own: one about its call, one about its end.
 */
static LIST_HEAD(events);

void kbox_post_event(enum kbox_event_kind kind, struct kbox_task *task,
		     long value)
{
	struct kbox_queued_event *q = kind == KBOX_EVENT_EXITED ?
				      &task->exit_event : &task->call_event;

	q->event = (struct kbox_event) { kind, task, value };
	list_move_tail(&q->link, &events);
}

/* From the current task's stack to the host's. */
void kbox_to_host(void)
{
	kbox_switch_stack(&current->thread.sp, host_sp, NULL);
}

/* From the host's stack to the current task's, until it comes back. */
static void enter(void)
{
	kbox_switch_stack(&host_sp, current->thread.sp, NULL);
}

void kbox_enter_first(void)
{
	enter();
}

void kbox_run_irq(void (*fn)(void *), void *arg)
{
	struct pt_regs *old = set_irq_regs(&kbox_dummy_regs);
	unsigned long flags;

	local_irq_save(flags);
	irq_enter();
	fn(arg);
	irq_exit();
	local_irq_restore(flags);
	set_irq_regs(old);
}

struct kbox_task *kbox_task_new(void)
{
	struct kbox_task *handle = kzalloc(sizeof(*handle), GFP_KERNEL);

	if (!handle)
		return NULL;
	handle->references = 2;
	INIT_LIST_HEAD(&handle->call_event.link);
	INIT_LIST_HEAD(&handle->exit_event.link);
	return handle;
}

void kbox_task_unref(struct kbox_task *handle)
{
	if (--handle->references)
		return;
	list_del(&handle->call_event.link);
	list_del(&handle->exit_event.link);
	kfree(handle);
}

void kbox_lk_task_put(struct kbox_task *handle)
{
	kbox_task_unref(handle);
}

int kbox_lk_task_tid(const struct kbox_task *handle)
{
	return handle->task ? task_pid_nr(handle->task) : handle->tid;
}

int kbox_lk_task_tgid(const struct kbox_task *handle)
{
	return handle->task ? task_tgid_nr(handle->task) : handle->tgid;
}

/*
 * What /proc shows of a task's memory is that of its host process. The
 * supervisor's task, whose memory is the supervisor's, shows none.
 */
static void name_memory(void)
{
	current->mm->context.tgid = current->thread.local_mem ||
		is_global_init(current) ? 0 : task_tgid_nr(current);
}

static long internal_call(long nr, const unsigned long *a)
{
	long ret;

	switch (nr) {
	case KBOX_CALL_CLONE:
		return kbox_call_clone(a[0], a[1], (struct kbox_task **)a[2]);
	case KBOX_CALL_EXEC:
		ret = kbox_call_exec(a[0], a[1], a[2], a[3]);
		/* Maybe only a mapping that is gone kept it open. */
		if (ret == -ETXTBSY && kbox_live_collect())
			ret = kbox_call_exec(a[0], a[1], a[2], a[3]);
		kbox_claim_signals(current);
		name_memory();
		return ret;
	case KBOX_CALL_MAP:
		return kbox_call_map(a[0], a[1], a[2], a[3], a[4], a[5]);
	case KBOX_CALL_HOSTFD:
		return kbox_hostfd_open(a[0], a[1]);
	case KBOX_CALL_PIDFD:
		return kbox_call_pidfd(a[0], (unsigned int *)a[1], a[2]);
	case KBOX_CALL_SHMGET:
		return kbox_call_shmget(a[0], a[1], a[2]);
	case KBOX_CALL_SHM_DETACH:
		return kbox_call_shm_detach(a[0]);
	case KBOX_CALL_MSYNC:
		return kbox_call_msync();
	case KBOX_CALL_MAY_TRACE:
		return kbox_call_may_trace(a[0], a[1]);
	case KBOX_CALL_MAY_CLONE:
		return kbox_call_may_clone(a[0]);
	case KBOX_CALL_TERMINAL:
		return kbox_tty_attach(a[0]);
	case KBOX_CALL_EXIT_GROUP:
		do_group_exit(a[0]);
	}
	return -ENOSYS;
}

static long one_call(struct kbox_task *handle)
{
	const unsigned long *a = handle->args;
	unsigned long nr = handle->nr;

	if (unlikely(nr == __NR_umount2))
		kbox_mapped_prune_all();
	if (likely(nr < NR_syscalls))
		return kbox_syscall_table[nr](a[0], a[1], a[2],
					      a[3], a[4], a[5]);
	return internal_call(handle->nr, a);
}

/*
 * Calls whose stores to the guest are gathered although they move a file
 * position: what a bad address swallowed has to be given back.
 */
struct read_call {
	bool file_data;	/* a regular file: the page cache is gathered, too */
	bool moves;	/* the file position counts what was read */
	bool entries;	/* directory entries: all or nothing */
	loff_t pos;	/* of a directory, before */
};

static void read_call_begin(struct kbox_task *handle, struct read_call *call)
{
	struct fd f;

	*call = (struct read_call) { 0 };
	switch (handle->nr) {
	case __NR_read:
	case __NR_readv:
		call->moves = true;
		fallthrough;
	case __NR_pread64:
	case __NR_preadv:
	case __NR_preadv2:
		f = fdget(handle->args[0]);
		if (fd_file(f))
			call->file_data =
				S_ISREG(file_inode(fd_file(f))->i_mode);
		fdput(f);
		break;
	case __NR_getdents:
	case __NR_getdents64:
		f = fdget(handle->args[0]);
		if (fd_file(f)) {
			call->entries = true;
			call->pos = fd_file(f)->f_pos;
		}
		fdput(f);
		break;
	}
	kbox_user_transfers_begin(call->file_data);
}

/* The call gave @value, but @lost bytes did not reach the guest. */
static long read_call_short(struct kbox_task *handle,
			    const struct read_call *call, long value, long lost)
{
	struct fd f = fdget(handle->args[0]);

	if (!fd_file(f))
		return -EFAULT;
	if (call->entries)
		fd_file(f)->f_pos = call->pos;
	else if (call->file_data && call->moves)
		fd_file(f)->f_pos -= lost;
	fdput(f);
	return call->file_data && value > lost ? value - lost : -EFAULT;
}

/* Serve one call; the result goes to the host or into an event. */
static void serve(struct kbox_task *handle)
{
	struct read_call call;
	long value, lost;

	handle->state = KBOX_TASK_RUNNING;
	read_call_begin(handle, &call);
	value = one_call(handle);
	lost = kbox_user_transfers_end();
	if (unlikely(lost) && value >= 0)
		value = read_call_short(handle, &call, value, lost);
	handle->value = value;
	handle->owns_fd = handle->nr == KBOX_CALL_MAP && value >= 0 &&
			  value != KBOX_SHADOW_HAVE;
	kbox_exit_to_user();
	handle->owns_fd = false;
	if (awaited == handle) {
		awaited = NULL;
		handle->state = KBOX_TASK_DONE;
		kbox_to_host();
	} else {
		handle->state = KBOX_TASK_USER;
		kbox_post_event(KBOX_EVENT_COMPLETED, handle, value);
	}
}

/* "User mode" of a task. Leaves only by do_exit(). */
void kbox_user_loop(void)
{
	struct kbox_task *handle = current->thread.handle;

	name_memory();
	for (;;) {
		if (handle->state == KBOX_TASK_POSTED) {
			serve(handle);
			continue;
		}
		set_current_state(TASK_INTERRUPTIBLE);
		if (handle->state == KBOX_TASK_POSTED) {
			__set_current_state(TASK_RUNNING);
			continue;
		}
		if (signal_pending(current) ||
		    test_thread_flag(TIF_NOTIFY_RESUME)) {
			__set_current_state(TASK_RUNNING);
			kbox_exit_to_user();
			continue;
		}
		schedule();
	}
}

int kbox_lk_call(struct kbox_task *handle, long nr,
		 const unsigned long args[6], long *ret_value)
{
	struct task_struct *task = handle->task;

	if (!task)
		return -ESRCH;
	if (handle->state != KBOX_TASK_USER)
		return -EBUSY;
	handle->nr = nr;
	memcpy(handle->args, args, sizeof(handle->args));
	handle->state = KBOX_TASK_POSTED;
	awaited = handle;
	if (current == task) {
		enter();
	} else {
		/* The current task finds no call of its own and parks. */
		wake_up_process(task);
		enter();
	}
	awaited = NULL;
	switch (handle->state) {
	case KBOX_TASK_DONE:
		handle->state = KBOX_TASK_USER;
		*ret_value = handle->value;
		return KBOX_CALL_DONE;
	case KBOX_TASK_EXITED:
		return KBOX_CALL_EXITED;
	default:
		return KBOX_CALL_PENDING;
	}
}

static bool pop_event(struct kbox_event *ret_event)
{
	struct kbox_queued_event *q;

	q = list_first_entry_or_null(&events, struct kbox_queued_event, link);
	if (!q)
		return false;
	*ret_event = q->event;
	list_del_init(&q->link);
	return true;
}

/* A single runnable task is the current one, in its user mode. */
static bool has_work(void)
{
	if (is_idle_task(current))
		return need_resched() || nr_running();
	return nr_running() > 1 || signal_pending(current) ||
	       test_thread_flag(TIF_NOTIFY_RESUME);
}

int kbox_lk_run(struct kbox_event *ret_event)
{
	bool timers = kbox_timer_due();

	if (timers)
		kbox_poll_timers();
	kbox_disk_reap();
	kbox_bind_reap();
	if (pop_event(ret_event))
		return 1;
	/*
	 * After a timer the current task has to leave the CPU even when
	 * nothing else can run, so that the idle task stops the tick.
	 */
	if (!timers && !has_work())
		return 0;
	enter();
	return pop_event(ret_event);
}

static void set_interrupted(void *arg)
{
	set_notify_signal(arg);
}

void kbox_lk_interrupt(struct kbox_task *handle)
{
	if (handle->task && handle->state == KBOX_TASK_RUNNING)
		kbox_run_irq(set_interrupted, handle->task);
}

static void kill_group(void *arg)
{
	send_sig(SIGKILL, arg, 1);
}

/* A fatal signal would end the group: one thread ends by a mark of ours. */
static void kill_thread(void *arg)
{
	struct task_struct *task = arg;

	task->thread.ending = 1;
	set_notify_signal(task);
}

void kbox_lk_kill(struct kbox_task *handle, int group)
{
	if (handle->task)
		kbox_run_irq(group ? kill_group : kill_thread, handle->task);
}

unsigned long long kbox_lk_next_event_ns(void)
{
	return kbox_timer_deadline();
}

/* The task left: called late in do_exit(), files and locks are gone. */
void exit_thread(struct task_struct *task)
{
	struct kbox_task *handle = task->thread.handle;

	/* A clone that failed half-way: the task never was, nobody knows it. */
	if (!(task->flags & PF_EXITING)) {
		task->thread.handle = NULL;
		return;
	}
	kbox_exec_release(task);
	if (!handle)
		return;
	/* It dies in the call that has just made it. */
	if (handle->owns_fd)
		kbox_host->shadow_put(handle->value);
	if (!atomic_read(&task->signal->live))
		kbox_forget_user_pages(task_tgid_nr(task));
	handle->tid = task_pid_nr(task);
	handle->tgid = task_tgid_nr(task);
	handle->task = NULL;
	handle->state = KBOX_TASK_EXITED;
	task->thread.handle = NULL;
	if (awaited == handle)
		awaited = NULL;
	else
		kbox_post_event(KBOX_EVENT_EXITED, handle, 0);
	kbox_task_unref(handle);
}
