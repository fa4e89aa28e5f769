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
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "host.h"

#define ERESTARTSYS 512

struct signals {
	unsigned long long blocked, ignored;
	int parent;
};

/* Of the process's main thread. */
static int read_signals(int tgid, struct signals *ret)
{
	char path[32], text[2048];
	KBOX_CLEANUP_CLOSE int fd = -1;
	const char *parent, *blocked, *ignored;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	parent = strstr(text, "\nPPid:");
	blocked = strstr(text, "\nSigBlk:");
	ignored = strstr(text, "\nSigIgn:");
	if (!parent || !blocked || !ignored)
		return -EIO;
	ret->parent = atoi(parent + 6);
	ret->blocked = strtoull(blocked + 8, NULL, 16);
	ret->ignored = strtoull(ignored + 8, NULL, 16);
	return 0;
}

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
	struct signals leader;

	if (has_tie(tgid, parent, group, session))
		return false;
	return read_signals(group, &leader) < 0 ||
	       !has_tie(group, leader.parent, group, session);
}

int kbox_host_fd_job_control(int fd, int tgid, int sig)
{
	const struct kbox_host_fd *host_fd = kbox_host_find_fd(fd);
	int session, group, foreground, tty_session;
	struct signals signals;

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
	if (read_signals(tgid, &signals) < 0)
		return -EIO;
	if ((signals.blocked | signals.ignored) & 1ULL << (sig - 1))
		return sig == SIGTTIN ? -EIO : 0;
	if (is_orphaned(tgid, signals.parent, group, session))
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
