/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmap of files: private, shared for reading, offsets, beyond the end, after
 * changes of the file, protection changes, anonymous sharing over fork.
 * Run: dyn glibc gdyn
 */
#include "guest.h"
#include "touch.h"

static char *map(const char *name, size_t len, int prot, int flags, int fd, off_t off)
{
	void *p = mmap(NULL, len, prot, flags, fd, off);
	int e = errno;

	show_value(name, p == MAP_FAILED ? -1 : 0, e);
	return p == MAP_FAILED ? NULL : p;
}

static void errors(int fd, int wr, int path)
{
	int dir = open(".", O_RDONLY), p[2];

	MUST(pipe(p));
	map("map of folder", 4096, PROT_READ, MAP_PRIVATE, dir, 0);
	map("map of pipe", 4096, PROT_READ, MAP_PRIVATE, p[0], 0);
	map("map of bad fd", 4096, PROT_READ, MAP_PRIVATE, 99, 0);
	map("map of write-only", 4096, PROT_READ, MAP_PRIVATE, wr, 0);
	map("map of O_PATH", 4096, PROT_READ, MAP_PRIVATE, path, 0);
	map("map shared writable of read-only", 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map("map length 0", 0, PROT_READ, MAP_PRIVATE, fd, 0);
	map("map odd offset", 4096, PROT_READ, MAP_PRIVATE, fd, 100);
	map("map no type", 4096, PROT_READ, 0, fd, 0);
	map("map negative offset", 4096, PROT_READ, MAP_PRIVATE, fd, -4096);
	map("map huge", 1UL << 60, PROT_READ, MAP_PRIVATE, fd, 0);
}

static void changes(void)
{
	char *p, *q, text[16];
	int fd, same;

	MUST(put_file("grow", "first", 0600));
	MUST(fd = open("grow", O_RDWR));
	p = map("before change", 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	say("before: %.5s", p);
	MUST(munmap(p, 8192));
	MUST(pwrite(fd, "other", 5, 0));
	p = map("after change", 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	say("after: %.5s", p);
	MUST(munmap(p, 4096));
	MUST(ftruncate(fd, 10000));
	MUST(pwrite(fd, "tail", 4, 9000));
	p = map("after ftruncate", 12288, PROT_READ, MAP_SHARED, fd, 0);
	say("grown: %.4s %d", p + 9000, p[9990]);
	MUST(munmap(p, 12288));
	MUST(ftruncate(fd, 3));
	p = map("after shrinking", 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	say("shrunk: %.5s, next page signal %d", p, touch(p + 4096));
	MUST(munmap(p, 8192));
	MUST(ftruncate(fd, 0));
	p = map("empty file", 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	say("empty: signal %d", touch(p));
	MUST(munmap(p, 4096));
	/* The same size within one clock tick must still be seen. */
	same = 0;
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "text-%04d", i);
		MUST(pwrite(fd, text, 9, 0));
		q = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
		same += q != MAP_FAILED && !memcmp(q, text, 9);
		munmap(q, 4096);
	}
	say("quick rewrites seen: %d", same);
	MUST(put_file("new", "renamed over", 0600));
	MUST(rename("new", "grow"));
	close(fd);
	MUST(fd = open("grow", O_RDONLY));
	p = map("renamed over", 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	say("renamed: %.12s", p);
	unlink("grow");
	q = map("unlinked", 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	say("unlinked: %.12s", q);
	close(fd);
	say("after close: %.12s", q);
}

static void anonymous(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *big = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *fixed, *moved;

	SHOW("child writes", wait_code(CHILD(*shared = 99)));
	say("shared: %d", *shared);
	big[63 << 20] = 'x';
	SHOW("munmap", munmap(big, 32 << 20));
	say("rest stays: %c", big[63 << 20]);
	fixed = mmap(big, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	say("fixed: %d", fixed == big);
	fixed = mmap(big, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | 0x100000, -1, 0);
	say("noreplace refused: %d", fixed == MAP_FAILED && errno == EEXIST);
	fixed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fixed[0] = 'm';
	moved = mremap(fixed, 4096, 1 << 20, MREMAP_MAYMOVE);
	say("mremap: %d", moved != MAP_FAILED && moved[0] == 'm' && moved[1 << 19] == 0);
	SHOW("madvise", madvise(moved, 4096, MADV_DONTNEED));
	say("dropped: %d", moved[0]);
	SHOW("mprotect none", mprotect(moved, 4096, PROT_NONE));
	say("signal %d", touch(moved));
	SHOW("msync", msync(moved + 4096, 4096, MS_SYNC));
	SHOW("mincore", mincore(moved + 4096, 4096, (unsigned char[4]){0}));
	fixed = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fixed != MAP_FAILED) {
		memcpy(fixed, "\xb8\x2a\x00\x00\x00\xc3", 6);
		say("code made at run time: %d", ((int (*)(void))(void *)fixed)());
	}
}

int main(void)
{
	char page[4096], *p, *q;
	int fd, wr, path, i;

	touch_prepare();
	MUST(wr = open("file", O_WRONLY | O_CREAT, 0600));
	for (i = 0; i < 4; i++) {
		memset(page, 'a' + i, sizeof(page));
		MUST(write(wr, page, i < 3 ? 4096 : 100));
	}
	MUST(fd = open("file", O_RDONLY));
	MUST(path = open("file", O_PATH));
	p = map("private", 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	say("pages: %c%c%c%c", p[0], p[4096], p[8192], p[12288 + 99]);
	say("rest of last page: %d", p[12288 + 100]);
	say("beyond the end: signal %d", touch(p + 16384));
	say("code %d", touch_code);
	p[0] = 'X';
	say("own copy: %c, file %c", p[0], (pread(fd, page, 1, 0), page[0]));
	SHOW("child's copy", wait_code(CHILD(p[0] = 'Y'; _exit(p[4096]))));
	say("parent's copy: %c", p[0]);
	q = map("shared for reading", 4096, PROT_READ, MAP_SHARED, fd, 8192);
	say("offset 8192: %c", q[0]);
	say("write to it: signal %d", touch_write(q));
	SHOW("mprotect shared writable", mprotect(q, 4096, PROT_READ | PROT_WRITE));
	SHOW("mprotect private read-only", mprotect(p, 4096, PROT_READ));
	say("write to it: signal %d", touch_write(p));
	SHOW("mprotect back", mprotect(p, 4096, PROT_READ | PROT_WRITE));
	say("write to it: signal %d", touch_write(p));
	q = mmap(p + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 8192);
	say("fixed over: %d %c%c%c", q == p + 4096, p[0], p[4096], p[8192]);
	SHOW("munmap middle", munmap(p + 4096, 4096));
	say("hole: signal %d, around: %c%c", touch(p + 4096), p[0], p[8192]);
	SHOW("munmap odd", munmap(p + 1, 4096));
	SHOW("lowest fd not taken", open("/", O_RDONLY));
	close(6);
	q = map("executable", 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	say("executable: %c", q[0]);
	q = map("zero device", 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, open("/dev/zero", O_RDWR), 0);
	say("zero: %d", q ? q[0] : -1);
	errors(fd, wr, path);
	changes();
	anonymous();
	return 0;
}
