/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals about files go to whom F_SETOWN names: a process, a thread, a group.
 */
#include "guest.h"
#include <pthread.h>

static volatile int seen_by_main, seen_by_thread, ready;
static volatile pid_t main_tid, thread_tid;

static void handler(int sig)
{
	(void)sig;
	if (gettid() == main_tid)
		seen_by_main++;
	else if (gettid() == thread_tid)
		seen_by_thread++;
}

static void *waiter(void *arg)
{
	thread_tid = gettid();
	ready = 1;
	while (!*(volatile int *)arg)
		sleep_ms(1);
	return NULL;
}

/* A pipe whose reader's owner is told when there is something to read. */
static void make_pipe(int fds[2], int sig)
{
	MUST(pipe(fds));
	MUST(fcntl(fds[0], F_SETSIG, sig));
	MUST(fcntl(fds[0], F_SETFL, O_ASYNC));
}

static void tell(int fds[2], volatile int *count)
{
	MUST(write(fds[1], "x", 1));
	for (int i = 0; i < 2000 && !*count; i++)
		sleep_ms(1);
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct f_owner_ex owner;
	volatile int done = 0;
	pthread_t thread;
	int fds[2], go[2];
	pid_t pid;
	char c;

	main_tid = gettid();
	sigaction(SIGIO, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, waiter, (void *)&done);
	while (!ready)
		sleep_ms(1);

	make_pipe(fds, SIGUSR1);
	owner = (struct f_owner_ex){ F_OWNER_TID, thread_tid };
	SHOW("owner is a thread", fcntl(fds[0], F_SETOWN_EX, &owner));
	tell(fds, &seen_by_thread);
	say("seen by thread %d, main %d", seen_by_thread, seen_by_main);
	owner.pid = main_tid;
	SHOW("owner is the main thread", fcntl(fds[0], F_SETOWN_EX, &owner));
	seen_by_thread = 0;
	tell(fds, &seen_by_main);
	say("seen by thread %d, main %d", seen_by_thread, seen_by_main);
	done = 1;
	pthread_join(thread, NULL);

	seen_by_main = 0;
	SHOW("owner is the process", fcntl(fds[0], F_SETOWN, getpid()));
	tell(fds, &seen_by_main);
	say("seen by main %d", seen_by_main);

	/* A group of two; the other one is ended by the signal. */
	MUST(pipe(go));
	pid = CHILD({
		setpgid(0, 0);
		signal(SIGUSR1, SIG_DFL);
		write(go[1], "x", 1);
		pause();
	});
	read(go[0], &c, 1);
	SHOW("owner is a group", fcntl(fds[0], F_SETOWN, -pid));
	seen_by_main = 0;
	MUST(write(fds[1], "x", 1));
	SHOW("the group's member", wait_code(pid));
	say("seen by main %d", seen_by_main);

	pid = CHILD({ pause(); });
	MUST(fcntl(fds[0], F_SETSIG, SIGKILL));
	SHOW("owner is a child", fcntl(fds[0], F_SETOWN, pid));
	MUST(write(fds[1], "x", 1));
	SHOW("killed by the file", wait_code(pid));
	return 0;
}
