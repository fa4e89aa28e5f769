// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal ioctls that reach a host descriptor.
 *
 * Side: kernel. hostfd.c comes here with an ioctl(2) of a guest.
 *
 * Only the commands of the table go on to the host; anything else is ENOTTY,
 * as on a file that has no such operation. Left out on purpose: what feeds
 * input (TIOCSTI), what changes the controlling terminal of the caller, which
 * would be the supervisor (TIOCSCTTY, TIOCNOTTY), and what reveals or makes
 * descriptors. Sources: ioctl_tty(2), drivers/tty/tty_ioctl.c.
 */
#include <linux/errno.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/termios.h>
#include <linux/uaccess.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "kbox-drivers.h"

#define DRAIN_POLL_JIFFIES	1	/* between looks at the output queue */

enum {
	ARG_IN = 1,	/* the guest's memory is read */
	ARG_OUT = 2,	/* ... is written */
	ARG_VALUE = 4,	/* the argument is a number */
	DRAINS = 8,	/* waits until the output queue is empty */
	SETS = 16,	/* not for a process in the background */
};

struct command {
	unsigned int cmd;
	unsigned short flags;
	unsigned short size;	/* bytes of the argument in memory */
};

static const struct command commands[] = {
	{ TCGETS, ARG_OUT, sizeof(struct termios) },
	{ TCSETS, ARG_IN | SETS, sizeof(struct termios) },
	{ TCSETSW, ARG_IN | DRAINS | SETS, sizeof(struct termios) },
	{ TCSETSF, ARG_IN | DRAINS | SETS, sizeof(struct termios) },
	{ TCGETS2, ARG_OUT, sizeof(struct termios2) },
	{ TCSETS2, ARG_IN | SETS, sizeof(struct termios2) },
	{ TCSETSW2, ARG_IN | DRAINS | SETS, sizeof(struct termios2) },
	{ TCSETSF2, ARG_IN | DRAINS | SETS, sizeof(struct termios2) },
	{ TCGETA, ARG_OUT, sizeof(struct termio) },
	{ TCSETA, ARG_IN | SETS, sizeof(struct termio) },
	{ TCSETAW, ARG_IN | DRAINS | SETS, sizeof(struct termio) },
	{ TCSETAF, ARG_IN | DRAINS | SETS, sizeof(struct termio) },
	{ TIOCGWINSZ, ARG_OUT, sizeof(struct winsize) },
	{ TIOCSWINSZ, ARG_IN, sizeof(struct winsize) },
	{ TIOCGPGRP, ARG_OUT, sizeof(int) },
	{ TIOCSPGRP, ARG_IN | SETS, sizeof(int) },
	{ TIOCGSID, ARG_OUT, sizeof(int) },
	{ TIOCGETD, ARG_OUT, sizeof(int) },
	{ FIONREAD, ARG_OUT, sizeof(int) },
	{ TIOCOUTQ, ARG_OUT, sizeof(int) },
	{ TIOCGEXCL, ARG_OUT, sizeof(int) },
	{ TCFLSH, ARG_VALUE | SETS, 0 },
	{ TCXONC, ARG_VALUE | SETS, 0 },
	{ TCSBRK, ARG_VALUE | DRAINS | SETS, 0 },
	{ TCSBRKP, ARG_VALUE | DRAINS | SETS, 0 },
};

union argument {
	struct termios termios;
	struct termios2 termios2;
	struct termio termio;
	struct winsize winsize;
	int number;
};

static const struct command *find_command(unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].cmd == cmd)
			return &commands[i];
	return NULL;
}

/*
 * Wait until the terminal has put out everything, without blocking the host:
 * a stopped terminal holds up nobody but the caller. The wait for the host's
 * own buffers that follows is then short.
 */
static int drain(int host_fd)
{
	for (;;) {
		int queued = 0;

		if (kbox_host->fd_ioctl(host_fd, TIOCOUTQ, &queued) || !queued)
			return 0;
		if (signal_pending(current))
			return -ERESTARTSYS;
		schedule_timeout_interruptible(DRAIN_POLL_JIFFIES);
	}
}

/*
 * ioctl(@cmd, @arg) of current on @host_fd. May sleep for the commands that
 * wait for output. -ENOTTY for what is not in the table.
 */
long kbox_hostfd_ioctl(int host_fd, unsigned int cmd, unsigned long arg)
{
	const struct command *command = find_command(cmd);
	void __user *user = (void __user *)arg;
	union argument argument;
	long ret;

	if (!command)
		return -ENOTTY;
	memset(&argument, 0, sizeof(argument));
	if (command->flags & ARG_IN &&
	    copy_from_user(&argument, user, command->size))
		return -EFAULT;
	if (command->flags & SETS) {
		ret = kbox_host->fd_job_control(host_fd, current->tgid,
						SIGTTOU);
		if (ret)
			return ret;
	}
	if (command->flags & DRAINS) {
		ret = drain(host_fd);
		if (ret)
			return ret;
	}

	ret = kbox_host->fd_ioctl(host_fd, cmd, command->flags & ARG_VALUE ?
				  (void *)arg : &argument);
	if (ret >= 0 && command->flags & ARG_OUT &&
	    copy_to_user(user, &argument, command->size))
		return -EFAULT;
	return ret;
}
