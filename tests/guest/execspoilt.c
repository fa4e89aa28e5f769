/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose other thread spoils the path of its exec, so that the host
 * finds nothing under it, and that makes no call afterwards that anybody would
 * notice: others in the box execute programs all the same.
 * Run: inside limit 60
 */
#include "guest.h"
#include <pthread.h>

#define TRIES 100

static volatile char path[] = "x/bin/true";
static volatile int *failed;

/* What is written over the path in memory ends with its first byte changed. */
static void *spoil(void *unused)
{
	(void)unused;
	for (;;)
		if (path[0] != 'x')
			path[0] = 'x';
}

static void exec_and_spin(void)
{
	char *argv[] = { "true", "done", NULL };
	pthread_t thread;

	pthread_create(&thread, NULL, spoil, NULL);
	usleep(20000);
	execv((const char *)path, argv);
	*failed = 1;
	for (;;)
		;
}

/* A child that has failed so and spins; 0: none did. */
static pid_t failed_exec(void)
{
	for (int i = 0; i < TRIES; i++) {
		pid_t pid = fork();

		if (!pid)
			exec_and_spin();
		for (;;) {
			if (*failed)
				return pid;
			if (waitpid(pid, NULL, WNOHANG) == pid)
				break;
			usleep(1000);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char *again[] = { argv[0], "done", NULL };
	pid_t spinning;

	if (argc > 1)
		return 0;
	failed = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mkdir("x", 0755);
	mkdir("x/bin", 0755);
	if (symlink("/proc/self/exe", "x/bin/true") < 0)
		return 1;
	spinning = failed_exec();
	if (!spinning)
		say("FAIL: no exec could be spoilt");
	for (int i = 0; i < 3; i++) {
		int code = wait_code(CHILD({
			alarm(10);
			execv("/proc/self/exe", again);
			_exit(100 + errno);
		}));

		if (code)
			say("FAIL: another's exec gave %d", code);
	}
	if (spinning)
		kill(spinning, SIGKILL);
	return 0;
}
