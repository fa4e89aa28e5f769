/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guests' own terminal.
 *
 * Side: host. Invariants are in console.h. Source for what a job is to the
 * shell outside: sudo(8) with use_pty, setpgid(2), credentials(7).
 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/macros.h"
#include "../guest/sync-call.h"

/* Where the supervisor's task keeps it, beyond the standard files. */
#define LINE_FD_MIN 10

/* Room for what TCGETS gives: struct termios as the kernel has it. */
#define TERMIOS_BYTES 64

static bool same_file(struct kbox_caller *caller, int a, int b)
{
	struct stat one, other;

	return !kbox_call2(caller, SYS_fstat, a, &one) &&
	       !kbox_call2(caller, SYS_fstat, b, &other) &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/*
 * By the name that guests see where there is one, so that ttyname(3) finds it;
 * the image may have something else there. Becomes the controlling terminal.
 */
static int open_line(struct kbox_caller *caller)
{
	int own = (int)kbox_call2(caller, SYS_open, "/dev/" KBOX_TERMINAL_NAME,
				  O_RDWR | O_CLOEXEC);
	int named, line;

	if (own < 0)
		return own;
	named = (int)kbox_call2(caller, SYS_open, "dev/" KBOX_TERMINAL_NAME,
				O_RDWR | O_CLOEXEC | O_NOCTTY);
	line = (int)kbox_call3(caller, SYS_fcntl,
			       named >= 0 && same_file(caller, own, named) ?
				       named : own,
			       F_DUPFD_CLOEXEC, LINE_FD_MIN);
	kbox_call1(caller, SYS_close, own);
	if (named >= 0)
		kbox_call1(caller, SYS_close, named);
	return line;
}

static int copy_settings(const struct kbox_console *console)
{
	unsigned char settings[TERMIOS_BYTES];

	if (ioctl(console->host_fd, TCGETS, settings) < 0)
		return -errno;
	return (int)kbox_call3(console->supervisor, SYS_ioctl,
			       console->line_fd, TCSETS, settings);
}

static int copy_size(const struct kbox_console *console)
{
	struct winsize size;
	const unsigned long args[6] = {
		(unsigned long)console->line_fd, TIOCSWINSZ, KBOX_ARG(&size),
	};
	long value = 0;

	if (ioctl(console->host_fd, TIOCGWINSZ, &size) < 0)
		return -errno;
	if (!console->box)
		return (int)kbox_call(console->supervisor, SYS_ioctl, args);
	kbox_call_wait(console->box, console->supervisor->task, SYS_ioctl,
		       args, &value);
	return (int)value;
}

static bool may_read(void *arg)
{
	const struct kbox_console *console = arg;

	return kbox_terminal_is_foreground(console->front);
}

int kbox_console_open(struct kbox_console *console,
		      struct kbox_terminal *terminal,
		      struct kbox_caller *supervisor, struct kbox_host *host)
{
	int err;

	console->supervisor = supervisor;
	console->host = host;
	console->watch.fd = -1;
	console->host_fd = kbox_host_add_line(host, 0, may_read, console);
	if (console->host_fd < 0)
		return console->host_fd;
	err = (int)kbox_call1(supervisor, KBOX_CALL_TERMINAL, console->host_fd);
	if (err)
		return err;
	console->line_fd = open_line(supervisor);
	if (console->line_fd < 0)
		return console->line_fd;
	err = copy_settings(console);
	if (!err)
		err = copy_size(console);
	for (int fd = 0; fd <= 2 && err >= 0; fd++)
		if (terminal->standard[fd])
			err = (int)kbox_call2(supervisor, SYS_dup2,
					      console->line_fd, fd);
	if (err < 0)
		return err;
	console->terminal = terminal;
	return 0;
}

int kbox_console_give(struct kbox_console *console, struct kbox_caller *first,
		      int pid)
{
	int err = (int)kbox_call2(first, SYS_setpgid, 0, 0);

	console->first = pid;
	for (int fd = 0; fd <= 2; fd++)
		kbox_call1(console->supervisor, SYS_close, fd);
	if (!err && setpgid(pid, pid) < 0)
		err = -errno;
	if (!err)
		err = (int)kbox_call3(console->supervisor, SYS_ioctl,
				      console->line_fd, TIOCSPGRP, &pid);
	return err;
}

/* Have the user's terminal, unless kbox was continued in the background. */
static void attach(struct kbox_console *console)
{
	if (!kbox_terminal_is_foreground(console->front))
		return;
	kbox_terminal_make_raw(console->terminal);
	copy_size(console);
	kbox_host_resume_line(console->host, console->host_fd);
}

/* The job outside stops with the first guest. */
static void check_stop(struct kbox_console *console)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)console->first, &info, WSTOPPED | WNOHANG) ||
	    !info.si_pid)
		return;
	console->stopped = true;
	kbox_terminal_put_back(console->terminal);
	kill(console->front, SIGTSTP);
}

static void job_continued(struct kbox_console *console)
{
	attach(console);
	if (console->stopped)
		kill(-console->first, SIGCONT);
	console->stopped = false;
}

static void signal_ready(struct kbox_watch *watch,
			 unsigned int events KBOX_UNUSED)
{
	struct kbox_console *console =
		KBOX_CONTAINER_OF(watch, struct kbox_console, watch);
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			check_stop(console);
			break;
		case SIGCONT:
			job_continued(console);
			break;
		case SIGTSTP:
			if (!console->box->first_ended)
				kill(console->first, SIGTSTP);
			break;
		case SIGWINCH:
			copy_size(console);
			break;
		}
	}
}

int kbox_console_start(struct kbox_console *console, struct kbox_box *box,
		       int front)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGCONT);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	console->watch.events = EPOLLIN;
	console->watch.priority = KBOX_PRIO_END;
	console->watch.ready = signal_ready;
	console->watch.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (console->watch.fd < 0)
		return -errno;
	err = kbox_loop_add(box->loop, &console->watch);
	if (err) {
		console->watch.fd = kbox_close(console->watch.fd);
		return err;
	}
	console->box = box;
	console->front = front;
	attach(console);
	return 0;
}

void kbox_console_end(struct kbox_console *console)
{
	/* tcdrain(3) */
	kbox_call3(console->supervisor, SYS_ioctl, console->line_fd, TCSBRK, 1);
	kbox_loop_del(console->supervisor->loop, &console->watch);
	console->watch.fd = kbox_close(console->watch.fd);
	console->box = NULL;
	kbox_terminal_put_back(console->terminal);
}
