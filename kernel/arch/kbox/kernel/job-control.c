// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals ask whether current refuses SIGTTIN or SIGTTOU before they stop
 * its process group. Side: kernel.
 *
 * The stock code looks at the task's mask and handlers. Those of guests are
 * the host's, so a signal that the host thread blocks or ignores is put into
 * the task's mask while the stock code decides. It is asked there only when
 * that matters: for a process in the background of its own terminal.
 *
 * Source: drivers/tty/tty_jobctrl.c.
 */
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/tty.h>
#include <asm/ioctls.h>
#include <asm/kbox.h>

#include "../../../drivers/tty/tty.h"

static bool in_background(const struct tty_struct *tty)
{
	return current->signal->tty == tty && tty->ctrl.pgrp &&
	       tty->ctrl.pgrp != task_pgrp(current);
}

/* Whether @sig was put into the mask, and has to be taken out again. */
static bool lend_mask(const struct tty_struct *tty, int sig)
{
	/* The supervisor's task has no other thread's signals. */
	if (!in_background(tty) || current->thread.local_mem ||
	    sigismember(&current->blocked, sig) ||
	    !(kbox_host->refused_signals(task_pid_nr(current)) &
	      sigmask(sig)))
		return false;
	sigaddset(&current->blocked, sig);
	return true;
}

static void return_mask(bool lent, int sig)
{
	if (lent)
		sigdelset(&current->blocked, sig);
}

int __real___tty_check_change(struct tty_struct *tty, int sig);
int __wrap___tty_check_change(struct tty_struct *tty, int sig);
int __wrap___tty_check_change(struct tty_struct *tty, int sig)
{
	bool lent = lend_mask(tty, sig);
	int ret = __real___tty_check_change(tty, sig);

	return_mask(lent, sig);
	return ret;
}

int __wrap_tty_check_change(struct tty_struct *tty);
int __wrap_tty_check_change(struct tty_struct *tty)
{
	return __wrap___tty_check_change(tty, SIGTTOU);
}

/* TIOCSPGRP asks within the stock file, where no call can be redirected. */
long __real_tty_jobctrl_ioctl(struct tty_struct *tty,
			      struct tty_struct *real_tty, struct file *file,
			      unsigned int cmd, unsigned long arg);
long __wrap_tty_jobctrl_ioctl(struct tty_struct *tty,
			      struct tty_struct *real_tty, struct file *file,
			      unsigned int cmd, unsigned long arg);
long __wrap_tty_jobctrl_ioctl(struct tty_struct *tty,
			      struct tty_struct *real_tty, struct file *file,
			      unsigned int cmd, unsigned long arg)
{
	bool lent = cmd == TIOCSPGRP && lend_mask(real_tty, SIGTTOU);
	long ret = __real_tty_jobctrl_ioctl(tty, real_tty, file, cmd, arg);

	return_mask(lent, SIGTTOU);
	return ret;
}
