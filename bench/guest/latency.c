// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a null call takes while another process uses the disk.
 *
 * Side: guest. The same binary runs natively and inside kbox. Each call is
 * timed alone, so that the slow ones show; the clock's own cost is included.
 * Prints one line of JSON: quantiles in nanoseconds, and what the other process
 * did meanwhile, which is 0 when it was asked for nothing.
 *
 * Usage: latency SECONDS alone
 *        latency SECONDS small FILE	the other writes 4 KiB and syncs, again
 *					and again
 *        latency SECONDS stream FILE	the other writes 64 MiB and syncs
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX 4000000
#define STREAM_BYTES (64UL << 20)
#define SMALL_BYTES 4096UL

struct shared {
	atomic_ulong syncs;
};

static char buf[1 << 20];

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "latency: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

/* Write @bytes over and over, each time until they are durable. */
static void use_disk(struct shared *shared, const char *path,
		     unsigned long bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	unsigned long done, now;

	must(fd >= 0, path);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		for (done = 0; done < bytes; done += now) {
			now = bytes < sizeof(buf) ? bytes : sizeof(buf);
			must(pwrite(fd, buf, now, (off_t)done) == (ssize_t)now,
			     "write");
		}
		must(!fsync(fd), "fsync");
		atomic_fetch_add(&shared->syncs, 1);
	}
}

static pid_t start_other(struct shared *shared, const char *what,
			 const char *path)
{
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid)
		return pid;
	use_disk(shared, path,
		 !strcmp(what, "small") ? SMALL_BYTES : STREAM_BYTES);
	_exit(0);
}

static unsigned int *take_samples(int seconds, size_t *ret_count)
{
	unsigned int *samples = calloc(SAMPLES_MAX, sizeof(*samples));
	long long begin, end, last = now_ns() + seconds * 1000000000LL;
	size_t count = 0;

	must(samples != NULL, "memory");
	do {
		begin = now_ns();
		syscall(SYS_getuid);
		end = now_ns();
		samples[count++] = (unsigned int)(end - begin);
	} while (end < last && count < SAMPLES_MAX);
	*ret_count = count;
	return samples;
}

int main(int argc, char **argv)
{
	struct shared *shared;
	unsigned int *samples;
	unsigned long syncs;
	size_t count;
	pid_t other = 0;

	if (argc < 3 || (strcmp(argv[2], "alone") && argc != 4)) {
		fprintf(stderr, "usage: %s SECONDS alone|small|stream [FILE]\n",
			argv[0]);
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED, "mmap");
	if (argc == 4) {
		other = start_other(shared, argv[2], argv[3]);
		while (!atomic_load(&shared->syncs))
			must(!usleep(1000) && !waitpid(other, NULL, WNOHANG),
			     "the other process");
	}
	syncs = atomic_load(&shared->syncs);
	samples = take_samples(atoi(argv[1]), &count);
	syncs = atomic_load(&shared->syncs) - syncs;
	if (other) {
		kill(other, SIGKILL);
		waitpid(other, NULL, 0);
		unlink(argv[3]);
	}
	qsort(samples, count, sizeof(*samples), compare);
	printf("{\"p50_ns\": %u, \"p99_ns\": %u, \"p999_ns\": %u, "
	       "\"max_ns\": %u, \"samples\": %zu, \"syncs\": %lu}\n",
	       samples[count / 2], samples[count / 100 * 99],
	       samples[count / 1000 * 999], samples[count - 1], count, syncs);
	return 0;
}
