/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls about the caller itself, whose owner is the host or both kernels:
 * prctl, personality, scheduling, priorities, accounting, sysinfo, getcpu.
 * Run: root glibc
 */
#include "guest.h"
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

#define CAP_CHOWN 0
#define CAP_SYS_BOOT 22
#define GET_AUXV 0x41555856

/* A field of /proc/self/stat, counted as in proc(5), from 3 on. */
static long stat_field(int number)
{
	char text[1024], *at;

	get_file("/proc/self/stat", text, sizeof(text));
	at = strrchr(text, ')');
	for (int i = 3; at && i <= number; i++)
		at = strchr(at + 1, ' ');
	return at ? atol(at) : -1;
}

static void show_name(const char *what)
{
	char name[17] = "", text[64];

	SHOW(what, prctl(PR_GET_NAME, name));
	get_file("/proc/self/comm", text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	say("%s, %s", name, text);
}

static void names(void)
{
	SHOW("set name", prctl(PR_SET_NAME, "a name longer than fifteen"));
	show_name("name");
	SHOW("bad name", prctl(PR_SET_NAME, 0x10));
	put_file("/proc/self/comm", "by proc", 0);
	show_name("name by proc");
}

static void signals_and_children(void)
{
	int value = -1;
	pid_t pid;

	SHOW("pdeathsig", prctl(PR_SET_PDEATHSIG, SIGUSR1));
	SHOW("get", prctl(PR_GET_PDEATHSIG, &value));
	say("%d", value);
	SHOW("bad pdeathsig", prctl(PR_SET_PDEATHSIG, 99));
	SHOW("bad pointer", prctl(PR_GET_PDEATHSIG, 0x10));
	SHOW("none", prctl(PR_SET_PDEATHSIG, 0));
	pid = CHILD({
		pid_t me = getpid();
		pid_t inner = CHILD({
			struct timespec limit = { 5, 0 };
			sigset_t set;

			sigemptyset(&set);
			sigaddset(&set, SIGUSR1);
			sigprocmask(SIG_BLOCK, &set, NULL);
			prctl(PR_SET_PDEATHSIG, SIGUSR1);
			if (getppid() != me)
				raise(SIGUSR1);
			_exit(sigtimedwait(&set, NULL, &limit));
		});

		(void)inner;
		sleep_ms(50);
		_exit(1);
	});
	SHOW("subreaper", prctl(PR_SET_CHILD_SUBREAPER, 1));
	SHOW("get", prctl(PR_GET_CHILD_SUBREAPER, &value));
	say("%d", value);
	SHOW("child", wait_code(pid));
	SHOW("grandchild", wait_code(-1));
	SHOW("no more", wait_code(-1));
}

static void rights(void)
{
	SHOW("dumpable", prctl(PR_GET_DUMPABLE));
	SHOW("set", prctl(PR_SET_DUMPABLE, 0));
	SHOW("get", prctl(PR_GET_DUMPABLE));
	SHOW("bad", prctl(PR_SET_DUMPABLE, 2));
	SHOW("set", prctl(PR_SET_DUMPABLE, 1));
	SHOW("keepcaps", prctl(PR_GET_KEEPCAPS));
	SHOW("set", prctl(PR_SET_KEEPCAPS, 1));
	SHOW("get", prctl(PR_GET_KEEPCAPS));
	SHOW("bad", prctl(PR_SET_KEEPCAPS, 2));
	SHOW("bounding", prctl(PR_CAPBSET_READ, CAP_CHOWN));
	SHOW("bad", prctl(PR_CAPBSET_READ, 64));
	SHOW("drop", prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT));
	SHOW("dropped", prctl(PR_CAPBSET_READ, CAP_SYS_BOOT));
	SHOW("securebits", prctl(PR_GET_SECUREBITS));
	SHOW("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
	SHOW("raise", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	SHOW("clear", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	SHOW("no new privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW("bad", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW("set", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW("get", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void times_and_memory(void)
{
	unsigned long auxv[128], pagesize = 0;
	int value = -1;

	SHOW("timing", prctl(PR_GET_TIMING));
	SHOW("bad", prctl(PR_SET_TIMING, 1));
	SHOW("tsc", prctl(PR_GET_TSC, &value));
	say("%d", value);
	SHOW("slack", prctl(PR_GET_TIMERSLACK));
	SHOW("set", prctl(PR_SET_TIMERSLACK, 12345));
	SHOW("get", prctl(PR_GET_TIMERSLACK));
	SHOW("back", prctl(PR_SET_TIMERSLACK, 0));
	SHOW("get", prctl(PR_GET_TIMERSLACK));
	SHOW("mce", prctl(PR_MCE_KILL, 1, 2, 0, 0));
	SHOW("get", prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SHOW("huge pages", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	SHOW("get", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	SHOW("endian", prctl(PR_GET_ENDIAN, &value));
	SHOW("unknown", prctl(4711, 0, 0, 0, 0));
	memset(auxv, 0, sizeof(auxv));
	value = prctl(GET_AUXV, auxv, sizeof(auxv), 0, 0);
	for (unsigned int i = 0; i + 1 < COUNT(auxv) && auxv[i]; i += 2)
		if (auxv[i] == AT_PAGESZ)
			pagesize = auxv[i + 1];
	/* Since Linux 6.4. */
	SHOW("auxiliary vector", value < 0 ? errno == EINVAL : pagesize == getauxval(AT_PAGESZ));
	SHOW("of the program", prctl(GET_AUXV, auxv, sizeof(auxv), 1, 0));
}

static void domain(void)
{
	struct utsname uts;
	char text[64];

	SHOW("personality", personality(0xffffffff));
	SHOW("set", personality(ADDR_NO_RANDOMIZE));
	SHOW("get", personality(0xffffffff));
	SHOW("32 bit", personality(PER_LINUX32));
	get_file("/proc/self/personality", text, sizeof(text));
	uname(&uts);
	text[strcspn(text, "\n")] = '\0';
	say("%s on %s", text, uts.machine);
	SHOW("back", personality(0));
	uname(&uts);
	say("on %s", uts.machine);
}

struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t min, max;
};

static void scheduling(void)
{
	struct sched_param param = { .sched_priority = 0 };
	struct attributes attr = { .size = 0 };
	struct timespec ts;

	SHOW("policy", syscall(SYS_sched_getscheduler, 0));
	SHOW("parameters", syscall(SYS_sched_getparam, 0, &param));
	SHOW("batch", syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param));
	SHOW("policy", syscall(SYS_sched_getscheduler, 0));
	SHOW("idle", syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &param));
	SHOW("by number", syscall(SYS_sched_getscheduler, getpid()));
	SHOW("bad policy", syscall(SYS_sched_setscheduler, 0, 77, &param));
	SHOW("bad pointer", syscall(SYS_sched_setparam, 0, 0x10));
	SHOW("missing", syscall(SYS_sched_getscheduler, 999999999));
	SHOW("negative", syscall(SYS_sched_getscheduler, -1));
	SHOW("highest", sched_get_priority_max(SCHED_FIFO));
	SHOW("lowest", sched_get_priority_min(SCHED_RR));
	SHOW("bad", sched_get_priority_max(99));
	SHOW("interval", syscall(SYS_sched_rr_get_interval, 0, &ts));
	SHOW("attributes", syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0));
	say("policy %u", attr.policy);
	SHOW("bad pointer", syscall(SYS_sched_setattr, 0, 0x10, 0));
}

static void priorities(void)
{
	pid_t pid;

	SHOW("nice", setpriority(PRIO_PROCESS, 0, 7));
	SHOW("get", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	SHOW("by number", syscall(SYS_getpriority, PRIO_PROCESS, getpid()));
	SHOW("bad", setpriority(77, 0, 0));
	SHOW("missing", setpriority(PRIO_PROCESS, 999999999, 0));
	pid = CHILD(SHOW("child", syscall(SYS_getpriority, PRIO_PROCESS, 0)));
	wait_code(pid);
	SHOW("io", syscall(SYS_ioprio_get, 1, 0));
	SHOW("set", syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 3));
	SHOW("get", syscall(SYS_ioprio_get, 1, 0));
	SHOW("bad class", syscall(SYS_ioprio_set, 1, 0, 7 << 13));
	SHOW("bad kind", syscall(SYS_ioprio_get, 9, 0));
}

static void processors(void)
{
	unsigned int cpu = 4711, node = 4711, i;
	cpu_set_t all, one;

	CPU_ZERO(&all);
	SHOW_OK("affinity", syscall(SYS_sched_getaffinity, 0, sizeof(all), &all));
	say("%d of them", CPU_COUNT(&all));
	for (i = 0; !CPU_ISSET(i, &all); i++)
		;
	CPU_ZERO(&one);
	SHOW("none", syscall(SYS_sched_setaffinity, 0, sizeof(one), &one));
	CPU_SET(i, &one);
	SHOW("one", syscall(SYS_sched_setaffinity, 0, sizeof(one), &one));
	SHOW("getcpu", syscall(SYS_getcpu, &cpu, &node, NULL));
	SHOW("there", cpu == i && node != 4711);
	SHOW("bad pointer", syscall(SYS_sched_getaffinity, 0, sizeof(one), 0x10));
	SHOW("too short", syscall(SYS_sched_getaffinity, 0, 1, &one));
	SHOW("all", syscall(SYS_sched_setaffinity, 0, sizeof(all), &all));
	say("configured %ld online %ld", sysconf(_SC_NPROCESSORS_CONF), sysconf(_SC_NPROCESSORS_ONLN));
}

static void compute(void)
{
	volatile unsigned int x = 0;

	for (unsigned int i = 0; i < 50000000; i++)
		x += i;
}

static long microseconds(const struct timeval *tv)
{
	return tv->tv_sec * 1000000 + tv->tv_usec;
}

static void accounting(void)
{
	struct rusage usage;
	struct timespec ts;
	struct tms tms;
	int status;
	pid_t pid;

	compute();
	SHOW("usage", getrusage(RUSAGE_SELF, &usage));
	say("%d %d %d", microseconds(&usage.ru_utime) > 0, usage.ru_maxrss > 0, usage.ru_minflt > 0);
	SHOW("of the thread", getrusage(RUSAGE_THREAD, &usage));
	SHOW("of nobody", getrusage(5, &usage));
	SHOW("clock", clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts));
	say("%d", ts.tv_sec > 0 || ts.tv_nsec > 10000000);
	SHOW_OK("times", times(&tms));
	say("%d", tms.tms_utime > 0);
	pid = CHILD(compute());
	memset(&usage, 0, sizeof(usage));
	SHOW("wait4", wait4(pid, &status, 0, &usage) == pid);
	/* Of small processes the host knows the resident set roughly: 0 is usual. */
	say("%d", microseconds(&usage.ru_utime) > 0);
	SHOW("of children", getrusage(RUSAGE_CHILDREN, &usage));
	say("%d", microseconds(&usage.ru_utime) > 0);
	times(&tms);
	say("%d", tms.tms_cutime > 0);
}

static void system_info(void)
{
	struct sysinfo si;
	struct timespec ts;
	char text[64];

	memset(&si, 0, sizeof(si));
	SHOW("sysinfo", sysinfo(&si));
	clock_gettime(CLOCK_BOOTTIME, &ts);
	get_file("/proc/uptime", text, sizeof(text));
	say("uptime %d %d", llabs((long long)si.uptime - ts.tv_sec) <= 1, llabs(atoll(text) - ts.tv_sec) <= 1);
	say("memory %d unit %u", si.freeram > 0 && si.freeram < si.totalram, si.mem_unit);
	say("processes %d", si.procs > 0);
	SHOW("bad pointer", sysinfo((void *)0x10));
	SHOW("parent", stat_field(4) == getppid());
}

int main(void)
{
	names();
	signals_and_children();
	rights();
	times_and_memory();
	domain();
	scheduling();
	priorities();
	processors();
	accounting();
	system_info();
	return 0;
}
