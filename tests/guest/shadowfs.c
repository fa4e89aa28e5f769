/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mapped copies of files of other file systems, and under writers: each shows
 * one version whole, the newest when its mapping began. Natively a mapping
 * follows writers, so there is nothing to compare with.
 * Run: inside root limit 60
 */
#include "guest.h"
#include <sys/mount.h>
#include <sys/vfs.h>

#define WHOLE (600 << 10)
#define SIZE 10000

static void check(int right, const char *what)
{
	say("%s: %s", right ? "ok" : "FAIL", what);
}

/* @path gets @size bytes of @byte in one write. */
static int fill(const char *path, char byte, size_t size)
{
	static char buf[WHOLE];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		return -1;
	memset(buf, byte, size);
	if (write(fd, buf, size) != (ssize_t)size)
		return -1;
	return close(fd);
}

/* The byte that the whole of mapped @path shows, or -1 for several. */
static int whole(const char *path, size_t size)
{
	int fd = (int)MUST(open(path, O_RDONLY)), byte;
	char *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	size_t i;

	close(fd);
	if (p == MAP_FAILED)
		return -2;
	byte = p[0];
	for (i = 0; i < size; i++)
		if (p[i] != byte)
			byte = -1;
	munmap(p, size);
	return byte;
}

/* Rewritten without pause by another process, each time by one write. */
static void racing(const char *path)
{
	int mixed = 0, seen = 0, last = -1, i, stop;
	volatile int *round = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long end = now_ms() + 2000;
	pid_t pid;

	MUST(fill(path, 'a', WHOLE));
	pid = CHILD({
		for (i = 0; now_ms() < end; i++) {
			fill(path, (char)('a' + i % 26), WHOLE);
			*round = i + 1;
		}
		_exit(0);
	});
	while (now_ms() < end) {
		int byte = whole(path, WHOLE);

		mixed += byte < 0;
		seen += byte != last;
		last = byte;
	}
	stop = wait_code(pid);
	say("versions seen %d of %d, mixed %d", seen, *round, mixed);
	check(!stop && !mixed && seen > 1, path);
	check(whole(path, WHOLE) == 'a' + (*round + 25) % 26, "the last version at the end");
	MUST(unlink(path));
}

/* Rewritten by write and by truncation within one tick of the clock. */
static void rewritten(const char *path)
{
	int i, right = 0, zero = 0;

	for (i = 0; i < 100; i++) {
		fill(path, (char)('a' + i % 26), SIZE);
		right += whole(path, SIZE) == 'a' + i % 26;
		MUST(truncate(path, 0));
		MUST(truncate(path, SIZE));
		zero += whole(path, SIZE) == 0;
	}
	say("%s: %d, %d", path, right, zero);
	check(right == 100 && zero == 100, path);
	MUST(unlink(path));
}

/* The next file system gets the number of the last, and the same inodes. */
static void remounted(const char *type)
{
	const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
	int i, right = 0, same = 0;
	unsigned long dev = 0, ino = 0;
	struct stat st;

	for (i = 0; i < 20; i++) {
		MUST(mount("none", "m", type, 0, NULL));
		MUST(fill("m/f", (char)('a' + i), SIZE));
		MUST(utimensat(AT_FDCWD, "m/f", times, 0));
		right += whole("m/f", SIZE) == 'a' + i;
		MUST(stat("m/f", &st));
		same += st.st_dev == dev && st.st_ino == ino;
		dev = st.st_dev;
		ino = st.st_ino;
		MUST(umount("m"));
	}
	say("%s: right %d, same numbers %d", type, right, same);
	check(right == 20, "file systems in turn");
}

static void overlay(void)
{
	int i, right = 0;

	MUST(mkdir("lower", 0700));
	MUST(mkdir("upper", 0700));
	MUST(mkdir("work", 0700));
	MUST(fill("lower/f", 'l', SIZE));
	MUST(mount("none", "m", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"));
	check(whole("m/f", SIZE) == 'l', "overlay: lower file");
	MUST(fill("m/f", 'u', SIZE));
	check(whole("m/f", SIZE) == 'u', "overlay: copied up");
	check(whole("lower/f", SIZE) == 'l', "overlay: lower unchanged");
	check(whole("upper/f", SIZE) == 'u', "overlay: upper by its own path");
	for (i = 0; i < 50; i++) {
		MUST(fill("m/f", (char)('a' + i % 26), SIZE));
		right += whole("upper/f", SIZE) == 'a' + i % 26;
		right += whole("m/f", SIZE) == 'a' + i % 26;
	}
	check(right == 100, "overlay: rewritten");
	MUST(unlink("m/f"));
	MUST(fill("m/f", 'n', SIZE));
	check(whole("m/f", SIZE) == 'n', "overlay: made anew");
	MUST(umount("m"));
}

/* A shared mapping of an overlay's file is of the layer it is on. */
static void overlay_shared(const char *options)
{
	char byte = 0, *early, *p;
	int fd, old;

	MUST(fill("lower/s", 'l', SIZE));
	MUST(mount("none", "m", "overlay", 0, options));
	old = (int)MUST(open("m/s", O_RDONLY));
	early = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, old, 0);
	fd = (int)MUST(open("m/s", O_RDWR));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(p != MAP_FAILED && early != MAP_FAILED, "overlay: mapped shared");
	check(p[5] == 'l' && early[5] == 'l', "overlay: what they show");
	p[5] = 's';
	check(pread(fd, &byte, 1, 5) == 1 && byte == 's', "overlay: a store is read");
	check(pwrite(fd, "w", 1, 6) == 1 && p[6] == 'w', "overlay: a write is seen");
	check(whole("lower/s", SIZE) == 'l' && early[5] == 'l' && early[6] == 'l',
	      "overlay: mapped before it was copied up");
	MUST(ftruncate(fd, 100));
	MUST(ftruncate(fd, SIZE));
	check(p[5] == 's' && p[100] == 0, "overlay: truncated");
	p[7] = 'x';
	MUST(msync(p, SIZE, MS_SYNC));
	MUST(munmap(p, SIZE));
	MUST(munmap(early, SIZE));
	close(fd);
	close(old);
	MUST(umount("m"));
	fd = (int)MUST(open("upper/s", O_RDONLY));
	check(pread(fd, &byte, 1, 7) == 1 && byte == 'x', "overlay: in the upper layer");
	check(pread(fd, &byte, 1, 5) == 1 && byte == 's', "overlay: the first store, too");
	close(fd);
}

/* A file that is larger than memory; what is mapped of it is what is copied. */
static void large(void)
{
	int fd = (int)MUST(open("large", O_RDWR | O_CREAT, 0600));
	off_t at = 40LL << 30;
	char *p;

	MUST(ftruncate(fd, 50LL << 30));
	MUST(pwrite(fd, "far away", 8, at));
	p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, at);
	check(p != MAP_FAILED && !memcmp(p, "far away", 9) && !p[8191], "a page of a large file");
	p = mmap(NULL, 50UL << 30, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	check(p != MAP_FAILED && !memcmp(p + at, "far away", 9) && !p[0] && !p[at - 1],
	      "all of a large file");
	MUST(ftruncate(fd, 300 << 20));
	MUST(pwrite(fd, "end", 3, (300 << 20) - 3));
	p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, (300 << 20) - 4096);
	check(p != MAP_FAILED && !memcmp(p + 4093, "end", 3), "the end of a large file");
	close(fd);
	MUST(unlink("large"));
}

/* 64 MiB of hole, mapped often: it costs nothing. */
static void sparse(void)
{
	int fd, i, right = 0;
	char *p;

	for (i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "sparse%d", i);
		fd = (int)MUST(open(name, O_RDWR | O_CREAT, 0600));
		MUST(ftruncate(fd, 64 << 20));
		MUST(pwrite(fd, "x", 1, 32 << 20));
		p = mmap(NULL, 64 << 20, PROT_READ, MAP_PRIVATE, fd, 0);
		right += p != MAP_FAILED && p[32 << 20] == 'x' && !p[0];
		close(fd);
		MUST(unlink(name));
	}
	check(right == 100, "100 sparse files of 64 MiB at once");
}

int main(void)
{
	racing("race");
	rewritten("rewritten");
	large();
	sparse();
	if (geteuid())
		return 0;
	MUST(mkdir("m", 0700));
	remounted("tmpfs");
	remounted("ramfs");
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	racing("m/race");
	rewritten("m/rewritten");
	MUST(umount("m"));
	MUST(mount("none", "m", "ramfs", 0, NULL));
	rewritten("m/rewritten");
	MUST(umount("m"));
	overlay();
	overlay_shared("lowerdir=lower,upperdir=upper,workdir=work");
	return 0;
}
