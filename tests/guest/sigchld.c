/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Children end at any moment under a SIGCHLD handler without SA_RESTART: calls
 * that never wait do not fail with EINTR, calls that wait do.
 * Run: limit 120
 */
#include "guest.h"

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

int main(void)
{
	catch(0);
	say("interrupted: %d", short_calls());
	say("handled: %d", ended > 0);
	blocked_read("read, no restart", 0);
	blocked_read("read, restart", SA_RESTART);
	return 0;
}
