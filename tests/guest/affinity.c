/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processors of threads: whatever kbox does with them, a guest sees what it set
 * itself, and its children inherit that. Calls are made first, so many that
 * they would be noticed.
 */
#include "guest.h"

#include <pthread.h>

static cpu_set_t usual;

static void call_often(void)
{
	for (int i = 0; i < 2000; i++)
		syscall(SYS_getppid);
}

static void show_set(const char *what, const cpu_set_t *wanted)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	MUST(sched_getaffinity(0, sizeof(set), &set));
	say("%s: %d", what, CPU_EQUAL(&set, wanted));
}

static void *thread(void *wanted)
{
	show_set("thread, at once", wanted);
	call_often();
	show_set("thread, later", wanted);
	return NULL;
}

static void in_thread(cpu_set_t *wanted)
{
	pthread_t id;

	MUST(pthread_create(&id, NULL, thread, wanted) ? -1 : 0);
	pthread_join(id, NULL);
}

static void in_child(const char *what, const cpu_set_t *wanted)
{
	int pid = MUST(fork());

	if (!pid) {
		show_set(what, wanted);
		call_often();
		show_set("later", wanted);
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0));
}

/* Of a child that has called, and of one that has not, seen from outside. */
static void of_child(void)
{
	int pipes[2], pid;
	cpu_set_t set;
	char byte;

	MUST(pipe(pipes));
	pid = MUST(fork());
	if (!pid) {
		call_often();
		MUST(write(pipes[1], "x", 1));
		pause();
	}
	MUST(read(pipes[0], &byte, 1));
	MUST(sched_getaffinity(pid, sizeof(set), &set));
	say("a child's: %d", CPU_EQUAL(&set, &usual));
	MUST(kill(pid, SIGKILL));
	MUST(waitpid(pid, NULL, 0));
}

int main(void)
{
	cpu_set_t one;
	int cpu = 0;

	/* The first call: nothing was done to this thread yet. */
	MUST(sched_getaffinity(0, sizeof(usual), &usual));
	call_often();
	show_set("after calls", &usual);
	in_child("child", &usual);
	in_thread(&usual);
	of_child();

	while (!CPU_ISSET(cpu, &usual))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	SHOW("bind", sched_setaffinity(0, sizeof(one), &one));
	call_often();
	show_set("one", &one);
	say("there: %d", sched_getcpu() == cpu);
	in_child("child of one", &one);
	in_thread(&one);
	CPU_ZERO(&one);
	SHOW("none", sched_setaffinity(0, sizeof(one), &one));
	SHOW("no such thread", sched_getaffinity(-1, sizeof(one), &one));
	return 0;
}
