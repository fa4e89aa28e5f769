/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Execs that the host has refused before it opened the loader.
 *
 * Side: host. While an exec is between its start and its opening all others
 * wait (exec.h). That the host refused shows at the thread's next call; but a
 * guest whose other thread spoils the path need not make one that is caught.
 *
 * A thread that sleeps in another call than execve, or in none, is out of it. So
 * is one that has run for longer since than the host takes to open a file. A
 * thread that is kept from running is neither, and is waited for.
 *
 * Sources: proc(5) on /proc/PID/task/TID/stat and syscall.
 */
#include "exec.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "../base/cleanup.h"

static FILE *open_of(const struct kbox_thread *thread, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s",
		 thread->process->tgid, thread->tid, name);
	return fopen(path, "re");
}

/* What it sleeps in: a call's number, -1 for none; false while it runs. */
static bool sleeps_in(const struct kbox_thread *thread, long *ret_nr)
{
	KBOX_CLEANUP_FILE FILE *file = open_of(thread, "syscall");

	return file && fscanf(file, "%ld", ret_nr) == 1;
}

/* Clock ticks for which it has run; -1 when unknown. */
static long ticks_of(const struct kbox_thread *thread)
{
	KBOX_CLEANUP_FILE FILE *file = open_of(thread, "stat");
	char text[1024];
	long user, system;
	const char *rest;
	size_t len;

	if (!file)
		return -1;
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	/* The second field, in parentheses, is the guest's to choose. */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1,
			    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
			    " %ld %ld", &user, &system) != 2)
		return -1;
	return user + system;
}

static bool is_over(struct kbox_box *box, const struct kbox_thread *thread)
{
	long nr, ticks;

	if (sleeps_in(thread, &nr))
		return nr != SYS_execve && nr != SYS_execveat;
	ticks = ticks_of(thread);
	if (box->exec_ticks < 0)
		box->exec_ticks = ticks;
	return ticks >= box->exec_ticks + KBOX_EXEC_TICKS_MAX;
}

void kbox_exec_check(struct kbox_box *box)
{
	if (!box->exec_opening || box->now_ns < box->exec_look_ns)
		return;
	box->exec_look_ns = box->now_ns + KBOX_EXEC_LOOK_NS;
	if (is_over(box, box->exec_opening->exec.thread))
		kbox_exec_opened(box);
}
