/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest test programs share: printing results so that the same
 * binary gives the same bytes natively and inside kbox.
 *
 * Side: guest. Every result is one line "name: value" or, when negative,
 * "name: -1 errno". Nothing that differs from run to run (pids, addresses,
 * times) is printed; such things are compared inside and printed as 0 or 1.
 * A line leaves the program with one write, so forks duplicate nothing.
 *
 * A comment line "Run: ..." at the top of a program tells tests/run how to
 * treat it: "inside" (there is no native run to compare with: exit status 0
 * and no line that starts with "FAIL"), "root" (also as root), "dyn",
 * "glibc", "gdyn" (also built that way), "args A B" (arguments),
 * "limit N" (seconds).
 */
#ifndef KBOX_TESTS_GUEST_H
#define KBOX_TESTS_GUEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2)))
static inline void say(const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	size_t done = 0;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (len < 0)
		_exit(99);
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	while (done < (size_t)len) {
		ssize_t n = write(1, line + done, (size_t)len - done);

		if (n < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			_exit(98);
		}
		done += (size_t)n;
	}
}

/* Print @value under @name; when it is negative, with @error. */
static inline long show_value(const char *name, long value, int error)
{
	if (value < 0)
		say("%s: %ld %d %s", name, value, error, strerror(error));
	else
		say("%s: %ld", name, value);
	errno = error;
	return value;
}

/* Evaluate a call once and print what it gave. */
#define SHOW(name, call) \
	({ errno = 0; long v_ = (long)(call); show_value(name, v_, errno); })

/* The same for calls whose successful value differs from run to run. */
#define SHOW_OK(name, call) \
	({ errno = 0; long v_ = (long)(call); int e_ = errno; \
	   show_value(name, v_ < 0 ? v_ : 0, e_); v_; })

/* Set-up that must succeed. */
#define MUST(call) \
	({ errno = 0; long m_ = (long)(call); \
	   if (m_ == -1) { say("FAIL line %d: %s: %s", __LINE__, #call, strerror(errno)); _exit(97); } \
	   m_; })

/* A wait status as one number: exit code, 1000 + signal, 2000 + stop signal. */
static inline int status_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WIFSIGNALED(status))
		return 1000 + WTERMSIG(status);
	if (WIFSTOPPED(status))
		return 2000 + WSTOPSIG(status);
	if (WIFCONTINUED(status))
		return 3000;
	return 4000;
}

/* Wait for @pid; its end as status_code() has it, or -errno. */
static inline int wait_code(pid_t pid)
{
	int status;
	pid_t got;

	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : status_code(status);
}

static inline pid_t fork_or_fail(int line)
{
	pid_t pid = fork();

	if (pid < 0) {
		say("FAIL line %d: fork: %s", line, strerror(errno));
		_exit(96);
	}
	return pid;
}

/* Run the block in a child: pid = CHILD({ ...; _exit(0); }) */
#define CHILD(...) (fork_or_fail(__LINE__) ?: ({ __VA_ARGS__; _exit(0); 0; }))

static inline void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

static inline long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A file with these contents; 0 or -1. */
static inline int put_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* The first @size - 1 bytes of a file as a string; the length or -1. */
static inline ssize_t get_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return -1;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	close(fd);
	return (ssize_t)len;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
