/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run: glibc
 *
 * Job control on terminals that a program makes: what the foreground and the
 * background may do, with signals taken, ignored and blocked; stops that
 * waitpid() sees; hang-ups; window sizes.
 *
 * The leader of the session also holds the terminal's other end, and types.
 */
#include "guest.h"
#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;
static int cue[2];	/* jobs say that they are ready, or what they got */

static void open_pty(void)
{
	char name[32];
	int number, unlock = 0;

	master = (int)MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	MUST(ioctl(master, TIOCSPTLCK, &unlock));
	MUST(ioctl(master, TIOCGPTN, &number));
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = (int)MUST(open(name, O_RDWR | O_NOCTTY));
}

static void type(const char *keys)
{
	MUST(write(master, keys, strlen(keys)));
}

static void tell(char what)
{
	MUST(write(cue[1], &what, 1));
}

static int told(void)
{
	char what;
	ssize_t n;

	do
		n = read(cue[0], &what, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? what : -1;
}

/* How @pid ended, stopped or continued. */
static int change_of(pid_t pid)
{
	int status;

	return waitpid(pid, &status, WUNTRACED | WCONTINUED) < 0 ?
		       -errno :
		       status_code(status);
}

static void take(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	MUST(sigaction(sig, &action, NULL));
}

static void block(int sig, int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	MUST(sigprocmask(how, &set, NULL));
}

static void foreground(pid_t group)
{
	take(SIGTTOU, SIG_IGN);
	MUST(tcsetpgrp(slave, group));
	take(SIGTTOU, SIG_DFL);
}

static void stops(void)
{
	pid_t pid;

	pid = CHILD({ setpgid(0, 0); tell('r'); for (;;) pause(); });
	setpgid(pid, pid);
	say("ready: %c", told());
	foreground(pid);
	say("foreground: %d", tcgetpgrp(slave) == pid);
	type("\032");
	say("suspend character: %d", change_of(pid));
	MUST(kill(-pid, SIGCONT));
	say("continued: %d", change_of(pid));
	type("\032");
	say("suspended again: %d", change_of(pid));
	MUST(kill(-pid, SIGCONT));
	say("continued again: %d", change_of(pid));
	type("\003");
	say("interrupt character: %d", change_of(pid));

	pid = CHILD({ setpgid(0, 0); tell('r'); for (;;) pause(); });
	setpgid(pid, pid);
	told();
	foreground(pid);
	type("\034");
	say("quit character: %d", change_of(pid));

	/* One that is blocked in a read is stopped and restarted. */
	pid = CHILD({
		char line[16];

		setpgid(0, 0);
		while (tcgetpgrp(slave) != getpgrp())
			sched_yield();
		tell('r');
		_exit((int)read(slave, line, sizeof(line)));
	});
	setpgid(pid, pid);
	foreground(pid);
	told();
	type("\032");
	say("reader suspended: %d", change_of(pid));
	MUST(kill(-pid, SIGCONT));
	say("reader continued: %d", change_of(pid));
	type("four\n");
	say("reader got: %d", change_of(pid));
	foreground(getpid());
}

/* What a background job's call does: it goes on, fails, or is stopped first. */
static void in_background(const char *name, int (*act)(void), int sig)
{
	static const struct {
		const char *name;
		bool ignored, blocked;
	} ways[] = {
		{ "default", false, false },
		{ "ignored", true, false },
		{ "blocked", false, true },
	};

	for (unsigned int i = 0; i < COUNT(ways); i++) {
		pid_t pid = CHILD({
			int error;

			setpgid(0, 0);
			if (ways[i].ignored)
				take(sig, SIG_IGN);
			if (ways[i].blocked)
				block(sig, SIG_BLOCK);
			errno = 0;
			error = act() < 0 ? errno : 0;
			_exit(error);
		});
		int change;

		setpgid(pid, pid);
		change = change_of(pid);
		say("%s, %s: %d", name, ways[i].name, change);
		if (change < 2000)
			continue;
		foreground(pid);
		type("line\n");
		MUST(kill(-pid, SIGCONT));
		/* It may have ended before it is seen continued. */
		do
			change = change_of(pid);
		while (change == 3000);
		say("%s, continued: %d", name, change);
		foreground(getpid());
		tcflush(slave, TCIFLUSH);
	}
}

static int read_line(void)
{
	char line[16];

	return (int)read(slave, line, sizeof(line));
}

static int write_line(void)
{
	return (int)write(slave, "line\n", 5);
}

static int set_attributes(void)
{
	struct termios t;

	return tcgetattr(slave, &t) < 0 ? -1 : tcsetattr(slave, TCSANOW, &t);
}

static int take_foreground(void)
{
	return tcsetpgrp(slave, getpgrp());
}

static int flush(void)
{
	return tcflush(slave, TCIFLUSH);
}

static void background(void)
{
	struct termios t;

	in_background("read", read_line, SIGTTIN);
	in_background("write", write_line, SIGTTOU);
	MUST(tcgetattr(slave, &t));
	t.c_lflag |= TOSTOP;
	MUST(tcsetattr(slave, TCSANOW, &t));
	in_background("write with tostop", write_line, SIGTTOU);
	t.c_lflag &= (tcflag_t)~TOSTOP;
	MUST(tcsetattr(slave, TCSANOW, &t));
	in_background("tcsetattr", set_attributes, SIGTTOU);
	in_background("tcflush", flush, SIGTTOU);
	in_background("tcsetpgrp", take_foreground, SIGTTOU);
	foreground(getpid());
}

/* The leader's own group has nobody to continue it: it is not stopped. */
static void orphaned(void)
{
	pid_t pid = CHILD({ setpgid(0, 0); tell('r'); for (;;) pause(); });
	char line[8];

	setpgid(pid, pid);
	told();
	foreground(pid);
	SHOW("read of an orphaned group", read(slave, line, sizeof(line)));
	SHOW("tcsetpgrp of one", tcsetpgrp(slave, getpid()));
	SHOW("tcflush of one", tcflush(slave, TCIFLUSH));
	block(SIGTTOU, SIG_BLOCK);
	SHOW("tcsetpgrp, blocked", tcsetpgrp(slave, getpid()));
	block(SIGTTOU, SIG_UNBLOCK);
	SHOW("missing group", tcsetpgrp(slave, 999999));
	SHOW("negative group", tcsetpgrp(slave, -5));
	SHOW("another session's group", tcsetpgrp(slave, getppid()));
	kill(pid, SIGKILL);
	say("killed: %d", wait_code(pid));
}

static void sizes(void)
{
	struct winsize size = { 40, 120, 0, 0 };
	pid_t pid;

	block(SIGWINCH, SIG_BLOCK);
	pid = CHILD({
		struct winsize seen;
		sigset_t set;
		int sig;

		setpgid(0, 0);
		sigemptyset(&set);
		sigaddset(&set, SIGWINCH);
		tell('r');
		sigwait(&set, &sig);
		MUST(ioctl(slave, TIOCGWINSZ, &seen));
		_exit(sig == SIGWINCH && seen.ws_row == 40 && seen.ws_col == 120);
	});
	setpgid(pid, pid);
	told();
	foreground(pid);
	SHOW("resize", ioctl(master, TIOCSWINSZ, &size));
	say("the foreground knows: %d", change_of(pid));
	foreground(getpid());
}

static void numbers(void)
{
	SHOW("leader's session", tcgetsid(slave) == getpid());
	SHOW("from the other end", tcgetsid(master) == getpid());
	SHOW("foreground from there", tcgetpgrp(master) == getpgrp());
	SHOW("TIOCSCTTY again", ioctl(slave, TIOCSCTTY, 0));
	say("not of a leader: %d", wait_code(CHILD({
		_exit(ioctl(slave, TIOCSCTTY, 0) < 0 ? errno : 0);
	})));
	say("of another session: %d", wait_code(CHILD({
		MUST(setsid());
		if (ioctl(slave, TIOCSCTTY, 0) == 0 || tcgetpgrp(slave) >= 0)
			_exit(0);
		_exit(errno);
	})));
	say("/dev/tty: %d", wait_code(CHILD({
		int fd = open("/dev/tty", O_RDWR);

		_exit(fd >= 0 && tcgetpgrp(fd) == tcgetpgrp(slave));
	})));
}

static void caught(int sig)
{
	tell(sig == SIGHUP ? 'H' : sig == SIGCONT ? 'C' : '?');
}

static void catch_hangup(void)
{
	take(SIGHUP, caught);
	take(SIGCONT, caught);
}

/* Giving up the terminal tells those who had the foreground. */
static void no_terminal(void)
{
	pid_t pid = CHILD({
		setpgid(0, 0);
		catch_hangup();
		tell('r');
		for (;;)
			pause();
	});
	int first, second;

	setpgid(pid, pid);
	told();
	foreground(pid);
	SHOW("TIOCNOTTY", ioctl(slave, TIOCNOTTY));
	first = told();
	second = told();
	say("foreground got: %d", (first == 'H' && second == 'C') ||
				  (first == 'C' && second == 'H'));
	SHOW("/dev/tty then", open("/dev/tty", O_RDWR));
	SHOW("tcgetpgrp then", tcgetpgrp(slave));
	kill(pid, SIGKILL);
	wait_code(pid);
}

static void session(void (*run)(void))
{
	pid_t pid = CHILD({
		MUST(setsid());
		MUST(ioctl(slave, TIOCSCTTY, 0));
		run();
	});

	say("session: %d", wait_code(pid));
}

static void all(void)
{
	stops();
	background();
	orphaned();
	sizes();
	numbers();
	no_terminal();
}

/* The leader ends: the foreground is hung up, but not the terminal. */
static void leader_ends(void)
{
	sigset_t hangup;
	pid_t pid;

	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	block(SIGHUP, SIG_BLOCK);
	pid = CHILD({
		pid_t job;

		MUST(setsid());
		MUST(ioctl(slave, TIOCSCTTY, 0));
		job = CHILD({
			int sig;

			setpgid(0, 0);
			while (tcgetpgrp(slave) != getpgrp())
				sched_yield();
			tell('r');
			sigwait(&hangup, &sig);
			tell(sig == SIGHUP ? 'H' : '?');
			_exit(0);
		});
		setpgid(job, job);
		foreground(job);
		told();
	});
	say("leader: %d", wait_code(pid));
	say("its job got %c", told());
}

/* The other end goes: the leader is hung up. */
static void other_end_goes(void)
{
	pid_t pid = CHILD({
		char line[8];

		MUST(setsid());
		MUST(ioctl(slave, TIOCSCTTY, 0));
		close(master);
		take(SIGHUP, caught);
		tell('r');
		while (read(slave, line, sizeof(line)) < 0 && errno == EINTR)
			;
		SHOW("read of the leader", read(slave, line, sizeof(line)));
		SHOW("write", write(slave, "x", 1));
		SHOW("tcgetattr", tcgetattr(slave, &(struct termios){ 0 }));
		SHOW("/dev/tty", open("/dev/tty", O_RDWR));
	});

	close(slave);
	say("leader is %c", told());
	close(master);
	say("leader: %d", wait_code(pid));
	say("and got %c", told());
}

int main(void)
{
	alarm(60);
	MUST(pipe(cue));
	open_pty();
	session(all);
	close(master);
	close(slave);
	open_pty();
	other_end_goes();
	open_pty();
	leader_ends();
	return 0;
}
