/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time: interval and POSIX timers, alarm, sleeps, that the clocks agree with
 * each other, with file times and with /proc, alternate stacks, randomness.
 * Run: dyn
 */
#include "guest.h"
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/times.h>

static volatile sig_atomic_t ticks, on_alt;
static char alt[65536];

static void tick(int sig)
{
	char here;

	(void)sig;
	ticks++;
	on_alt = &here >= alt && &here < alt + sizeof(alt);
}

static void alarms(void)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } }, off = { 0 };
	struct sigaction sa = { .sa_handler = tick, .sa_flags = SA_ONSTACK };
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec its = { { 0, 10000000 }, { 0, 10000000 } };
	timer_t timer;
	struct stat st;
	long long start;
	int calls = 0;

	SHOW("sigaltstack", sigaltstack(&ss, NULL));
	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	SHOW("setitimer", setitimer(ITIMER_REAL, &it, NULL));
	start = now_ms();
	while (ticks < 5 && now_ms() - start < 5000)
		calls += stat("/", &st) == 0;
	say("ticks: %d, on the alternate stack %d, calls good %d", ticks >= 5, on_alt, calls > 0);
	setitimer(ITIMER_REAL, &off, NULL);
	ticks = 0;
	SHOW("timer_create", timer_create(CLOCK_MONOTONIC, &se, &timer));
	SHOW("timer_settime", timer_settime(timer, 0, &its, NULL));
	start = now_ms();
	while (ticks < 3 && now_ms() - start < 5000)
		pause();
	say("timer ticks: %d", ticks >= 3);
	SHOW("timer_delete", timer_delete(timer));
	ticks = 0;
	alarm(1);
	start = now_ms();
	SHOW("pause", pause());
	say("alarm after a second: %d", ticks == 1 && now_ms() - start >= 950 && now_ms() - start < 4000);
	SHOW("alarm left", alarm(100) == 0 && alarm(0) > 98);
}

static void clocks(void)
{
	struct timespec mono, boot, real, coarse, cpu;
	struct timeval tv;
	struct stat st;
	struct sysinfo si;
	struct tms tms;
	char buf[4096], *btime;
	double uptime;
	int fd;

	MUST(clock_gettime(CLOCK_MONOTONIC, &mono));
	MUST(clock_gettime(CLOCK_BOOTTIME, &boot));
	MUST(clock_gettime(CLOCK_REALTIME, &real));
	MUST(clock_gettime(CLOCK_REALTIME_COARSE, &coarse));
	MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu));
	MUST(gettimeofday(&tv, NULL));
	say("coarse near real: %d", labs((long)(coarse.tv_sec - real.tv_sec)) <= 1);
	say("gettimeofday near real: %d", labs((long)(tv.tv_sec - real.tv_sec)) <= 1);
	say("time near real: %d", labs((long)(time(NULL) - real.tv_sec)) <= 1);
	get_file("/proc/uptime", buf, sizeof(buf));
	uptime = atof(buf);
	say("/proc/uptime near boot clock: %d", uptime - (double)boot.tv_sec < 3 && uptime - (double)boot.tv_sec > -3);
	MUST(sysinfo(&si));
	say("sysinfo uptime near boot clock: %d", labs((long)(si.uptime - boot.tv_sec)) < 3);
	get_file("/proc/stat", buf, sizeof(buf));
	btime = strstr(buf, "btime ");
	say("btime near: %d", btime && labs(atol(btime + 6) - (long)(real.tv_sec - boot.tv_sec)) < 3);
	MUST(put_file("now", "x", 0600));
	MUST(stat("now", &st));
	clock_gettime(CLOCK_REALTIME, &real);
	say("file time near now: %d", labs((long)(st.st_mtim.tv_sec - real.tv_sec)) <= 1);
	MUST(fd = open("/proc/self/stat", O_RDONLY));
	MUST(read(fd, buf, sizeof(buf) - 1));
	{
		char *at = strrchr(buf, ')') + 1;
		double started;

		for (int i = 0; i < 19; i++)
			at = strchr(at + 1, ' ');
		started = atof(at) / (double)sysconf(_SC_CLK_TCK);
		say("start time just now: %d", uptime - started > -1 && uptime - started < 30);
	}
	SHOW("times", times(&tms) != (clock_t)-1);
	SHOW("clock_getres", clock_getres(CLOCK_MONOTONIC, &mono));
	if (getuid() != 0)
		SHOW("clock_settime", clock_settime(CLOCK_REALTIME, &real));
	SHOW("bad clock", syscall(SYS_clock_gettime, 77, &mono));
	{
		struct timespec ts = { 0, 30000000 };
		long long start = now_ms();

		SHOW("clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL));
		say("slept: %d", now_ms() - start >= 29);
		SHOW("bad sleep", nanosleep(&(struct timespec){ 0, 2000000000 }, NULL));
	}
}

int main(void)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	alarms();
	clocks();
	SHOW("getrandom", getrandom(a, sizeof(a), 0));
	SHOW("getrandom", getrandom(b, sizeof(b), GRND_NONBLOCK));
	say("differ: %d", memcmp(a, b, sizeof(a)) != 0);
	SHOW("getrandom bad flags", getrandom(a, 8, 0x80));
	SHOW("/dev/urandom", read(open("/dev/urandom", O_RDONLY), b, 64));
	say("differ: %d", memcmp(a, b, sizeof(a)) != 0);
	return 0;
}
