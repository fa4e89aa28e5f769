/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pidfds: opening, polling, waiting, signalling, and CLONE_PIDFD with clone3
 * and clone.
 * Run: dyn
 */
#include "guest.h"

struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		 stack_size, tls, set_tid, set_tid_size, cgroup;
};

static void born_with_one(void)
{
	struct clone3_args ca = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	struct pollfd pfd = { .events = POLLIN };
	int pidfd = -1;
	long pid;

	ca.pidfd = (uint64_t)(uintptr_t)&pidfd;
	pid = syscall(SYS_clone3, &ca, sizeof(ca));
	if (pid == 0) {
		sleep_ms(30);
		_exit(25);
	}
	show_value("clone3", pid < 0 ? pid : 0, errno);
	if (pid > 0) {
		pfd.fd = pidfd;
		SHOW("number", pidfd);
		SHOW("close-on-exec", fcntl(pidfd, F_GETFD));
		SHOW("poll", poll(&pfd, 1, 5000));
		SHOW("child", wait_code((pid_t)pid));
		SHOW("signal to the ended", syscall(SYS_pidfd_send_signal, pidfd, 0, 0, 0));
		close(pidfd);
	}
	pidfd = -1;
	pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
	if (pid == 0)
		_exit(pidfd == -1 ? 26 : 27);
	show_value("clone", pid < 0 ? pid : 0, errno);
	if (pid > 0) {
		SHOW("number", pidfd);
		SHOW("child", wait_code((pid_t)pid));
	}
}

/* A process's folder in /proc takes the place of a pidfd, for signals only. */
static void folder_of_proc(void)
{
	char path[32];
	pid_t pid = CHILD(for (;;) pause());
	siginfo_t si;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = MUST(open(path, O_RDONLY | O_DIRECTORY));
	SHOW("folder, waitid", waitid(3, (id_t)fd, &si, WEXITED | WNOHANG));
	SHOW("folder, 0", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	SHOW("folder, SIGTERM", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	SHOW("ended", wait_code(pid));
	SHOW("folder, ended", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	close(fd);
	fd = MUST(open("/proc", O_RDONLY | O_DIRECTORY));
	SHOW("another folder", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	close(fd);
}

#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

/* The memory of one that is ending. */
static void memory_of(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	SHOW("mrelease, not ending", syscall(SYS_process_mrelease, fd, 0));
	SHOW("mrelease, flags", syscall(SYS_process_mrelease, fd, 1));
	SHOW("mrelease, no pidfd", syscall(SYS_process_mrelease, 1, 0));
	kill(pid, SIGKILL);
	SHOW("ended", wait_code(pid));
	SHOW("mrelease, ended", syscall(SYS_process_mrelease, fd, 0));
	close(fd);
}

int main(void)
{
	pid_t pid = CHILD(sleep_ms(40); _exit(6));
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd pfd = { fd, POLLIN, 0 };
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	SHOW_OK("pidfd_open", fd);
	SHOW("not yet", poll(&pfd, 1, 0));
	SHOW("poll", poll(&pfd, 1, 5000));
	SHOW("waitid", waitid(3, (id_t)fd, &si, WEXITED));
	say("status %d", si.si_status);
	close(fd);
	pid = CHILD(for (;;) pause());
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	SHOW("pidfd_send_signal 0", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	SHOW("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	SHOW("ended", wait_code(pid));
	close(fd);
	folder_of_proc();
	memory_of(CHILD(for (;;) pause()));
	SHOW("missing", syscall(SYS_pidfd_open, 999999999, 0));
	SHOW("bad flags", syscall(SYS_pidfd_open, getpid(), 0x7));
	SHOW("not a pidfd", syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0));
	SHOW("waitid of a bad fd", waitid(3, 99, &si, WEXITED));
	born_with_one();
	return 0;
}
