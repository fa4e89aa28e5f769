/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Children born with a pidfd, many at a time: numbers, closing, vfork, exec in
 * the child, inheritance, threads that fork at once, waiting and signalling.
 * Run: glibc
 */
#include "guest.h"
#include <pthread.h>

static pid_t born(int *pidfd, unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD | flags, 0, pidfd, 0, 0);
}

static int wait_fd(int pidfd)
{
	siginfo_t si = { .si_status = -1 };

	return waitid(3, (id_t)pidfd, &si, WEXITED) < 0 ? -errno : si.si_status;
}

static void many(void)
{
	int fds[8], wrong = 0;

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 8; i++) {
			pid_t pid = born(&fds[i], 0);

			if (pid == 0)
				_exit(10 * round + i);
			wrong += pid < 0 || fcntl(fds[i], F_GETFD) != FD_CLOEXEC;
			for (int j = 0; j < i; j++)
				wrong += fds[j] == fds[i];
		}
		for (int i = 7; i >= 0; i--) {
			wrong += wait_fd(fds[i]) != 10 * round + i;
			wrong += close(fds[i]) != 0;
			wrong += fcntl(fds[i], F_GETFD) != -1;
		}
	}
	SHOW("many: wrong", wrong);
}

/* The number of the pidfd is free for files again, which can be mapped. */
static void reuse(void)
{
	int pidfd, fd, again;
	pid_t pid = born(&pidfd, 0);
	char *at, text[16] = "";

	if (pid == 0)
		_exit(5);
	SHOW("status", wait_fd(pidfd));
	SHOW("close", close(pidfd));
	MUST(put_file("mapped", "mapped file", 0600));
	fd = (int)MUST(open("mapped", O_RDONLY));
	MUST(dup2(fd, pidfd));
	at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, pidfd, 0);
	SHOW("map", at == MAP_FAILED ? -1 : 0);
	say("%.11s", at == MAP_FAILED ? "-" : at);
	pid = born(&again, 0);
	if (pid == 0)
		_exit(6);
	SHOW("another number", again != pidfd && again != fd);
	SHOW("the file is still there", read(pidfd, text, 6));
	say("%s", text);
	SHOW("status", wait_fd(again));
	close(again);
	close(pidfd);
	if (fd != pidfd)
		close(fd);
}

static void with_vfork(void)
{
	int pidfd = -1;
	pid_t pid = born(&pidfd, CLONE_VFORK);

	if (pid == 0) {
		char *argv[] = { "true", NULL };

		execv("/bin/true", argv);
		_exit(99);
	}
	SHOW("a number", pidfd > 2);
	SHOW("exec in the child", wait_fd(pidfd));
	SHOW("again", wait_fd(pidfd));
	close(pidfd);
}

static void inherited(void)
{
	struct pollfd pfd = { .events = POLLIN };
	int pidfd, status;
	pid_t pid = born(&pidfd, 0), other;

	if (pid == 0) {
		for (;;)
			pause();
	}
	other = CHILD({
		SHOW("signal a brother", syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0));
		pfd.fd = pidfd;
		SHOW("poll a brother", poll(&pfd, 1, 5000));
		SHOW("not its child", wait_fd(pidfd));
		_exit(0);
	});
	SHOW("child", wait_code(other));
	SHOW("brother", waitpid(pid, &status, 0) == pid ? status_code(status) : -1);
	SHOW("ended", syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	close(pidfd);
}

static void *forker(void *arg)
{
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < 10; i++) {
		int pidfd = -1;
		pid_t pid = born(&pidfd, 0);

		if (pid == 0)
			_exit(i);
		wrong += pid < 0 || wait_fd(pidfd) != i || close(pidfd) != 0;
	}
	return (void *)wrong;
}

static void threads(void)
{
	pthread_t thread[4];
	void *wrong;
	long sum = 0;

	for (int i = 0; i < 4; i++)
		MUST(pthread_create(&thread[i], NULL, forker, NULL));
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &wrong);
		sum += (long)wrong;
	}
	SHOW("threads: wrong", sum);
}

static void bad(void)
{
	int pidfd = -1;

	SHOW("with the parent's number", syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &pidfd, 0, 0));
	SHOW("no place", syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, 0x10, 0, 0));
	SHOW("untouched", pidfd == -1);
	SHOW("no child", wait_code(-1));
}

int main(void)
{
	many();
	reuse();
	with_vfork();
	inherited();
	threads();
	bad();
	return 0;
}
