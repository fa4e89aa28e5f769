/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sessions, process groups, limits and priorities; pseudo terminals with a
 * foreground group; stopping a process whose threads wait for files.
 */
#include "guest.h"
#include <pthread.h>
#include <sys/ioctl.h>
#include <termios.h>

static void sessions(void)
{
	pid_t pid;

	SHOW("setpgid missing", setpgid(999999, 0));
	SHOW("setpgid negative", setpgid(0, -1));
	SHOW("getpgid missing", getpgid(999999));
	pid = CHILD({
		say("setsid: %d", setsid() == getpid());
		say("sid, pgid: %d %d", getsid(0) == getpid(), getpgrp() == getpid());
		SHOW("setsid again", setsid());
		SHOW("setpgid leader", setpgid(0, 0));
		SHOW("open /dev/tty", open("/dev/tty", O_RDWR));
	});
	SHOW("child", wait_code(pid));
	pid = CHILD({
		SHOW("own group", setpgid(0, 0));
		say("leader: %d", getpgrp() == getpid());
	});
	wait_code(pid);
	pid = CHILD(sleep_ms(60));
	SHOW("parent sets it", setpgid(pid, pid));
	say("seen: %d", getpgid(pid) == pid);
	SHOW("into missing group", setpgid(pid, 999999));
	wait_code(pid);
}

/* The group that this was started in is one that the kernel of its files knows. */
static void outer_group(void)
{
	int pair[2];
	pid_t pid;

	MUST(pipe(pair));
	SHOW("F_SETOWN of the group", fcntl(pair[0], F_SETOWN, -getpgrp()));
	say("owner: %d", fcntl(pair[0], F_GETOWN) == -getpgrp());
	pid = CHILD({
		pid_t outer = getpgrp();

		MUST(setpgid(0, 0));
		SHOW("back to the outer group", setpgid(0, outer));
		SHOW("F_SETOWN there", fcntl(pair[0], F_SETOWN, -outer));
	});
	wait_code(pid);
}

static void ptys(void)
{
	struct termios t;
	struct winsize ws = { 30, 100, 0, 0 };
	char name[64] = "", buf[64];
	int m, s, n, unlock = 0;
	pid_t pid;

	SHOW_OK("ptmx", m = open("/dev/ptmx", O_RDWR | O_NOCTTY));
	SHOW("unlock", ioctl(m, TIOCSPTLCK, &unlock));
	SHOW_OK("number", ioctl(m, TIOCGPTN, &n));
	snprintf(name, sizeof(name), "/dev/pts/%d", n);
	SHOW_OK("slave", s = open(name, O_RDWR | O_NOCTTY));
	say("isatty: %d %d", isatty(s), isatty(0));
	SHOW("tcgetattr", tcgetattr(s, &t));
	say("canonical %d echo %d", !!(t.c_lflag & ICANON), !!(t.c_lflag & ECHO));
	SHOW("TIOCSWINSZ", ioctl(m, TIOCSWINSZ, &ws));
	memset(&ws, 0, sizeof(ws));
	SHOW("TIOCGWINSZ", ioctl(s, TIOCGWINSZ, &ws));
	say("size %d %d", ws.ws_row, ws.ws_col);
	SHOW("write", write(m, "line\nrest", 9));
	SHOW("line", read(s, buf, sizeof(buf)));
	SHOW("output", write(s, "out\n", 4));
	n = (int)read(m, buf, sizeof(buf));
	say("echo and output: %d", n > 0);
	t.c_lflag &= (tcflag_t)~(ICANON | ECHO);
	SHOW("raw", tcsetattr(s, TCSANOW, &t));
	SHOW("rest", read(s, buf, sizeof(buf)));
	pid = CHILD({
		setsid();
		SHOW("TIOCSCTTY", ioctl(s, TIOCSCTTY, 0));
		SHOW("tcgetpgrp", tcgetpgrp(s) == getpid());
		SHOW("open /dev/tty", open("/dev/tty", O_RDWR) >= 0);
		for (;;)
			pause();
	});
	sleep_ms(80);
	write(m, "\003", 1);
	{
		int status, i;

		for (i = 0; i < 100 && waitpid(pid, &status, WNOHANG) == 0; i++)
			sleep_ms(10);
		if (i == 100) {
			say("interrupt character did not end it");
			kill(pid, SIGKILL);
			wait_code(pid);
		} else {
			say("interrupt character: %d", status_code(status));
		}
	}
	close(m);
	SHOW("slave after hang-up", read(s, buf, 1));
}

static void limits(void)
{
	struct rlimit lim, got;
	struct rusage ru;

	SHOW("stack", getrlimit(RLIMIT_STACK, &lim));
	SHOW("bad limit", getrlimit(99, (void *)&lim));
	lim = (struct rlimit){ 5000, 4000 };
	SHOW("soft over hard", setrlimit(RLIMIT_NOFILE, &lim));
	lim = (struct rlimit){ 100, 200 };
	SHOW("lower", setrlimit(RLIMIT_NOFILE, &lim));
	SHOW("prlimit", prlimit(0, RLIMIT_NOFILE, NULL, &got));
	say("limits %d %d", (int)got.rlim_cur, (int)got.rlim_max);
	SHOW("child inherits", wait_code(CHILD(prlimit(getpid(), RLIMIT_NOFILE, NULL, &got); _exit((int)got.rlim_cur))));
	SHOW("RLIMIT_CORE", setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }));
	SHOW("RLIMIT_AS", wait_code(CHILD({
		setrlimit(RLIMIT_AS, &(struct rlimit){ 64 << 20, 64 << 20 });
		_exit(mmap(NULL, 256 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0);
	})));
	SHOW("RLIMIT_CPU", wait_code(CHILD({
		setrlimit(RLIMIT_CPU, &(struct rlimit){ 1, 2 });
		for (;;)
			;
	})));
	SHOW("getrusage", getrusage(RUSAGE_CHILDREN, &ru));
	say("children's time: %d", ru.ru_utime.tv_sec * 10 + ru.ru_utime.tv_usec / 100000 >= 2);
	SHOW("getpriority", getpriority(PRIO_PROCESS, 0));
	SHOW("nice", nice(3));
	SHOW("getpriority", getpriority(PRIO_PROCESS, 0));
	SHOW("sched_getscheduler", syscall(SYS_sched_getscheduler, 0));
	SHOW("sched_yield", sched_yield());
}

static void *read_one(void *arg)
{
	char c = 0;

	return (void *)(long)(read(*(int *)arg, &c, 1) == 1 && c == 'x');
}

/* All threads must have stopped before the parent is told. */
static void stops(void)
{
	pthread_t threads[3];
	int fds[2], status;
	void *good;
	pid_t pid;

	MUST(pipe(fds));
	pid = CHILD({
		int sum = 0;

		for (unsigned int i = 0; i < COUNT(threads); i++)
			pthread_create(&threads[i], NULL, read_one, &fds[0]);
		for (unsigned int i = 0; i < COUNT(threads); i++) {
			pthread_join(threads[i], &good);
			sum += (int)(long)good;
		}
		_exit(sum);
	});
	sleep_ms(100);
	for (int i = 0; i < 2; i++) {
		kill(pid, SIGSTOP);
		MUST(waitpid(pid, &status, WUNTRACED));
		SHOW("stopped", status_code(status));
		kill(pid, SIGCONT);
		MUST(waitpid(pid, &status, WCONTINUED));
		SHOW("continued", status_code(status));
	}
	sleep_ms(20);
	write(fds[1], "xxx", 3);
	SHOW("threads that have read", wait_code(pid));
}

int main(void)
{
	sessions();
	outer_group();
	ptys();
	limits();
	stops();
	return 0;
}
