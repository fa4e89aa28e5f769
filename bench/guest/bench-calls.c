// SPDX-License-Identifier: GPL-2.0-only
/*
 * What single system calls cost, as the program that makes them sees it.
 *
 * Side: guest. The same binary runs natively, under the pass-through
 * supervisor of bench/floor.c and inside kbox. Prints one line of JSON for each
 * measurement: name, median, least and number of samples, in nanoseconds.
 *
 * Usage: bench-calls FOLDER: a folder in which it may make a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench-calls.h"

#define SAMPLES_MAX 4000
#define WARM_UP 50	/* iterations before the first sample */

static char path[4096];
static char buf[4096];
static int file = -1;

static void die(const char *what)
{
	fprintf(stderr, "bench-calls: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(int ok, const char *what)
{
	if (!ok)
		die(what);
}

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

static void print(const char *name, long long *samples, int count)
{
	qsort(samples, (size_t)count, sizeof(*samples), compare);
	printf("{\"name\": \"%s\", \"p50_ns\": %lld, \"min_ns\": %lld, "
	       "\"samples\": %d}\n",
	       name, samples[count / 2], samples[0], count);
	fflush(stdout);
}

/*
 * @count samples of @body, each the mean of @batch runs: the clock itself
 * costs as much as a null call.
 */
static void measure(const char *name, void (*body)(void), int count, int batch)
{
	static long long samples[SAMPLES_MAX];
	long long start;
	int i, j;

	for (i = 0; i < WARM_UP && i < count; i++)
		body();
	for (i = 0; i < count; i++) {
		start = now_ns();
		for (j = 0; j < batch; j++)
			body();
		samples[i] = (now_ns() - start) / batch;
	}
	print(name, samples, count);
}

static void call_null(void)
{
	syscall(SYS_getuid);
}

static void call_stat(void)
{
	struct stat st;

	must(!syscall(SYS_stat, path, &st), "stat");
}

static void call_open_close(void)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);

	must(fd >= 0 && !syscall(SYS_close, fd), "open and close");
}

static void call_pread(void)
{
	must(syscall(SYS_pread64, file, buf, sizeof(buf), 0) == sizeof(buf),
	     "pread");
}

/* The call alone; munmap is never intercepted. */
static void measure_mmap(int count)
{
	static long long samples[SAMPLES_MAX];
	long long start;
	void *map;
	int i;

	for (i = -WARM_UP; i < count; i++) {
		start = now_ns();
		map = mmap(NULL, BENCH_FILE_BYTES, PROT_READ, MAP_PRIVATE,
			   file, 0);
		if (i >= 0)
			samples[i] = now_ns() - start;
		must(map != MAP_FAILED, "mmap");
		munmap(map, BENCH_FILE_BYTES);
	}
	print("mmap", samples, count);
}

static void call_mmap_munmap(void)
{
	void *map = mmap(NULL, BENCH_FILE_BYTES, PROT_READ, MAP_PRIVATE, file,
			 0);

	must(map != MAP_FAILED && !munmap(map, BENCH_FILE_BYTES),
	     "mmap and munmap");
}

static void call_fork(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	must(pid > 0 && waitpid(pid, &status, 0) == pid && !status, "fork");
}

static int to_child[2], from_child[2];

static void call_pipe(void)
{
	must(write(to_child[1], buf, 1) == 1 &&
	     read(from_child[0], buf, 1) == 1, "pipe");
}

/* A byte to another process and back. */
static void measure_pipe(int count)
{
	pid_t pid;

	must(!pipe(to_child) && !pipe(from_child), "pipe");
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid) {
		close(to_child[1]);
		while (read(to_child[0], buf, 1) == 1)
			if (write(from_child[1], buf, 1) != 1)
				break;
		_exit(0);
	}
	measure("pipe round trip", call_pipe, count, 1);
	close(to_child[1]);
	waitpid(pid, NULL, 0);
}

static void make_file(const char *folder)
{
	size_t done;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, BENCH_FILE_NAME);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	must(fd >= 0, path);
	for (done = 0; done < BENCH_FILE_BYTES; done += 1024)
		must(write(fd, buf, 1024) == 1024, "write");
	must(!close(fd), "close");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	memset(buf, 'x', sizeof(buf));
	make_file(argv[1]);
	file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	must(file >= 0, path);

	measure("null", call_null, 2000, 10);
	measure("stat", call_stat, 2000, 4);
	measure("open+close", call_open_close, 2000, 2);
	measure("pread 4 KiB", call_pread, 2000, 4);
	measure_mmap(2000);
	measure("mmap+munmap", call_mmap_munmap, 2000, 1);
	measure_pipe(2000);
	measure("fork+exit+wait", call_fork, 300, 1);
	unlink(path);
	return 0;
}
