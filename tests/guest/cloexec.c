/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What survives an exec: descriptors without close-on-exec and their offsets,
 * cwd, umask, ignored signals, the signal mask, the pid; what does not.
 * Run: dyn glibc gdyn
 */
#include "guest.h"

static void after(int old_pid)
{
	sigset_t set;
	struct sigaction sa;
	char buf[8] = "";
	struct itimerval it;
	stack_t ss;

	say("same pid: %d", getpid() == old_pid);
	for (int fd = 0; fd < 12; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			say("open: %d flags %d", fd, fcntl(fd, F_GETFD));
	SHOW("offset kept", lseek(3, 0, SEEK_CUR));
	SHOW("read on", read(3, buf, 4));
	say("read: %s", buf);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say("USR1 blocked: %d, USR2 blocked: %d", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
	sigpending(&set);
	say("USR1 pending: %d", sigismember(&set, SIGUSR1));
	sigaction(SIGHUP, NULL, &sa);
	say("HUP ignored: %d", sa.sa_handler == SIG_IGN);
	sigaction(SIGTERM, NULL, &sa);
	say("TERM default: %d", sa.sa_handler == SIG_DFL);
	say("umask: %o", umask(0));
	getitimer(ITIMER_REAL, &it);
	say("itimer kept: %d", it.it_value.tv_sec > 0);
	sigaltstack(NULL, &ss);
	say("altstack off: %d", ss.ss_flags == SS_DISABLE);
	say("cwd: %s", strrchr(getcwd((char[PATH_MAX]){0}, PATH_MAX), '/'));
	SHOW("clear_child_tid alive", wait_code(CHILD(_exit(3))));
}

static void handler(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = handler };
	struct itimerval it = { .it_value.tv_sec = 100 };
	sigset_t set;
	char pid[32], self[PATH_MAX] = "", buf[8];
	static char stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };

	if (argc > 1) {
		after(atoi(argv[1]));
		return 5;
	}
	MUST(put_file("file", "0123456789", 0600));
	MUST(mkdir("sub", 0755));
	SHOW("kept", open("file", O_RDONLY));
	SHOW("closed", open("file", O_RDONLY | O_CLOEXEC));
	SHOW("kept dup of closed", dup(4));
	SHOW("closed dup", fcntl(3, F_DUPFD_CLOEXEC, 6));
	SHOW("pipe2", pipe2((int[2]){0}, O_CLOEXEC));
	SHOW("socketpair cloexec", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, (int[2]){0}));
	read(3, buf, 3);
	MUST(chdir("sub"));
	umask(035);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	setitimer(ITIMER_REAL, &it, NULL);
	sigaltstack(&ss, NULL);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	MUST(readlink("/proc/self/exe", self, sizeof(self) - 1));
	execl(self, argv[0], pid, NULL);
	SHOW("exec", -1);
	return 1;
}
