// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mapping a file costs: the mmap() call alone, open and close outside the
 * timer, as the published table of the older implementation has it.
 *
 * Side: guest; runs natively as well.
 *
 *	anonymous	no file: the baseline
 *	cold		the file was changed since it was last mapped
 *	warm		it was not
 *	moved		not either, but another file was mapped by that fd number
 *	same fd		a second mapping of one open fd
 *	touch		reading a byte of each page of a fresh mapping
 *
 * Usage: shadow-bench-test [-j] [-k KINDS] [-s SIZES] [FOLDER]
 *	-j  JSON, for bench/shadow
 *	-k  first letters of kinds, acwmst by default
 *	-s  the first so many of 662K, 4K, 64K, 2M, 64M; all five by default
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ITERATIONS 200
#define ITERATIONS_LARGE 12	/* of 64 MiB */
#define LARGE (16UL << 20)

enum kind { ANONYMOUS, COLD, WARM, MOVED, SAME_FD, TOUCH, KINDS };

static const char *const kind_names[KINDS] = {
	"anonymous", "cold", "warm", "moved", "same fd", "touch",
};

struct bench {
	size_t size;
	unsigned int iterations;
	char path[2][256];
	long long ns[ITERATIONS];
};

struct result {
	double avg, p50, min, max;	/* microseconds */
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void make_file(const char *path, size_t size)
{
	static char buf[128 << 10];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		die(path);
	memset(buf, 'b', sizeof(buf));
	while (size) {
		size_t now = size < sizeof(buf) ? size : sizeof(buf);

		if (write(fd, buf, now) != (ssize_t)now)
			die("write");
		size -= now;
	}
	/* Nothing is to be written back while the clock runs. */
	if (fsync(fd))
		die("fsync");
	close(fd);
}

/* One mapping of @fd, or of memory; the time of the call or of touching it. */
static long long map_once(const struct bench *bench, int fd, int touch)
{
	int flags = MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0);
	long long begin = now_ns(), ns;
	volatile char *p = mmap(NULL, bench->size, PROT_READ, flags, fd, 0);

	ns = now_ns() - begin;
	if (p == MAP_FAILED)
		die("mmap");
	if (touch) {
		begin = now_ns();
		for (size_t at = 0; at < bench->size; at += 4096)
			(void)p[at];
		ns = now_ns() - begin;
	}
	munmap((void *)p, bench->size);
	return ns;
}

static void change(const char *path)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || pwrite(fd, "c", 1, 0) != 1)
		die(path);
	close(fd);
}

static long long iterate(const struct bench *bench, enum kind kind, int same)
{
	int fd, other;
	long long ns;

	if (kind == ANONYMOUS)
		return map_once(bench, -1, 0);
	if (kind == SAME_FD)
		return map_once(bench, same, 0);
	if (kind == COLD)
		change(bench->path[0]);
	/*
	 * The number's next file is another one. When cold this also gives the
	 * former version's memory back, before the clock runs; the floor's
	 * supervisor, whose descriptors the guest really closes, does so too.
	 */
	if (kind == MOVED || kind == COLD) {
		other = open(bench->path[1], O_RDONLY);
		map_once(bench, other, 0);
		close(other);
	}
	fd = open(bench->path[0], O_RDONLY);
	if (fd < 0)
		die("open");
	ns = map_once(bench, fd, kind == TOUCH);
	close(fd);
	return ns;
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static struct result measure(struct bench *bench, enum kind kind)
{
	int same = open(bench->path[0], O_RDONLY);
	unsigned int n = bench->iterations;
	struct result result = { 0 };

	if (same < 0)
		die("open");
	iterate(bench, kind, same);
	for (unsigned int i = 0; i < n; i++) {
		bench->ns[i] = iterate(bench, kind, same);
		result.avg += (double)bench->ns[i] / n / 1e3;
	}
	close(same);
	qsort(bench->ns, n, sizeof(bench->ns[0]), compare);
	result.p50 = (double)bench->ns[n / 2] / 1e3;
	result.min = (double)bench->ns[0] / 1e3;
	result.max = (double)bench->ns[n - 1] / 1e3;
	return result;
}

static void show(const struct bench *bench, const char *kinds,
		 const struct result result[KINDS])
{
	double anonymous = result[ANONYMOUS].p50, cold = result[COLD].p50;
	double warm = result[WARM].p50;

	printf("\nmmap of %zu KB, %u times, microseconds\n%-12s%10s%10s%10s%10s\n",
	       bench->size >> 10, bench->iterations, "", "average", "p50",
	       "min", "max");
	for (unsigned int i = 0; i < KINDS; i++)
		if (strchr(kinds, kind_names[i][0]))
			printf("%-12s%10.1f%10.1f%10.1f%10.1f\n", kind_names[i],
			       result[i].avg, result[i].p50, result[i].min,
			       result[i].max);
	if (!anonymous || !cold || !warm)
		return;
	printf("shadow create overhead  %10.1f  (cold - warm)\n", cold - warm);
	printf("cache hit overhead      %10.1f  (warm - anonymous)\n",
	       warm - anonymous);
	printf("end-to-end speed-up     %10.1f  (cold / warm)\n", cold / warm);
	if (warm > anonymous)
		printf("mechanism speed-up      %10.1f  "
		       "((cold - anonymous) / (warm - anonymous))\n",
		       (cold - anonymous) / (warm - anonymous));
}

static void show_json(const struct bench *bench, const char *kinds,
		      const struct result result[KINDS], int first)
{
	const char *comma = "";

	printf("%s \"%zu\": {", first ? "" : ",\n", bench->size);
	for (unsigned int i = 0; i < KINDS; i++) {
		if (!strchr(kinds, kind_names[i][0]))
			continue;
		printf("%s\"%s\": {\"avg\": %.3f, \"p50\": %.3f, "
		       "\"min\": %.3f, \"max\": %.3f}", comma, kind_names[i],
		       result[i].avg, result[i].p50, result[i].min,
		       result[i].max);
		comma = ", ";
	}
	printf("}");
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 662 << 10, 4 << 10, 64 << 10, 2 << 20,
					64 << 20 };
	static struct bench bench;
	unsigned int count = sizeof(sizes) / sizeof(sizes[0]);
	const char *kinds = "acwmst", *folder = ".";
	int option, json = 0;

	while ((option = getopt(argc, argv, "jk:s:")) != -1) {
		if (option == 'j')
			json = 1;
		else if (option == 'k')
			kinds = optarg;
		else if (option == 's' && atoi(optarg) < (int)count)
			count = (unsigned int)atoi(optarg);
		else if (option == '?')
			return 2;
	}
	if (optind < argc)
		folder = argv[optind];
	snprintf(bench.path[0], sizeof(bench.path[0]), "%s/shadow-bench", folder);
	snprintf(bench.path[1], sizeof(bench.path[1]), "%s/shadow-bench2",
		 folder);
	make_file(bench.path[1], 4096);
	if (json)
		printf("{");
	for (unsigned int i = 0; i < count; i++) {
		struct result result[KINDS] = { 0 };

		bench.size = sizes[i];
		bench.iterations = bench.size >= LARGE ? ITERATIONS_LARGE :
							 ITERATIONS;
		make_file(bench.path[0], bench.size);
		for (unsigned int kind = 0; kind < KINDS; kind++)
			if (strchr(kinds, kind_names[kind][0]))
				result[kind] = measure(&bench, kind);
		if (json)
			show_json(&bench, kinds, result, i == 0);
		else
			show(&bench, kinds, result);
	}
	if (json)
		printf("}\n");
	unlink(bench.path[0]);
	unlink(bench.path[1]);
	return 0;
}
