/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared mappings of files: coherent with read and write, seen by other
 * processes, there after msync, munmap and exit; truncation, appending,
 * unlinking and renaming while mapped.
 * Run: dyn glibc
 */
#include "guest.h"
#include "touch.h"
#include <sys/sendfile.h>

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static char *map(const char *name, int fd, size_t len, int prot, off_t off)
{
	char *p = mmap(NULL, len, prot, MAP_SHARED, fd, off);

	if (p != MAP_FAILED)
		return p;
	say("FAIL %s: %s", name, strerror(errno));
	_exit(1);
}

static int make(const char *name, off_t size)
{
	int fd = (int)MUST(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));

	MUST(ftruncate(fd, size));
	return fd;
}

static const char *get(int fd, off_t at, size_t len)
{
	static char buf[4][128];
	static int turn;
	char *b = buf[turn++ % 4];

	memset(b, 0, sizeof(buf[0]));
	if (pread(fd, b, len, at) < 0)
		return strerror(errno);
	return b;
}

static void memory_file(void)
{
	int mem = (int)MUST(syscall(SYS_memfd_create, "m", 0));
	char *q;

	MUST(ftruncate(mem, PAGE));
	q = map("memfd", mem, PAGE, RW, 0);
	strcpy(q, "memory");
	say("memfd read: %s", get(mem, 0, 6));
	wait_code(CHILD(strcpy(q, "child!")));
	say("from child: %s", q);
	MUST(pwrite(mem, "WRITE", 5, 1));
	say("write seen: %s", q);
	close(mem);
	strcpy(q, "closed");
	say("after close: %s", q);
}

/* As programs share memory with a display server. */
static void sealed(void)
{
	int mem = (int)MUST(syscall(SYS_memfd_create, "s", 2)), ro;
	char path[64], *p, *q;

	MUST(ftruncate(mem, 2 * PAGE));
	p = map("sealed", mem, 2 * PAGE, RW, 0);
	strcpy(p + PAGE, "pixels");
	SHOW("seal size", fcntl(mem, 1033, 2 | 4));
	SHOW("grow", ftruncate(mem, 3 * PAGE));
	SHOW("seal while mapped", fcntl(mem, 1033, 8));
	MUST(munmap(p, 2 * PAGE));
	SHOW("seal when unmapped", fcntl(mem, 1033, 8));
	SHOW("write", pwrite(mem, "x", 1, 0));
	say("sealed contents: %s", get(mem, PAGE, 6));
	SHOW("map writable", mmap(NULL, PAGE, RW, MAP_SHARED, mem, 0) == MAP_FAILED ? -1 : 0);
	q = map("read-only of sealed", mem, 2 * PAGE, PROT_READ, 0);
	say("mapped: %s", q + PAGE);
	SHOW("mprotect", mprotect(q, PAGE, RW));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", mem);
	MUST(ro = open(path, O_RDONLY));
	SHOW("reopened read-only, private", mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0) == MAP_FAILED ? -1 : 0);
}

static void both_directions(void)
{
	int fd = make("file", 2 * PAGE), fd2, copy, p2[2];
	char *p = map("rw", fd, 2 * PAGE, RW, 0), *q;
	char buf[32] = "";
	off_t from = PAGE;

	MUST(fd2 = open("file", O_RDWR));
	q = map("second", fd2, 2 * PAGE, RW, 0);
	strcpy(p + PAGE, "mapped");
	say("read sees: %s", get(fd, PAGE, 6));
	say("second opening: %s", get(fd2, PAGE, 6));
	say("second mapping: %s", q + PAGE);
	MUST(pwrite(fd2, "written", 7, 0));
	say("maps see: %s %s", p, q);
	strcpy(q, "back");
	MUST(lseek(fd, 0, SEEK_SET));
	MUST(read(fd, buf, 8));
	say("read: %.4s|%.3s", buf, buf + 5);
	MUST(pipe(p2));
	strcpy(p + PAGE, "spliced");
	MUST(sendfile(p2[1], fd, &from, 7));
	MUST(read(p2[0], buf, 7));
	say("sendfile: %.7s", buf);
	strcpy(p + PAGE, "splice2");
	from = PAGE;
	MUST(splice(fd, &from, p2[1], NULL, 7, 0));
	MUST(read(p2[0], buf, 7));
	say("splice: %.7s", buf);
	MUST(write(p2[1], "by pipe", 7));
	from = 100;
	MUST(splice(p2[0], NULL, fd2, &from, 7, 0));
	say("splice in: %s", p + 100);
	strcpy(p, "copied");
	MUST(copy = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600));
	from = 0;
	MUST(copy_file_range(fd, &from, copy, NULL, 2 * PAGE, 0));
	say("copy: %s %s", get(copy, 0, 6), get(copy, PAGE, 7));
	wait_code(CHILD(strcpy(p + 200, "from child")));
	say("parent sees: %s, file %s", p + 200, get(fd, 200, 10));
	SHOW("msync", msync(p, 2 * PAGE, MS_SYNC));
	SHOW("msync async", msync(p, 2 * PAGE, MS_ASYNC));
	SHOW("msync both", msync(p, PAGE, MS_SYNC | MS_ASYNC));
	SHOW("msync odd", msync(p + 1, PAGE, MS_SYNC));
	SHOW("fsync", fsync(fd));
	strcpy(p + 300, "after msync");
	SHOW("munmap", munmap(p, 2 * PAGE));
	MUST(munmap(q, 2 * PAGE));
	say("read sees: %s", get(fd, 300, 11));
	wait_code(CHILD({
		p = map("in child", fd, PAGE, RW, 0);
		memcpy(p, "by exit", 7);
	}));
	say("after exit: %s", get(fd, 0, 7));
	wait_code(CHILD({
		p = map("in child", fd, PAGE, RW, 0);
		memcpy(p, "by kill", 7);
		kill(getpid(), SIGKILL);
	}));
	say("after kill: %s", get(fd, 0, 7));
	SHOW("size", lseek(fd, 0, SEEK_END));
}

static void read_only(void)
{
	int fd = make("ro", PAGE), ro;
	char *p, *priv;

	MUST(pwrite(fd, "one", 3, 0));
	MUST(ro = open("ro", O_RDONLY));
	p = map("ro", ro, 2 * PAGE, PROT_READ, 0);
	say("mapped: %s", p);
	MUST(pwrite(fd, "two", 3, 0));
	say("write seen: %s", p);
	MUST(ftruncate(fd, 2 * PAGE));
	MUST(pwrite(fd, "grown", 5, PAGE));
	say("growth seen: %s", p + PAGE);
	priv = mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0);
	strcpy(priv, "private");
	say("private copy: %s, shared %s", priv, p);
	SHOW("store", touch_write(p));
	SHOW("mprotect", mprotect(p, PAGE, RW));
	SHOW("writable map of it", mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0) == MAP_FAILED ? -1 : 0);
	wait_code(CHILD({
		char *w = map("rw in child", fd, PAGE, RW, 0);

		strcpy(w, "stored by another");
		say("while mapped: %s", p);
	}));
	say("store seen: %s", p);
	priv = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	SHOW("mprotect of a writable opening", mprotect(priv, PAGE, RW));
	strcpy(priv, "later");
	say("seen: %s %s", p, get(ro, 0, 5));
}

static void sizes(void)
{
	int fd = make("sizes", 2 * PAGE), append;
	char *p = map("sizes", fd, 4 * PAGE, RW, 0);
	struct stat st;

	memset(p, 'a', 2 * PAGE);
	SHOW("beyond the end", touch(p + 2 * PAGE));
	MUST(ftruncate(fd, PAGE + 10));
	say("shrunk: %c, rest %d", p[PAGE + 9], p[PAGE + 10]);
	p[PAGE + 100] = 'x';
	MUST(fstat(fd, &st));
	SHOW("a store does not grow", st.st_size);
	MUST(ftruncate(fd, 3 * PAGE));
	say("grown: %c %d %d", p[PAGE + 9], p[PAGE + 100], touch(p + 2 * PAGE));
	say("file: %d", get(fd, PAGE + 100, 1)[0]);
	MUST(ftruncate(fd, PAGE));
	SHOW("cut off", touch(p + PAGE));
	SHOW("cut off store", touch_write(p + PAGE));
	strcpy(p, "still here");
	say("file: %s", get(fd, 0, 10));
	MUST(append = open("sizes", O_WRONLY | O_APPEND));
	MUST(write(append, "appended", 8));
	say("append seen: %s", p + PAGE);
	close((int)MUST(open("sizes", O_WRONLY | O_TRUNC)));
	SHOW("O_TRUNC", touch(p));
	MUST(pwrite(fd, "again", 5, 10));
	say("again: %d %s", p[9], p + 10);
	MUST(ftruncate(fd, 4 * PAGE));
	memset(p, 'z', 4 * PAGE);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE) < 0)
		say("punch: %s", strerror(errno));
	say("punched: %c%d%c", p[PAGE - 1], p[PAGE], p[2 * PAGE]);
	SHOW("fallocate", fallocate(fd, 0, 0, 5 * PAGE));
	say("kept: %c %d", p[0], (int)MUST(lseek(fd, 0, SEEK_END)));
	SHOW("mapping past the end of the file", touch(map("far", fd, PAGE, RW, 8 * PAGE)));
}

static void names(void)
{
	int fd = make("named", PAGE), other;
	char *p = map("named", fd, PAGE, RW, 0);

	strcpy(p, "first");
	MUST(put_file("new", "second", 0600));
	MUST(rename("new", "named"));
	strcat(p, " file");
	MUST(other = open("named", O_RDONLY));
	say("renamed over: %s, named: %s", get(fd, 0, 10), get(other, 0, 6));
	MUST(unlink("named"));
	close(fd);
	strcpy(p, "no name");
	say("unlinked: %s", p);
	fd = make("named", PAGE);
	say("a new file: %d", get(fd, 0, 1)[0]);
	SHOW("executing a mapped file", wait_code(CHILD({
		char *w = map("exec", fd, PAGE, RW, 0);

		strcpy(w, "#!/bin/sh\n");
		fchmod(fd, 0700);
		close(fd);
		execl("./named", "named", NULL);
		_exit(errno);
	})));
}

/* An index of counters that several processes map, beside a log. */
static void index_file(void)
{
	int fd = make("index", 32768), log = make("log", 0), i, bad = 0;
	volatile uint32_t *p = (void *)map("index", fd, 32768, RW, 0);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1 };

	for (i = 0; i < 4; i++)
		CHILD({
			int own = open("index", O_RDWR);
			volatile uint32_t *q = (void *)map("child", own, 32768, RW, 0);

			for (i = 0; i < 50; i++) {
				uint32_t slot;

				lock.l_type = F_WRLCK;
				while (fcntl(own, F_SETLKW, &lock) < 0)
					;
				slot = q[0];
				pwrite(log, &slot, 4, slot * 4);
				q[1 + slot] = slot ^ 0x5555;
				q[0] = slot + 1;
				lock.l_type = F_UNLCK;
				fcntl(own, F_SETLK, &lock);
			}
		});
	while (wait(NULL) > 0)
		;
	for (i = 0; i < 200; i++) {
		uint32_t in_log = 0, in_file = 0;

		pread(log, &in_log, 4, i * 4);
		pread(fd, &in_file, 4, 4 + i * 4);
		bad += in_log != (uint32_t)i || in_file != p[1 + i] || p[1 + i] != ((uint32_t)i ^ 0x5555);
	}
	say("counted %u, wrong %d", p[0], bad);
}

static void sparse(void)
{
	int fd = make("sparse", 256 << 20);
	char *p = map("sparse", fd, 256 << 20, RW, 0);
	struct stat st;

	strcpy(p + (200 << 20), "deep");
	say("sparse: %s", get(fd, 200 << 20, 4));
	SHOW("data at", lseek(fd, 0, SEEK_DATA));
	SHOW("msync", msync(p, 256 << 20, MS_SYNC));
	MUST(fstat(fd, &st));
	say("blocks few: %d", st.st_blocks < 2048);
	MUST(ftruncate(fd, 0));
}

static void errors(void)
{
	int wo = (int)MUST(open("wo", O_WRONLY | O_CREAT, 0600)), dir = (int)MUST(open(".", O_RDONLY));

	SHOW("write-only", mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, wo, 0) == MAP_FAILED ? -1 : 0);
	SHOW("folder", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dir, 0) == MAP_FAILED ? -1 : 0);
	SHOW("validate", mmap(NULL, PAGE, PROT_READ, 3, make("v", PAGE), 0) == MAP_FAILED ? -1 : 0);
	SHOW("sync", mmap(NULL, PAGE, RW, 3 | 0x80000, make("v", PAGE), 0) == MAP_FAILED ? -1 : 0);
}

static void times(void)
{
	int fd = make("times", PAGE);
	struct timespec set[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	char *p = map("times", fd, PAGE, RW, 0);
	struct stat st;

	futimens(fd, set);
	strcpy(p, "stored");
	MUST(msync(p, PAGE, MS_SYNC));
	MUST(fstat(fd, &st));
	say("a store changes the time: %d", st.st_mtime != 1000000000);
	strcpy(p, "before the times");
	MUST(munmap(p, PAGE));
	MUST(futimens(fd, set));
	MUST(fsync(fd));
	say("contents: %s", get(fd, 0, 16));
	MUST(fstat(fd, &st));
	SHOW("time", st.st_mtime);
}

static void direct(void)
{
	int fd = make("direct", 2 * PAGE), own = open("direct", O_RDWR | O_DIRECT);
	char *p = map("direct", fd, 2 * PAGE, RW, 0), *buf;

	if (own < 0) {
		say("direct: %s", strerror(errno));
		return;
	}
	buf = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(buf, "written directly");
	SHOW("write", pwrite(own, buf, PAGE, PAGE));
	say("seen: %s", p + PAGE);
	strcpy(p + PAGE, "stored");
	SHOW("read", pread(own, buf, PAGE, PAGE));
	say("read: %s", buf);
}

/* RWF_DSYNC, which not every C library has. */
#define WRITE_DSYNC 2

/* A write that syncs at once goes through the file's fsync. */
static void synchronous(void)
{
	struct iovec v = { "written", 7 };
	int fd = (int)MUST(open("sync", O_CREAT | O_RDWR | O_SYNC, 0600));
	char *p, got[8] = "";

	MUST(ftruncate(fd, 8192));
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memcpy(p + 4096, "stored", 6);
	SHOW("O_SYNC write", write(fd, "written", 7));
	say("the mapping has it: %d", !memcmp(p, "written", 7));
	SHOW("RWF_DSYNC write", syscall(SYS_pwritev2, fd, &v, 1, 100, 0, WRITE_DSYNC));
	MUST(pread(fd, got, 7, 100));
	say("the file has it: %s, the mapping: %d", got,
	    !memcmp(p + 100, "written", 7));
	MUST(pread(fd, got, 7, 4096));
	say("and what was stored: %.6s", got);
	munmap(p, 8192);
	close(fd);
}

static void in_folder(const char *name)
{
	both_directions();
	read_only();
	sizes();
	names();
	index_file();
	sparse();
	say("done in %s", name);
}

int main(void)
{
	char folder[] = "/dev/shm/mapshared.XXXXXX";

	touch_prepare();
	in_folder("the file system");
	times();
	direct();
	errors();
	synchronous();
	memory_file();
	sealed();
	MUST(mkdtemp(folder) ? 0 : -1);
	MUST(chdir(folder));
	in_folder("/dev/shm");
	MUST(system("rm -rf /dev/shm/mapshared.*"));
	return 0;
}
