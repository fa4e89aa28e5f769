/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What copies of files could get wrong, and must not: descriptors that were
 * read before they were mapped, shared offsets, appending, files rewritten by
 * whatever way or at whatever time, sizes, close-on-exec, descriptors closed
 * by others; nobody can write to what others have mapped.
 * Run: dyn glibc
 */
#include "guest.h"

#define SIZE 10000

/* The first eight bytes of @path, mapped. */
static const char *mapped_fd(int fd)
{
	static char text[9];
	char *p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return strerror(errno);
	memcpy(text, p, 8);
	munmap(p, SIZE);
	return text;
}

static const char *mapped(const char *path)
{
	int fd = open(path, O_RDONLY);
	const char *text;

	if (fd < 0)
		return strerror(errno);
	text = mapped_fd(fd);
	close(fd);
	return text;
}

/* @path gets SIZE bytes that begin with @text. */
static void fill(const char *path, const char *text, int flags)
{
	char buf[SIZE] = "";
	int fd = (int)MUST(open(path, O_WRONLY | O_CREAT | flags, 0600));

	strcpy(buf, text);
	MUST(write(fd, buf, sizeof(buf)));
	close(fd);
}

static void offsets(void)
{
	char text[9] = "";
	int fd, other, copy;

	fill("f", "01234567", 0);
	fd = (int)MUST(open("f", O_RDWR));
	MUST(read(fd, text, 4));
	say("map after a read: %s", mapped_fd(fd));
	SHOW("offset after the map", lseek(fd, 0, SEEK_CUR));
	MUST(read(fd, text, 4));
	say("read after the map: %s", text);

	/* Two openings have two offsets, a duplicate shares its own. */
	other = (int)MUST(open("f", O_RDONLY));
	copy = (int)MUST(dup(fd));
	mapped_fd(other);
	mapped_fd(copy);
	MUST(lseek(fd, 2, SEEK_SET));
	SHOW("offset of the other opening", lseek(other, 0, SEEK_CUR));
	SHOW("offset of the duplicate", lseek(copy, 0, SEEK_CUR));
	MUST(read(copy, text, 3));
	SHOW("offset moved by the duplicate", lseek(fd, 0, SEEK_CUR));
	MUST(read(other, text, 8));
	say("read by the other opening: %s", text);
	SHOW("flags", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
	SHOW("flags of the other", fcntl(other, F_GETFL) & O_ACCMODE);
	SHOW("write to the other", write(other, "x", 1));
	close(copy);
	close(other);
	close(fd);
}

static void appending(void)
{
	struct stat st;
	int fd;

	fill("a", "appended", O_TRUNC);
	fd = (int)MUST(open("a", O_RDWR | O_APPEND));
	say("map: %s", mapped_fd(fd));
	MUST(lseek(fd, 0, SEEK_SET));
	SHOW("append", write(fd, "tail", 4));
	SHOW("flags", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
	SHOW("size, not closed", (fstat(fd, &st), st.st_size));
	SHOW("size by path", (stat("a", &st), st.st_size));
	say("map: %s", mapped_fd(fd));
	close(fd);
}

/* Opening, mapping and closing for writing changes nothing by itself. */
static void not_rewritten(void)
{
	struct stat before, after;
	char *p;
	int fd;

	fill("n", "original", 0);
	fd = (int)MUST(open("n", O_RDWR));
	fstat(fd, &before);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	memcpy(p, "private!", 8);
	fill("n", "newer...", 0);
	munmap(p, SIZE);
	close(fd);
	stat("n", &after);
	say("after the close: %s", mapped("n"));
	close(open("n", O_RDWR));
	say("after a mere open and close: %s", mapped("n"));
	SHOW("size", after.st_size);
	fd = (int)MUST(open("n", O_RDWR | O_TRUNC));
	close(fd);
	stat("n", &after);
	SHOW("size after O_TRUNC", after.st_size);
}

static void sizes(void)
{
	struct stat st;
	char *p;
	int fd;

	fill("s", "size....", 0);
	fd = (int)MUST(open("s", O_RDWR));
	mapped_fd(fd);
	MUST(ftruncate(fd, 3));
	say("shortened: %s", mapped_fd(fd));
	MUST(ftruncate(fd, SIZE));
	say("lengthened: %s", mapped_fd(fd));
	MUST(pwrite(fd, "end", 3, SIZE - 3));
	p = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	say("its end: %s", p + SIZE - 3);
	say("behind its end: %d", p[SIZE]);
	munmap(p, SIZE);
	MUST(pwrite(fd, "more", 4, 3 * SIZE));
	SHOW("size, not closed", (stat("s", &st), st.st_size));
	p = mmap(NULL, 3 * SIZE + 4, PROT_READ, MAP_PRIVATE, fd, 0);
	say("behind a hole: %.4s, in it: %d", p + 3 * SIZE, p[2 * SIZE]);
	munmap(p, 3 * SIZE + 4);
	/* A length beyond the size maps, and the last page is whole. */
	p = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE, fd, 0);
	say("long map: %.4s", p + 3 * SIZE);
	munmap(p, 1 << 20);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 28672);
	say("last page: %.4s", p + 3 * SIZE - 28672);
	munmap(p, 4096);
	SHOW("map beyond the end", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 1 << 20) ==
	     MAP_FAILED);
	close(fd);
}

/* Same size, same times, same tick: what was written last is what is there. */
static void rewrites(void)
{
	struct timespec times[2];
	char text[9], *p;
	int fd, i, right = 0;
	struct stat st;

	fill("r", "rewrite0", 0);
	stat("r", &st);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	say("first: %s", mapped("r"));
	fill("r", "rewrite1", 0);
	MUST(utimensat(AT_FDCWD, "r", times, 0));
	say("time put back: %s", mapped("r"));
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "new %04d", i);
		fill("r", text, i % 2 ? O_TRUNC : 0);
		if (i % 3 == 0)
			MUST(utimensat(AT_FDCWD, "r", times, 0));
		right += !strcmp(mapped("r"), text);
	}
	SHOW("quick rewrites", right);
	fd = (int)MUST(open("r", O_RDWR));
	for (i = right = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "fd %05d", i);
		MUST(pwrite(fd, text, 8, 0));
		right += !strcmp(mapped_fd(fd), text);
	}
	SHOW("quick rewrites by one fd", right);
	/* What was mapped before a rename or unlink stays. */
	p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	fill("r2", "renamed.", 0);
	MUST(utimensat(AT_FDCWD, "r2", times, 0));
	MUST(rename("r2", "r"));
	say("renamed over: %s", mapped("r"));
	say("old map %.8s, old fd %s", p, mapped_fd(fd));
	munmap(p, SIZE);
	close(fd);
	for (i = right = 0; i < 100; i++) {
		/* The number of the file is likely to be the same again. */
		MUST(unlink("r"));
		snprintf(text, sizeof(text), "ino %04d", i);
		fill("r", text, 0);
		MUST(utimensat(AT_FDCWD, "r", times, 0));
		right += !strcmp(mapped("r"), text);
	}
	SHOW("unlinked and made anew", right);
}

static void closing(void)
{
	int fd, keep, p[2], i, status = 0;
	char byte, *map;

	fill("c", "closing.", 0);
	fd = (int)MUST(open("c", O_RDONLY | O_CLOEXEC));
	keep = (int)MUST(open("c", O_RDONLY));
	mapped_fd(fd);
	mapped_fd(keep);
	SHOW("close-on-exec", fcntl(fd, F_GETFD));
	SHOW("not close-on-exec", fcntl(keep, F_GETFD));
	SHOW("after exec", wait_code(CHILD({
		char first[12], second[12];

		snprintf(first, sizeof(first), "%d", fd);
		snprintf(second, sizeof(second), "%d", keep);
		execl("/proc/self/exe", "shadows", "fds", first, second, (char *)NULL);
		_exit(90);
	})));
	/* Another process closes its copy of the descriptor. */
	MUST(pipe(p));
	for (i = 0; i < 2; i++)
		status += wait_code(CHILD({
			mapped_fd(keep);
			close(keep);
			_exit(0);
		}));
	SHOW("children that closed it", status);
	MUST(read(keep, &byte, 1));
	say("still read: %c, still mapped: %s", byte, mapped_fd(keep));
	map = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, keep, 0);
	close(keep);
	say("map after the close: %.8s", map);
	SHOW("fd is gone", fcntl(keep, F_GETFD));
	SHOW("map of the closed fd", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, keep, 0) ==
	     MAP_FAILED ? -1 : 0);
	close(fd);
	fill("c2", "another.", 0);
	fd = (int)MUST(open("c2", O_RDONLY));
	say("the number's next file: %d %s", fd, mapped_fd(fd));
	close(fd);
}

/* One number, several files, in several processes. */
static void numbers(void)
{
	int a, b, fd, i, right = 0;
	pid_t pid;

	fill("one", "file one", 0);
	fill("two", "file two", 0);
	fd = (int)MUST(open("one", O_RDONLY));
	a = (int)MUST(open("one", O_RDONLY));
	b = (int)MUST(open("two", O_RDONLY));
	mapped_fd(fd);
	for (i = 0; i < 50; i++) {
		MUST(dup2(i % 2 ? a : b, fd));
		right += !strcmp(mapped_fd(fd), i % 2 ? "file one" : "file two");
		right += !strcmp(mapped_fd(fd), i % 2 ? "file one" : "file two");
	}
	SHOW("files in turn", right);
	SHOW("in a child", wait_code(CHILD({
		int mine = !strcmp(mapped_fd(fd), "file one");

		dup2(b, fd);
		_exit(mine + 2 * !strcmp(mapped_fd(fd), "file two"));
	})));
	say("the parent's: %s", mapped_fd(fd));
	/* A child that shares the table. */
	pid = (pid_t)MUST(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		i = !strcmp(mapped_fd(fd), "file one");
		dup2(b, fd);
		_exit(i + 2 * !strcmp(mapped_fd(fd), "file two"));
	}
	SHOW("in a child with the same table", wait_code(pid));
	say("in that table: %s", mapped_fd(fd));
	MUST(dup2(a, fd));
	say("again: %s, %s", mapped_fd(fd), fcntl(b, F_GETFD) < 0 ? "gone" : "there");
	SHOW("a child of both", wait_code(CHILD(_exit(!strcmp(mapped_fd(fd), "file one")))));
	fill("one", "newer..1", 0);
	say("rewritten: %s", mapped_fd(fd));
	close(a);
	close(b);
	close(fd);
}

/* What one process maps, no other can change. */
static void sealed(void)
{
	char path[64], link[64] = "", *p, *q;
	int fd, again;

	fill("x", "sealed..", 0);
	MUST(chmod("x", 0400));
	fd = (int)MUST(open("x", O_RDONLY));
	p = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	q = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	SHOW("write", write(fd, "x", 1));
	SHOW("ftruncate", ftruncate(fd, 1));
	SHOW("fallocate", fallocate(fd, 0, 0, 1 << 20));
	SHOW("map shared writable", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
	     MAP_FAILED ? -1 : 0);
	SHOW("mprotect", mprotect(p, 4096, PROT_READ | PROT_WRITE));
	SHOW("get seals", fcntl(fd, 1034));
	SHOW("add seals", fcntl(fd, 1033, 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST(readlink(path, link, sizeof(link) - 1));
	say("link ends in: %s", strrchr(link, '/'));
	again = open(path, O_RDWR);
	SHOW("open for writing by /proc", geteuid() && again >= 0);
	again = (int)MUST(open(path, O_RDONLY));
	SHOW("ftruncate of that", ftruncate(again, 1));
	SHOW("map that shared writable", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
					      again, 0) == MAP_FAILED ? -1 : 0);
	SHOW("private copy", mprotect(q, 4096, PROT_READ | PROT_WRITE));
	memcpy(q, "mine....", 8);
	say("mine %.8s, shared %.8s, file %s", q, p, mapped("x"));
	SHOW("size", lseek(fd, 0, SEEK_END));
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "fds"))
		return (fcntl(atoi(argv[2]), F_GETFD) >= 0) * 2 +
		       (fcntl(atoi(argv[3]), F_GETFD) >= 0);
	offsets();
	appending();
	not_rewritten();
	sizes();
	rewrites();
	closing();
	numbers();
	sealed();
	return 0;
}
