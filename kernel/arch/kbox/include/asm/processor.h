/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_PROCESSOR_H
#define _ASM_KBOX_PROCESSOR_H

#include <asm/ptrace.h>

struct task_struct;
struct kbox_task;
struct kbox_exec;

/* What a kernel task of kbox has beside the stock kernel's own. */
struct thread_struct {
	unsigned long sp;	/* saved stack pointer while switched out */
	struct kbox_task *handle;	/* the supervisor's view; NULL for kthreads */
	struct kbox_task *child_handle;	/* for copy_thread() of a clone */
	int (*fn)(void *);	/* of a kernel thread */
	void *fn_arg;
	struct kbox_exec *exec;	/* a pending exec, drivers/exec.c */
	int local_mem;	/* user pointers mean the supervisor's own memory */
	int ending;	/* the host thread is gone; kbox_lk_kill() */
};

#define INIT_THREAD { }

#define TASK_SIZE	(1UL << 47)
#define TASK_SIZE_MAX	TASK_SIZE
#define TASK_UNMAPPED_BASE 0
#define STACK_TOP	(TASK_SIZE - PAGE_SIZE)
#define STACK_TOP_MAX	STACK_TOP

#define KSTK_EIP(tsk)	(0UL)
#define KSTK_ESP(tsk)	(0UL)

#define task_pt_regs(tsk) (&kbox_dummy_regs)

static inline void start_thread(struct pt_regs *regs, unsigned long ip,
				unsigned long sp)
{
}

unsigned long __get_wchan(struct task_struct *p);

/* A busy wait has to let time pass: timers are polled. */
void kbox_cpu_relax(void);
#define cpu_relax() kbox_cpu_relax()

#endif
