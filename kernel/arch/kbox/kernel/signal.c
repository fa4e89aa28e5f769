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

/* Raised by the thread's own call, so meant for this thread. */
static bool is_synchronous(int sig)
{
	return sig == SIGPIPE || sig == SIGXFSZ || sig == SIGSYS;
}

static void forward_signals(void)
{
	struct ksignal ksig;

	while (get_signal(&ksig))
		kbox_host->signal(task_tgid_nr(current),
				  is_synchronous(ksig.sig) ?
				  task_pid_nr(current) : 0, ksig.sig);
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
