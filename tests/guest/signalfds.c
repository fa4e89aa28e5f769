/* SPDX-License-Identifier: GPL-2.0-only */
/* signalfd: reading pending signals as records, polling, masks, bad use. */
#include "guest.h"
#include <sys/signalfd.h>

int main(void)
{
	struct signalfd_siginfo si[2];
	struct pollfd pfd;
	pid_t me = getpid(), pid;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SHOW("bad pointer", syscall(SYS_signalfd4, -1, 0x10, 8, 0));
	SHOW("bad flags", signalfd(-1, &set, 0x7000));
	SHOW("not a signalfd", signalfd(1, &set, 0));
	if (SHOW("signalfd", fd = signalfd(-1, &set, SFD_NONBLOCK)) < 0)
		return 1;
	SHOW("empty", read(fd, si, sizeof(si)));
	pid = CHILD(kill(me, SIGUSR1));
	wait_code(pid);
	pfd = (struct pollfd){ fd, POLLIN, 0 };
	SHOW("poll", poll(&pfd, 1, 1000));
	SHOW("read", read(fd, si, sizeof(si)));
	say("signal %d from the child %d", (int)si[0].ssi_signo, (pid_t)si[0].ssi_pid == pid);
	SHOW("short read", read(fd, si, 8));
	raise(SIGUSR1);
	sigaddset(&set, SIGUSR2);
	SHOW("change the mask", signalfd(fd, &set, 0) == fd);
	SHOW("read", read(fd, si, sizeof(si)));
	return 0;
}
