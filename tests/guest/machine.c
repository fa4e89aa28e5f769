/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process finds out about the machine and about itself in /proc: the
 * number of processors, times, states, sizes, signals.
 * Run: gdyn
 */
#include "guest.h"
#include <sys/sysinfo.h>

static char text[1 << 20];

static int count_lines(const char *path, const char *start)
{
	int n = 0;

	MUST(get_file(path, text, sizeof(text)));
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n += !strncmp(line, start, strlen(start));
	}
	return n;
}

/* Field @number of proc(5) of /proc/@pid/stat. */
static long long stat_field(pid_t pid, int number)
{
	char path[64], *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	MUST(get_file(path, text, sizeof(text)));
	at = strrchr(text, ')') + 2;
	for (int i = 3; i < number; i++)
		at = strchr(at, ' ') + 1;
	return number == 3 ? *at : atoll(at);
}

static unsigned long long status_line(pid_t pid, const char *key, int base)
{
	char path[64], *at;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	MUST(get_file(path, text, sizeof(text)));
	at = strstr(text, key);
	return at ? strtoull(at + strlen(key), NULL, base) : 99;
}

static int has_state(pid_t pid, int state)
{
	for (int i = 0; i < 300; i++) {
		if (stat_field(pid, 3) == state)
			return 1;
		sleep_ms(10);
	}
	return 0;
}

static void processors(void)
{
	cpu_set_t set;
	int allowed, online = (int)sysconf(_SC_NPROCESSORS_ONLN);

	MUST(sched_getaffinity(0, sizeof(set), &set));
	allowed = CPU_COUNT(&set);
	say("allowed are online: %d", allowed > 0 && allowed <= online);
	say("cpuinfo: %d", count_lines("/proc/cpuinfo", "processor") >= allowed);
	say("stat: %d", count_lines("/proc/stat", "cpu") - 1 >= allowed);
	say("boot time: %d", count_lines("/proc/stat", "btime"));
	say("configured: %d", sysconf(_SC_NPROCESSORS_CONF) >= online);
	say("load: %d", count_lines("/proc/loadavg", "") >= 1);
	say("some memory: %d", sysconf(_SC_PHYS_PAGES) > 1000);
}

/* Hundredths of a second that a process has run. */
static long busy_ticks(pid_t pid)
{
	return stat_field(pid, 14) + stat_field(pid, 15);
}

int main(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	pid_t self = getpid(), busy, idle;

	processors();
	SHOW("own state", stat_field(self, 3) == 'R');
	busy = CHILD(for (;;));
	idle = CHILD(for (;;) pause());
	SHOW("busy", has_state(busy, 'R'));
	SHOW("idle", has_state(idle, 'S'));
	kill(idle, SIGSTOP);
	SHOW("stopped", has_state(idle, 'T'));
	kill(idle, SIGCONT);
	SHOW("continued", has_state(idle, 'S'));
	/* A busy machine may give it little. */
	for (int i = 0; i < 200 && busy_ticks(busy) <= 5; i++)
		sleep_ms(50);
	SHOW("time of busy", busy_ticks(busy) > 5);
	SHOW("time of idle", busy_ticks(idle) < 5);
	SHOW("parent", stat_field(busy, 4) == self);
	SHOW("group", stat_field(busy, 5) == getpgrp());
	SHOW("session", stat_field(busy, 6) == getsid(0));
	SHOW("size", stat_field(self, 23) > 10000 && stat_field(self, 24) > 10);
	SHOW("VmRSS", status_line(self, "VmRSS:", 10) > 30 && status_line(self, "VmSize:", 10) > 30);
	SHOW("statm", count_lines("/proc/self/statm", "0 "));
	sigaction(SIGUSR1, &ignore, NULL);
	SHOW("ignored", (long)status_line(self, "SigIgn:\t", 16) >> (SIGUSR1 - 1) & 1);
	SHOW("caught", (long)status_line(self, "SigCgt:\t", 16) >> (SIGUSR1 - 1) & 1);
	kill(busy, SIGKILL);
	kill(idle, SIGKILL);
	wait_code(busy);
	wait_code(idle);
	return 0;
}
