/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process and user numbers: getpid() is /proc/self, getppid() is the parent,
 * and /proc/self/status tells the same as the calls.
 * Run: root dyn gdyn
 */
#include "guest.h"
#include <grp.h>
#include <pthread.h>

static long status_field(const char *name, int column)
{
	static char buf[8192];
	char key[64];
	char *at;
	long value = -1;

	if (get_file("/proc/self/status", buf, sizeof(buf)) < 0)
		return -2;
	snprintf(key, sizeof(key), "\n%s:", name);
	at = strstr(buf, key);
	if (!at)
		return -3;
	at += strlen(key);
	for (int i = 0; i <= column; i++)
		value = strtol(at, &at, 10);
	return value;
}

static int self_is_pid(void)
{
	char buf[64] = "";

	return readlink("/proc/self", buf, sizeof(buf) - 1) > 0 &&
	       atoi(buf) == getpid();
}

static void *thread_ids(void *arg)
{
	char buf[64] = "", want[64];

	say("thread same pid: %d", getpid() == *(pid_t *)arg);
	say("thread own tid: %d", gettid() != getpid());
	say("thread ppid set: %d", getppid() > 0);
	SHOW_OK("readlink thread-self", readlink("/proc/thread-self", buf, sizeof(buf) - 1));
	snprintf(want, sizeof(want), "%d/task/%d", (int)getpid(), (int)gettid());
	say("thread-self is own: %d", !strcmp(buf, want));
	say("status Pid is tid: %d", status_field("Pid", 0) == getpid());
	return NULL;
}

static void children(void)
{
	pid_t me = getpid(), pid;
	int p[2];

	pid = CHILD({
		say("child ppid: %d", getppid() == me);
		say("child /proc/self: %d", self_is_pid());
		say("child status PPid: %d", status_field("PPid", 0) == me);
		say("child pgrp same: %d", getpgrp() == getpgid(me));
		say("child sid same: %d", getsid(0) == getsid(me));
		_exit(getpid() == me);
	});
	SHOW("child", wait_code(pid));

	pid = vfork();
	if (pid == 0)
		_exit(getppid() == me && getpid() != me ? 7 : 8);
	SHOW("vfork child", wait_code(pid));

	MUST(pipe(p));
	pid = CHILD({
		pid_t middle = getpid();

		CHILD({
			int i;

			for (i = 0; i < 400 && getppid() == middle; i++)
				sleep_ms(5);
			dprintf(p[1], "%d", getppid() != middle && getppid() > 0);
		});
		sleep_ms(20);
		_exit(0);
	});
	close(p[1]);
	{
		char got[8] = "";

		SHOW("orphan reports", read(p[0], got, 7));
		say("orphan has a new parent: %s", got);
	}
	SHOW("middle", wait_code(pid));
}

static void users(void)
{
	uid_t r, e, s;
	gid_t groups[64];
	int n;

	say("uid matches: %d", status_field("Uid", 0) == (long)getuid());
	say("euid matches: %d", status_field("Uid", 1) == (long)geteuid());
	say("gid matches: %d", status_field("Gid", 0) == (long)getgid());
	MUST(getresuid(&r, &e, &s));
	say("resuid: %d %d %d", (int)r, (int)e, (int)s);
	n = getgroups(64, groups);
	/* How many is a matter of who runs the test. */
	say("groups known: %d", n >= 0);
	SHOW("setuid self", setuid(getuid()));
	SHOW("setgid self", setgid(getgid()));
	SHOW("child setuid 12345", wait_code(CHILD(_exit(setuid(12345) < 0 ? errno : 0))));
	SHOW("child setgroups", wait_code(CHILD(_exit(setgroups(0, NULL) < 0 ? errno : 0))));
	SHOW("child setresuid back", wait_code(CHILD({
		if (setresuid(-1, 4321, -1) < 0)
			_exit(errno);
		_exit(geteuid() == 4321 && setresuid(-1, getuid(), -1) == 0 ? 0 : 100);
	})));
	say("uid still: %d", getuid() == r);
	SHOW("setfsuid", syscall(SYS_setfsuid, -1) == (long)e);
}

int main(void)
{
	pid_t me = getpid();
	pthread_t thread;

	say("self: %d", self_is_pid());
	say("tid is pid: %d", gettid() == me);
	say("status Pid: %d", status_field("Pid", 0) == me);
	say("status Tgid: %d", status_field("Tgid", 0) == me);
	say("status PPid: %d", status_field("PPid", 0) == getppid());
	say("ppid positive: %d", getppid() > 0);
	MUST(pthread_create(&thread, NULL, thread_ids, &me) ? -1 : 0);
	pthread_join(thread, NULL);
	children();
	users();
	return 0;
}
