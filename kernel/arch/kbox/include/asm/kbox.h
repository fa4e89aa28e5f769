/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the library kernel: what its files share. Side: kernel.
 */
#ifndef _ASM_KBOX_KBOX_H
#define _ASM_KBOX_KBOX_H

#include <linux/list.h>
#include <linux/types.h>
#include <kbox/lkernel.h>

struct console;
struct file;
struct mm_struct;
struct task_struct;
struct tty_driver;

extern const struct kbox_host_ops *kbox_host;	/* the supervisor's */
extern struct kbox_lk_conf kbox_conf;

struct kbox_queued_event {
	struct list_head link;
	struct kbox_event event;
};

/* A task as the supervisor sees it; see kernel/entry.c. */
struct kbox_task {
	struct task_struct *task;	/* NULL once it has ended */
	int tid, tgid;		/* the last known */
	int references;		/* two: the supervisor's, and the live task's */
	enum {
		KBOX_TASK_USER,		/* in "user mode", waits for a call */
		KBOX_TASK_POSTED,	/* a call waits to be taken up */
		KBOX_TASK_RUNNING,	/* in a call */
		KBOX_TASK_DONE,		/* awaited call finished: value */
		KBOX_TASK_EXITED,
	} state;
	long nr;
	unsigned long args[6];
	long value;
	unsigned long long read_signals;	/* see kbox_lk_signalfd() */
	int read_nonblock;
	struct kbox_queued_event call_event, exit_event;
	bool owns_fd;		/* value is a host descriptor, not yet given */
};

/* kernel/entry.c */
void kbox_post_event(enum kbox_event_kind kind, struct kbox_task *task,
		     long value);
/* Run @fn as an interrupt would run: on the host's stack, between tasks. */
void kbox_run_irq(void (*fn)(void *), void *arg);
void kbox_to_host(void);
void kbox_enter_first(void);
void kbox_user_loop(void);
struct kbox_task *kbox_task_new(void);
void kbox_task_unref(struct kbox_task *handle);

/* kernel/process.c */
long kbox_call_clone(unsigned long flags, int tid, struct kbox_task **ret_child);
long kbox_call_may_clone(unsigned long flags);
long kbox_call_pidfd(int fd, unsigned int *ret_flags, bool proc_too);
/* Let every signal reach the host instead of its default. */
void kbox_claim_signals(struct task_struct *task);
/* Let no signal, nor SIGKILL, have an effect on @task and those it clones. */
void kbox_refuse_signals(struct task_struct *task);

/* kernel/gup.c */
unsigned long kbox_return_user_pages(void);
void kbox_forget_user_pages(int tgid);

/* kernel/signal.c */
void kbox_exit_to_user(void);

/* kernel/init.c */
extern struct kbox_task *kbox_init_handle;	/* of process 1 */

/* kernel/console.c */
void kbox_console_init(void);

/* kernel/process.c */
void kbox_first_context(struct task_struct *task, void *stack_end,
			void (*fn)(void *prev, void *task));

/* kernel/time.c */
void kbox_poll_timers(void);
bool kbox_timer_due(void);
unsigned long long kbox_timer_deadline(void);

/* drivers/ */
void kbox_bind_reap(void);
void kbox_disk_reap(void);	/* end what the host has done meanwhile */
long kbox_call_exec(int dirfd, unsigned long path, int flags, int tracer);
long kbox_call_may_trace(int nr, bool by_it);
void kbox_exec_release(struct task_struct *task);	/* from exit_thread() */
long kbox_call_map(int fd, unsigned long prot, unsigned long flags,
		   unsigned long len, unsigned long offset,
		   unsigned long have);
void kbox_mapped_inherit(const struct mm_struct *mm);
void kbox_mapped_prune_all(void);
long kbox_call_shmget(int key, unsigned long size, int flags);
long kbox_call_shm_detach(int id);
long kbox_call_msync(void);
void kbox_live_pull_all(void);
unsigned int kbox_live_collect(void);
long kbox_tty_attach(int host_fd);
struct tty_driver *kbox_tty_console(struct console *console, int *ret_index);
long kbox_hostfd_open(int host_fd, unsigned int flags);
int kbox_file_shadow(struct file *file);
int kbox_file_shadow_range(struct file *file, loff_t pos, u64 len,
			   unsigned long have);

#endif
