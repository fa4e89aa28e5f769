// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a task does on its way back to user mode: deferred work and signals.
 * Side: kernel.
 *
 * Signals of guests belong to the host kernel: handlers, masks and defaults
 * are kept there. A signal that this kernel raises (SIGPIPE, a terminal's
 * SIGINT) is taken off the task and sent on to the host thread. To get all of
 * them past the stock code, every signal has a handler here, but for SIGKILL,
 * which ends the task (the supervisor's doing, or an exec of another thread's),
 * and SIGCHLD: ignored, so that ended children vanish at once; guests wait for
 * theirs at the host.
 *
 * The supervisor's own task and process 1 are no guests: they ignore all
 * signals, SIGKILL too, whoever sends them.
 */
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <asm/kbox.h>

#define FORWARDED ((__sighandler_t)2UL)	/* neither SIG_DFL nor SIG_IGN */

void kbox_claim_signals(struct task_struct *task)
{
	struct k_sigaction *action = task->sighand->action;
	int sig;

	spin_lock_irq(&task->sighand->siglock);
	for (sig = 1; sig <= _NSIG; sig++)
		action[sig - 1].sa.sa_handler =
			sig == SIGKILL ? SIG_DFL :
			sig == SIGCHLD ? SIG_IGN : FORWARDED;
	spin_unlock_irq(&task->sighand->siglock);
}

void kbox_refuse_signals(struct task_struct *task)
{
	struct k_sigaction *action = task->sighand->action;
	int sig;

	spin_lock_irq(&task->sighand->siglock);
	for (sig = 1; sig <= _NSIG; sig++)
		action[sig - 1].sa.sa_handler = SIG_IGN;
	spin_unlock_irq(&task->sighand->siglock);
}

/* What is pending for this thread alone is taken before the process's. */
static void forward_signals(void)
{
	struct ksignal ksig;
	sigset_t own;

	for (;;) {
		own = current->pending.signal;
		if (!get_signal(&ksig))
			break;
		kbox_host->signal(task_tgid_nr(current),
				  sigismember(&own, ksig.sig) ?
				  task_pid_nr(current) : 0, ksig.sig);
	}
	restore_saved_sigmask();
}

#define EXIT_WORK (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | _TIF_NOTIFY_RESUME)

void kbox_exit_to_user(void)
{
	unsigned long work;

	while ((work = read_thread_flags() & EXIT_WORK)) {
		if (current->thread.ending)
			do_exit(0);
		if (work & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
			forward_signals();
		if (work & _TIF_NOTIFY_RESUME)
			resume_user_mode_work(&kbox_dummy_regs);
	}
}
