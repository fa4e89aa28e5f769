/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals at any moment under handlers without SA_RESTART: calls that never
 * wait do not fail with EINTR, calls that wait do; also after an action was
 * replaced and put back, or changed by siginterrupt().
 * Run: limit 120
 */
#include "guest.h"

#ifndef SA_RESTORER
#define SA_RESTORER 0x04000000
#endif

static volatile sig_atomic_t ended;

static void on_child(int sig)
{
	(void)sig;
	ended++;
}

static void catch(int flags)
{
	struct sigaction sa = { .sa_handler = on_child, .sa_flags = flags };

	sigaction(SIGCHLD, &sa, NULL);
}

/* How many of the calls between two forks were interrupted. */
static int short_calls(void)
{
	int interrupted = 0;

	for (int round = 0; round < 300; round++) {
		pid_t child = fork();

		if (!child) {
			for (volatile int spin = 0; spin < round * 40; spin++)
				;
			_exit(0);
		}
		for (int i = 0; i < 20; i++) {
			struct stat st;
			int ends[2];

			if (pipe(ends)) {
				interrupted += errno == EINTR;
				continue;
			}
			interrupted += stat("/", &st) && errno == EINTR;
			interrupted += close(ends[0]) && errno == EINTR;
			interrupted += close(ends[1]) && errno == EINTR;
		}
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return interrupted;
}

static void blocked_read(const char *name, int flags)
{
	int ends[2];
	char c;
	pid_t child;

	catch(flags);
	pipe(ends);
	child = CHILD({
		sleep_ms(60);
		write(ends[1], "x", flags ? 1 : 0);
	});
	SHOW(name, read(ends[0], &c, 1));
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	close(ends[0]);
	close(ends[1]);
}

static void alarm_handler(int flags)
{
	struct sigaction sa = { .sa_handler = on_child, .sa_flags = flags };

	sigaction(SIGALRM, &sa, NULL);
}

static void ring_after(int ms, int again_ms)
{
	struct itimerval timer = {
		.it_value = { .tv_usec = ms * 1000 },
		.it_interval = { .tv_usec = again_ms * 1000 },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Short calls under a timer's fire. */
static int under_fire(void)
{
	int interrupted = 0;

	alarm_handler(0);
	ring_after(1, 1);
	for (int i = 0; i < 20000; i++) {
		struct stat st;

		interrupted += stat("/", &st) && errno == EINTR;
	}
	ring_after(0, 0);
	return interrupted;
}

static void waiting(const char *name, int flags, int put_back)
{
	struct sigaction old, none = { .sa_handler = SIG_IGN };
	pid_t child;
	int status;

	alarm_handler(flags);
	if (put_back) {
		sigaction(SIGALRM, &none, &old);
		sigaction(SIGALRM, &old, NULL);
	}
	child = CHILD({ sleep_ms(300); _exit(7); });
	ring_after(60, 0);
	SHOW(name, waitpid(child, &status, 0) == child);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
}

/* After siginterrupt() a handler that interrupted does not, and back. */
static void changed(const char *name, int interrupt)
{
	struct sigaction now;
	int ends[2];
	char c;
	pid_t child;

	siginterrupt(SIGALRM, interrupt);
	sigaction(SIGALRM, NULL, &now);
	say("%s: flags %x", name, (unsigned int)now.sa_flags & ~SA_RESTORER);
	pipe(ends);
	child = CHILD({
		sleep_ms(300);
		write(ends[1], "x", 1);
	});
	ring_after(60, 0);
	SHOW(name, read(ends[0], &c, 1));
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}

/* A child has its parent's; one that goes after a signal is asked of the host. */
static void asked(void)
{
	struct sigaction now, once = { .sa_handler = on_child,
				       .sa_flags = SA_RESETHAND };
	pid_t child;

	alarm_handler(SA_NODEFER);
	child = CHILD({
		sigaction(SIGALRM, NULL, &now);
		say("in a child: ours %d, flags %x", now.sa_handler == on_child,
		    (unsigned int)now.sa_flags & ~SA_RESTORER);
	});
	waitpid(child, NULL, 0);
	sigaction(SIGUSR1, &once, NULL);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &now);
	say("after one signal: default %d", now.sa_handler == SIG_DFL);
	SHOW("nowhere", syscall(SYS_rt_sigaction, SIGALRM, NULL, 1, 8));
	SHOW("wrong size", syscall(SYS_rt_sigaction, SIGALRM, NULL, &now, 4));
}

int main(void)
{
	catch(0);
	say("interrupted: %d", short_calls());
	say("handled: %d", ended > 0);
	blocked_read("read, no restart", 0);
	blocked_read("read, restart", SA_RESTART);
	catch(SA_RESTART);
	say("under fire: %d", under_fire());
	waiting("wait, no restart", 0, 0);
	waiting("wait, restart", SA_RESTART, 0);
	waiting("wait, no restart, put back", 0, 1);
	alarm_handler(0);
	changed("siginterrupt off", 0);
	changed("siginterrupt on", 1);
	changed("off again", 0);
	asked();
	return 0;
}
