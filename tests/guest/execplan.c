/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An exec that the host refuses leaves the old program with its old rights,
 * also when it claims to be a new one: whatever others do that share its
 * memory or descriptors, and whichever thread made the call.
 * Run: root
 */
#include "guest.h"
#include <pthread.h>

#define PLAN 0x6b6f01	/* the loader's call, abi/loader.h */
#define ROUNDS 30

static char plan[32768];
static char *const no_strings[] = { NULL };
static char *const true_argv[] = { "true", NULL };
static volatile int go, ready, tid_at;

/* An argument list that the host cannot read, of a program with a set-id bit. */
static long failing_exec(void)
{
	return syscall(SYS_execve, "set-id", (char **)1, NULL);
}

static int claim(void)
{
	return syscall(PLAN, plan, 0, 0) == 0;
}

/* It leaves the shared memory while the other one makes its claim. */
static int sharer(void *arg)
{
	syscall(SYS_umask, 022);
	ready = 1;
	while (!go)
		;
	if (arg)
		syscall(SYS_execve, "/bin/true", true_argv, no_strings);
	syscall(SYS_exit_group, 0);
	return 0;
}

static int with_sharer(unsigned long flags, int executes)
{
	const size_t size = 65536;
	int claimed = 0;

	for (int i = 0; i < ROUNDS && !claimed; i++) {
		char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pid_t pid;

		go = ready = 0;
		tid_at = 1;
		pid = clone(sharer, stack + size,
			    (int)(CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD | flags),
			    executes ? stack : NULL, NULL, NULL, &tid_at);
		while (!ready)
			;
		failing_exec();
		go = 1;
		while (tid_at == 1)
			;
		claimed = claim();
		waitpid(pid, NULL, 0);
		munmap(stack, size);
	}
	return claimed;
}

static void *executes_in_thread(void *arg)
{
	while (!*(volatile int *)arg)
		;
	for (int i = 0; i < ROUNDS; i++)
		failing_exec();
	*(volatile int *)arg = 2;
	return NULL;
}

/* The main thread claims while another one is in its exec. */
static int with_thread(int empties)
{
	int claimed = 0;
	volatile int word = 0;
	pthread_t thread;

	pthread_create(&thread, NULL, executes_in_thread, (void *)&word);
	if (empties)
		syscall(SYS_close_range, 3, ~0U, 2);
	word = 1;
	while (word != 2)
		claimed |= claim();
	pthread_join(thread, NULL);
	return claimed;
}

static void *empties_table(void *arg)
{
	(void)arg;
	/* Standard files are open again afterwards, but not in the slots. */
	syscall(SYS_close_range, 0, ~0U, 2 /* CLOSE_RANGE_UNSHARE */);
	failing_exec();
	return (void *)(long)claim();
}

static int own_table_emptied(void)
{
	pthread_t thread;
	void *claimed;

	pthread_create(&thread, NULL, empties_table, NULL);
	pthread_join(thread, &claimed);
	return claimed != NULL;
}

/* A pidfd, of which a signal leaves one in the slot, closed again. */
static int own_slot_closed(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int kept = dup(0), claimed;

	MUST(dup2(pidfd, 0));
	MUST(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0));
	MUST(close(0));
	failing_exec();
	claimed = claim();
	dup2(kept, 0);
	close(kept);
	close(pidfd);
	return claimed;
}

int main(void)
{
	char buf[4096];
	int in, out;
	ssize_t n;

	MUST(in = open("/proc/self/exe", O_RDONLY));
	MUST(out = open("set-id", O_WRONLY | O_CREAT, 0755));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		MUST(write(out, buf, (size_t)n));
	close(in);
	close(out);
	MUST(chmod("set-id", 04755));
	if (getuid() == 0)
		MUST(setresuid(1000, 1000, 1000));
	SHOW("exec that fails", failing_exec());
	say("claimed alone: %d", claim());
	say("claimed beside one that ends: %d", with_sharer(0, 0));
	say("claimed beside one that executes: %d", with_sharer(0, 1));
	say("claimed beside one that shares files: %d", with_sharer(CLONE_FILES, 1));
	say("claimed beside a thread's exec: %d", with_thread(0));
	say("the same with emptied slots: %d", with_thread(1));
	say("claimed with emptied slots: %d", own_table_emptied());
	say("claimed with a closed slot: %d", own_slot_closed());
	say("euid unchanged: %d", geteuid() == getuid());
	SHOW("exec that works", access("set-id", X_OK));
	return 0;
}
