/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A signal to a group reaches those whom the sender may signal, and fails only
 * when that is nobody.
 * Run: root
 */
#include "guest.h"

#define USER 54321

static int done[2];

/* A member of @group (0: of its own) as user @uid that ends by any signal. */
static pid_t member(pid_t group, uid_t uid)
{
	pid_t pid = CHILD({
		MUST(setpgid(0, group));
		if (getuid() == 0 && uid)
			MUST(setresuid(uid, uid, uid));
		write(done[1], "x", 1);
		for (;;)
			pause();
	});
	char c;

	MUST(read(done[0], &c, 1));
	return pid;
}

/* What user @uid in group @group (0: another) gets for a signal to @target. */
static void from(const char *name, uid_t uid, pid_t group, pid_t target, int sig)
{
	pid_t pid = CHILD({
		MUST(setpgid(0, group));
		/* So that its own end is not the result. */
		signal(sig, SIG_IGN);
		if (getuid() == 0 && uid)
			MUST(setresuid(uid, uid, uid));
		SHOW(name, kill(target, sig));
	});

	wait_code(pid);
}

static void from_pidfd(const char *name, pid_t target, int sig)
{
	int pidfd = (int)syscall(SYS_pidfd_open, target, 0);
	pid_t pid = CHILD({
		if (getuid() == 0)
			MUST(setresuid(USER, USER, USER));
		SHOW(name, syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
	});

	wait_code(pid);
	close(pidfd);
}

static void show_end(const char *name, pid_t pid)
{
	int status;

	sleep_ms(50);
	say("%s: %s", name, waitpid(pid, &status, WNOHANG) == pid ? "ended" : "lives");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

int main(void)
{
	pid_t first, second;

	MUST(pipe(done));

	first = member(0, 0);
	second = member(first, 0);
	from("to two of root's", USER, 0, -first, SIGUSR1);
	show_end("first", first);
	show_end("second", second);

	first = member(0, 0);
	second = member(first, USER);
	from("to a mixed group", USER, 0, -first, SIGUSR1);
	show_end("first", first);
	show_end("second", second);

	first = member(0, 0);
	second = member(first, USER);
	from("to one's own mixed group", USER, first, 0, SIGUSR1);
	show_end("first", first);
	show_end("second", second);

	first = member(0, 0);
	second = member(first, 0);
	from("question to root's", USER, 0, -first, 0);
	from("SIGCONT to root's in the same session", USER, 0, -first, SIGCONT);
	from("SIGCONT to one of them", USER, 0, second, SIGCONT);
	from_pidfd("SIGCONT to one by pidfd", second, SIGCONT);
	from_pidfd("SIGTERM to one by pidfd", second, SIGTERM);
	from("SIGTERM to one of them", USER, 0, second, SIGTERM);
	from("root to all of them", 0, 0, -first, SIGUSR1);
	show_end("first", first);
	show_end("second", second);
	from("to a group that is none", USER, 0, -first, SIGUSR1);

	/* A child that has made no call yet is root's, too. */
	first = CHILD({
		pid_t busy = fork();

		if (!busy)
			for (;;)
				;
		write(done[1], &busy, sizeof(busy));
		pause();
	});
	MUST(read(done[0], &second, sizeof(second)));
	from("to a new child of root's", USER, 0, second, SIGTERM);
	kill(second, SIGKILL);
	kill(first, SIGKILL);
	wait_code(first);
	return 0;
}
