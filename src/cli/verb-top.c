/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox top [-d SECONDS] [SANDBOX]
 *
 * Side: host. Two looks at a sandbox and what has changed between them: on a
 * terminal again and again until "q", else once.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../base/syscalls.h"
#include "../control/client.h"
#include "../control/usage.h"
#include "usage.h"
#include "verb.h"

#define CALLS_SHOWN 8
#define DELAY_MAX 3600

/* One look. */
struct look {
	struct kbox_control_info info;
	unsigned int count;
	struct kbox_usage usage[KBOX_CONTROL_PIDS_MAX];
};

static int take_look(int fd, struct look *look)
{
	int err = kbox_client_info(fd, &look->info);

	look->count = 0;
	for (unsigned int i = 0; !err && i < look->info.processes &&
				 i < KBOX_CONTROL_PIDS_MAX; i++)
		if (!kbox_usage_read(look->info.pids[i],
				     &look->usage[look->count]))
			look->count++;
	return err;
}

static uint64_t cpu_before(const struct look *look, int pid)
{
	for (unsigned int i = 0; i < look->count; i++)
		if (look->usage[i].pid == pid)
			return look->usage[i].cpu_ns;
	return 0;
}

struct rate {
	unsigned int nr;
	double a_second;
};

static int by_rate(const void *a, const void *b)
{
	double left = ((const struct rate *)a)->a_second;
	double right = ((const struct rate *)b)->a_second;

	return left < right ? 1 : left > right ? -1 : 0;
}

static void print_calls(const struct look *before, const struct look *now,
			double seconds)
{
	struct rate rates[KBOX_COUNTED_NRS + 1];

	for (unsigned int i = 0; i <= KBOX_COUNTED_NRS; i++)
		rates[i] = (struct rate){
			i, (now->info.by_nr[i] - before->info.by_nr[i]) /
				   seconds
		};
	qsort(rates, KBOX_COUNTED_NRS + 1, sizeof(rates[0]), by_rate);
	printf("%12s  %s\n", "A SECOND", "CALL");
	for (unsigned int i = 0; i < CALLS_SHOWN && rates[i].a_second > 0; i++) {
		const struct kbox_syscall_info *info =
			kbox_syscall_info(rates[i].nr);

		printf("%12.1f  %s\n", rates[i].a_second,
		       info ? info->name : "others");
	}
}

/* What a guest has named itself must not drive the terminal. */
static void print_comm(const char *comm)
{
	for (; *comm; comm++)
		putchar(*comm >= 0x20 && *comm < 0x7f ? *comm : '?');
	putchar('\n');
}

static void print_processes(const struct look *before, const struct look *now,
			    double seconds, unsigned int rows)
{
	printf("%8s S %7s %6s %9s  %s\n", "PID", "THREADS", "CPU %", "MIB",
	       "COMMAND");
	for (unsigned int i = 0; i < now->count && i < rows; i++) {
		const struct kbox_usage *usage = &now->usage[i];
		uint64_t used = usage->cpu_ns - cpu_before(before, usage->pid);

		printf("%8d %c %7u %6.1f %9.1f  ", usage->pid, usage->state,
		       usage->threads, (double)used / 1e7 / seconds,
		       (double)usage->resident_bytes / (1 << 20));
		print_comm(usage->comm);
	}
	if (now->info.processes > now->count || now->count > rows)
		printf("%8s\n", "...");
}

static void print_all(const struct look *before, const struct look *now,
		      unsigned int rows)
{
	double seconds = (double)(now->info.now_ns - before->info.now_ns) / 1e9;

	if (seconds <= 0)
		seconds = 1e-9;
	printf("%s  pid %d  %s\n", now->info.name, now->info.pid,
	       now->info.image);
	printf("%u processes, %.1f MiB, %.1f calls a second\n\n",
	       now->info.processes,
	       (double)kbox_usage_memory(&now->info) / (1 << 20),
	       (double)(now->info.calls - before->info.calls) / seconds);
	print_calls(before, now, seconds);
	putchar('\n');
	print_processes(before, now, seconds, rows);
}

static volatile sig_atomic_t stopped;

static void stop(int sig KBOX_UNUSED)
{
	stopped = 1;
}

/* Wait @ms for a key; whether it was "q", or a signal came. */
static bool asked_to_quit(int ms, bool keys)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	char key;

	if (poll(&pfd, keys, ms) > 0 &&
	    (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
		return true;
	return stopped;
}

static unsigned int rows_for_processes(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ||
	    size.ws_row < CALLS_SHOWN + 8)
		return 4;
	return (unsigned int)size.ws_row - CALLS_SHOWN - 7;
}

/* Until "q", a signal, or the sandbox's end. 0 or -errno. */
static int refresh(int fd, struct look looks[2], int delay_ms)
{
	bool keys = isatty(STDIN_FILENO);
	int err = take_look(fd, &looks[0]);

	for (unsigned int i = 0; !err; i ^= 1) {
		if (asked_to_quit(delay_ms, keys))
			return 0;
		err = take_look(fd, &looks[!i]);
		if (err)
			break;
		fputs("\033[H\033[J", stdout);
		print_all(&looks[i], &looks[!i], rows_for_processes());
		fflush(stdout);
	}
	return err;
}

/* The screen and the keyboard are ours meanwhile. */
static int on_terminal(int fd, struct look looks[2], int delay_ms)
{
	const struct sigaction action = { .sa_handler = stop };
	struct termios usual, raw;
	bool keys = tcgetattr(STDIN_FILENO, &usual) == 0;
	int err;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	if (keys) {
		raw = usual;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	fputs("\033[?1049h", stdout);
	err = refresh(fd, looks, delay_ms);
	fputs("\033[?1049l", stdout);
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &usual);
	return err;
}

static int once(int fd, struct look looks[2], int delay_ms)
{
	int err = take_look(fd, &looks[0]);

	if (err)
		return err;
	poll(NULL, 0, delay_ms);
	err = take_look(fd, &looks[1]);
	if (!err)
		print_all(&looks[0], &looks[1], KBOX_CONTROL_PIDS_MAX);
	return err;
}

/* The only sandbox that runs. */
struct only {
	char name[KBOX_CONTROL_NAME_MAX + 1];
	unsigned int count;
};

static void count_one(const char *name, int fd KBOX_UNUSED, void *arg)
{
	struct only *only = arg;

	snprintf(only->name, sizeof(only->name), "%s", name);
	only->count++;
}

static int watch(const char *name, int delay_ms)
{
	KBOX_CLEANUP_FREE struct look *looks = calloc(2, sizeof(*looks));
	KBOX_CLEANUP_CLOSE int fd = kbox_client_connect(name);
	int err;

	if (fd < 0 || !looks)
		return KBOX_EXIT_FAILED;
	err = isatty(STDOUT_FILENO) ? on_terminal(fd, looks, delay_ms) :
				      once(fd, looks, delay_ms);
	if (err == -ECONNRESET || err == -EPIPE)
		kbox_error("%s: the sandbox has ended", name);
	else if (err)
		kbox_error("%s: %s", name, strerror(-err));
	return err || fflush(stdout) ? KBOX_EXIT_FAILED : 0;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "delay", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	struct only only = { .count = 0 };
	double delay = 1;
	int option;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":d:", options)) != -1) {
		char *end;

		if (option != 'd')
			return KBOX_EXIT_USAGE;
		delay = strtod(optarg, &end);
		if (end == optarg || *end || !(delay >= 0.01) ||
		    delay > DELAY_MAX)
			return kbox_cli_bad("-d needs seconds, 0.01 to 3600",
					    optarg);
	}
	if (argc - optind > 1)
		return kbox_cli_bad("one sandbox at a time",
				    argv[optind + 1]);
	if (optind < argc)
		return watch(argv[optind], (int)(delay * 1000));
	if (kbox_client_each(count_one, &only))
		return KBOX_EXIT_FAILED;
	if (only.count != 1) {
		kbox_error(only.count ? "several sandboxes run: name one of "
					"those that kbox ps lists" :
					"no sandbox runs");
		return KBOX_EXIT_FAILED;
	}
	return watch(only.name, (int)(delay * 1000));
}

const struct kbox_verb kbox_top_verb = {
	.name = "top",
	.summary = "show what a sandbox does",
	.help = "Usage: kbox top [-d SECONDS] [SANDBOX]\n"
		"Show the system calls and processes of SANDBOX, or of the only one that runs: on a\n"
		"terminal again and again until \"q\" is pressed, else once.\n"
		"\n"
		"  -d, --delay=SECONDS   time between two looks (1)\n",
	.run = run,
};
