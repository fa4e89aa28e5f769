/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Job control for guests at the user's terminal.
 *
 * Side: host, on kernel tasks' stacks. The terminal's rules are applied by the
 * host to whoever makes the call, which is the supervisor; here they are
 * applied to the guest on whose behalf it does so.
 *
 * Source: __tty_check_change() in drivers/tty/tty_jobctrl.c.
 */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../guest/proc-status.h"
#include "host.h"

#define ERESTARTSYS 512

/* Whether @pid's parent ties its group to another one of the session. */
static bool has_tie(int pid, int parent, int group, int session)
{
	return parent > 0 && getpgid(parent) != group &&
	       getsid(parent) == session && getpgid(pid) == group;
}

/*
 * An orphaned group has nobody who could continue it, and is not stopped. Its
 * leader and the caller stand for all of its members.
 */
static bool is_orphaned(int tgid, int parent, int group, int session)
{
	struct kbox_proc_status leader;

	if (has_tie(tgid, parent, group, session))
		return false;
	return kbox_proc_status_read(group, &leader) < 0 ||
	       !has_tie(group, leader.ppid, group, session);
}

int kbox_host_fd_job_control(int fd, int tgid, int sig)
{
	const struct kbox_host_fd *host_fd = kbox_host_find_fd(fd);
	int session, group, foreground, tty_session;
	struct kbox_proc_status status;

	if (!host_fd || !host_fd->tty)
		return 0;
	session = getsid(tgid);
	group = getpgid(tgid);
	/* Of other sessions' terminals nobody is in the background. */
	if (session < 0 || group < 0 ||
	    ioctl(fd, TIOCGSID, &tty_session) < 0 || tty_session != session ||
	    ioctl(fd, TIOCGPGRP, &foreground) < 0 || foreground == group ||
	    foreground <= 0)
		return 0;
	if (kbox_proc_status_read(tgid, &status) < 0)
		return -EIO;
	if ((status.blocked | status.ignored) & 1ULL << (sig - 1))
		return sig == SIGTTIN ? -EIO : 0;
	if (is_orphaned(tgid, status.ppid, group, session))
		return -EIO;
	kill(-group, sig);
	return -ERESTARTSYS;
}

int kbox_host_fd_controls(int fd, int tgid)
{
	const struct kbox_host_fd *host_fd = kbox_host_find_fd(fd);
	int session;

	/* Asking is allowed for the supervisor's own, which is the guests'. */
	return host_fd && host_fd->tty && ioctl(fd, TIOCGSID, &session) == 0 &&
	       session == getsid(tgid);
}
