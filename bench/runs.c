// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a program several times; print its wall time and memory as JSON.
 *
 * Side: host, benchmark only. A program of its own because a process counts
 * the memory of the one that forked it as its own maximum: this one is small.
 *
 * Usage: runs COUNT PROGRAM [ARG...]; what the program prints is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static long long wall[COUNT_MAX];
	int count = argc > 2 ? atoi(argv[1]) : 0, i, status, null;
	struct rusage usage;
	long max_kib = 0;
	pid_t pid;

	if (count < 1 || count > COUNT_MAX) {
		fprintf(stderr, "usage: %s COUNT PROGRAM [ARG...]\n", argv[0]);
		return 2;
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; i < count; i++) {
		wall[i] = now_ns();
		pid = fork();
		if (!pid) {
			dup2(null, 0);
			dup2(null, 1);
			execvp(argv[2], argv + 2);
			_exit(127);
		}
		if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
			fprintf(stderr, "runs: %s\n", strerror(errno));
			return 1;
		}
		wall[i] = now_ns() - wall[i];
		if (status) {
			fprintf(stderr, "runs: %s: wait status %x\n", argv[2],
				(unsigned int)status);
			return 1;
		}
		if (max_kib < usage.ru_maxrss)
			max_kib = usage.ru_maxrss;
	}
	qsort(wall, (size_t)count, sizeof(*wall), compare);
	printf("{\"p50_ns\": %lld, \"min_ns\": %lld, \"max_resident_kib\": %ld, "
	       "\"samples\": %d}\n",
	       wall[count / 2], wall[0], max_kib, count);
	return 0;
}
