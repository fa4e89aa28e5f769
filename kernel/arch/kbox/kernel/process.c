// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks: their stacks, their switch, their making. Side: kernel.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/sched/sysctl.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <asm/kbox.h>
#include <asm/switch_to.h>

void *kbox_switch_stack(unsigned long *save_sp, unsigned long new_sp,
			void *cookie);
void kbox_first_frame(void);

struct task_struct *kbox_current = &init_task;

struct task_struct *kbox_switch_to(struct task_struct *prev,
				   struct task_struct *next)
{
	kbox_user_transfers_leave();
	kbox_current = next;
	return kbox_switch_stack(&prev->thread.sp, next->thread.sp, prev);
}

/* A stack that kbox_switch_stack() can return to: into fn(prev, task). */
void kbox_first_context(struct task_struct *task, void *stack_end,
			void (*fn)(void *prev, void *task))
{
	unsigned long *sp = (unsigned long *)(stack_end - 16) - 7;

	sp[0] = 0;				/* r15 */
	sp[1] = 0;				/* r14 */
	sp[2] = 0;				/* r13 */
	sp[3] = (unsigned long)task;		/* r12 */
	sp[4] = (unsigned long)fn;		/* rbx */
	sp[5] = 0;				/* rbp */
	sp[6] = (unsigned long)kbox_first_frame;
	task->thread.sp = (unsigned long)sp;
}

/* A kernel thread that returns has executed a program: it is in user mode. */
static void task_start(void *prev, void *arg)
{
	struct task_struct *task = arg;

	schedule_tail(prev);
	if (task->thread.fn)
		task->thread.fn(task->thread.fn_arg);
	kbox_user_loop();
}

int copy_thread(struct task_struct *p, const struct kernel_clone_args *args)
{
	struct thread_struct *parent = &current->thread;

	p->thread = (struct thread_struct) {
		.fn = args->fn,
		.fn_arg = args->fn_arg,
	};
	if (!args->fn) {
		p->thread.handle = parent->child_handle;
		p->thread.local_mem = parent->local_mem;
		p->thread.handle->task = p;
		/* The first guest's, made by the supervisor's task. */
		if (parent->local_mem)
			kbox_claim_signals(p);
	}
	kbox_first_context(p, task_stack_page(p) + THREAD_SIZE, task_start);
	return 0;
}

/* Memory is the host's; the rest of what a guest may ask for is here. */
#define CLONE_PASSED (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_PARENT | \
		      CLONE_IO | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | \
		      CLONE_NEWUSER | CLONE_NEWNET)
#define CLONE_OF_THREADS (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

#define BOTH(flags, a, b) (((flags) & ((a) | (b))) == ((a) | (b)))

/*
 * The stock rules for namespaces (copy_process(), copy_namespaces(),
 * create_user_ns()), asked before the host makes the child. Those of process
 * numbers and of time are the host's, and not for guests.
 */
long kbox_call_may_clone(unsigned long flags)
{
	if (flags & (CLONE_NEWPID | CLONE_NEWTIME) ||
	    BOTH(flags, CLONE_NEWNS, CLONE_FS) ||
	    BOTH(flags, CLONE_NEWUSER, CLONE_FS) ||
	    BOTH(flags, CLONE_NEWUSER, CLONE_THREAD) ||
	    BOTH(flags, CLONE_NEWIPC, CLONE_SYSVSEM))
		return -EINVAL;
	if (flags & CLONE_NEWUSER)
		return current_chrooted() ? -EPERM : 0;
	return ns_capable(current_user_ns(), CAP_SYS_ADMIN) ? 0 : -EPERM;
}

long kbox_call_clone(unsigned long flags, int tid,
		     struct kbox_task **ret_child)
{
	bool thread = flags & CLONE_THREAD;
	pid_t set_tid = tid;
	struct kernel_clone_args args = {
		.flags = flags & CLONE_PASSED,
		.exit_signal = thread ? 0 : SIGCHLD,
		.set_tid = &set_tid,
		.set_tid_size = 1,
	};
	struct kbox_task *child = kbox_task_new();
	pid_t nr;

	if (!child)
		return -ENOMEM;
	if (thread)
		args.flags |= CLONE_OF_THREADS;
	current->thread.child_handle = child;
	nr = kernel_clone(&args);
	current->thread.child_handle = NULL;
	if (nr < 0) {
		kfree(child);
		return nr;
	}
	if (!thread && child->task)
		kbox_mapped_inherit(child->task->mm);
	*ret_child = child;
	return 0;
}

/*
 * A task costs its stack and about ten kilobytes; the limit leaves a quarter
 * of RAM to everything else. The stock one, an eighth of RAM in stacks, is for
 * machines that run more than the tasks of a sandbox.
 */
#define BYTES_PER_TASK (2 * THREAD_SIZE)
#define TASKS_SPARE 32		/* clones under way at the host */
#define PAGES_SPARE 1024	/* for those, and for the page cache to shrink */

static int max_tasks;

static int __init set_max_tasks(void)
{
	struct ctl_table table = { .maxlen = sizeof(int), .mode = 0644 };
	char text[16];
	size_t len;
	loff_t pos = 0;

	max_tasks = (kbox_ram_end - kbox_ram_base) / BYTES_PER_TASK;
	len = scnprintf(text, sizeof(text), "%d", max_tasks);
	sysctl_max_threads(&table, 1, text, &len, &pos);
	/* The host's own limit holds for its users: none is added to it. */
	current->signal->rlim[RLIMIT_NPROC].rlim_cur = RLIM_INFINITY;
	current->signal->rlim[RLIMIT_NPROC].rlim_max = RLIM_INFINITY;
	return 0;
}
early_initcall(set_max_tasks);

int kbox_lk_may_clone(struct kbox_task *handle)
{
	struct task_struct *task = handle->task;

	if (!task)
		return -ESRCH;
	if (nr_threads + TASKS_SPARE >= max_tasks)
		return -EAGAIN;
	if (si_mem_available() < PAGES_SPARE)
		return -ENOMEM;
	if (is_rlimit_overlimit(task_ucounts(task), UCOUNT_RLIMIT_NPROC,
				task_rlimit(task, RLIMIT_NPROC)) &&
	    task->real_cred->user != INIT_USER &&
	    !has_capability_noaudit(task, CAP_SYS_RESOURCE) &&
	    !has_capability_noaudit(task, CAP_SYS_ADMIN))
		return -EAGAIN;
	return 0;
}

/* The process whose folder of /proc is open as @fd. The caller puts it. */
static struct pid *pid_of_folder(int fd)
{
	struct fd f = fdget(fd);
	struct pid *pid;

	if (!fd_file(f))
		return ERR_PTR(-EBADF);
	pid = tgid_pidfd_to_pid(fd_file(f));
	if (!IS_ERR(pid))
		get_pid(pid);
	fdput(f);
	return pid;
}

/* A number outlives its task for as long as somebody holds the struct pid. */
long kbox_call_pidfd(int fd, unsigned int *ret_flags, bool proc_too)
{
	struct pid *pid = pidfd_get_pid(fd, ret_flags);
	long nr;

	if (pid == ERR_PTR(-EBADF) && proc_too)
		pid = pid_of_folder(fd);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	nr = pid->numbers[0].nr;
	put_pid(pid);
	return nr;
}

void flush_thread(void)
{
}

void show_regs(struct pt_regs *regs)
{
}

void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
}

unsigned long __get_wchan(struct task_struct *p)
{
	return 0;
}

/* Debugging a guest is the host's business; the filter refuses ptrace. */
long arch_ptrace(struct task_struct *child, long request,
		 unsigned long addr, unsigned long data)
{
	return -EIO;
}

void ptrace_disable(struct task_struct *child)
{
}

void user_disable_single_step(struct task_struct *child)
{
}
