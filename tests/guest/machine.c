/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process finds out about the machine and about itself in /proc: the
 * number of processors, memory, times, states, sizes, threads, pages, signals.
 * Run: gdyn
 */
#include "guest.h"
#include <pthread.h>
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

static void memory(void)
{
	struct sysinfo info;
	double up, idle;

	MUST(sysinfo(&info));
	MUST(get_file("/proc/meminfo", text, sizeof(text)));
	say("total: %d", strtoull(strstr(text, "MemTotal:") + 9, NULL, 10) ==
				 info.totalram * info.mem_unit / 1024);
	say("pages: %d", sysconf(_SC_PHYS_PAGES) ==
				 (long)(info.totalram * info.mem_unit / 4096));
	say("available: %d", !!strstr(text, "MemAvailable:"));
	MUST(get_file("/proc/uptime", text, sizeof(text)));
	MUST(sscanf(text, "%lf %lf", &up, &idle) == 2 ? 0 : -1);
	say("uptime: %d", labs((long)up - (long)info.uptime) < 3 && idle > 0);
}

/* Settings of what is the host's, as the host has them. */
static void settings(void)
{
	static const char *const names[] = { "mmap_min_addr", "max_map_count" };
	char path[64];

	for (unsigned int i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/vm/%s", names[i]);
		MUST(get_file(path, text, sizeof(text)));
		say("%s: %ld", names[i], atol(text));
	}
}

static void *wait_in_thread(void *arg)
{
	read(*(int *)arg, text, 1);
	return NULL;
}

static void threads(void)
{
	pthread_t some[3];
	int fds[2];

	MUST(pipe(fds));
	for (unsigned int i = 0; i < COUNT(some); i++)
		pthread_create(&some[i], NULL, wait_in_thread, &fds[0]);
	SHOW("threads", status_line(getpid(), "Threads:\t", 10));
	SHOW("in stat", stat_field(getpid(), 20));
	close(fds[1]);
	for (unsigned int i = 0; i < COUNT(some); i++)
		pthread_join(some[i], NULL);
}

/* What the pages of one mapping look like, and writing past its protection. */
static void pages(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t entries[2] = { 0, 1 };
	int fd;

	page[0] = 'a';
	MUST(fd = open("/proc/self/pagemap", O_RDONLY));
	SHOW("pagemap", pread(fd, entries, 16, (off_t)((uintptr_t)page / 4096 * 8)));
	say("present: %d %d", (int)(entries[0] >> 63), (int)(entries[1] >> 63));
	SHOW("odd", pread(fd, entries, 15, 0));
	close(fd);
	SHOW("clear_refs", put_file("/proc/self/clear_refs", "1", 0));
	SHOW("wrong clear_refs", put_file("/proc/self/clear_refs", "99", 0));
	SHOW("smaps", count_lines("/proc/self/smaps", "Rss:") ==
			      count_lines("/proc/self/maps", "") - 1);
	SHOW("rollup", count_lines("/proc/self/smaps_rollup", "Rss:"));
	mprotect(page, 8192, PROT_READ);
	MUST(fd = open("/proc/self/mem", O_RDWR));
	SHOW("read-only memory", pwrite(fd, "b", 1, (off_t)(uintptr_t)page));
	say("written: %c", page[0]);
	SHOW("no memory", pwrite(fd, "b", 1, 4096));
	close(fd);
}

int main(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	pid_t self = getpid(), busy, idle;

	processors();
	memory();
	settings();
	threads();
	pages();
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
