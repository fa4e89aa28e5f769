/* SPDX-License-Identifier: GPL-2.0-only */
/* memfd_create: contents, size, seals, mapping, execution, and tmpfs files. */
#include "guest.h"

#define ADD_SEALS 1033
#define GET_SEALS 1034

/* Mappings that stores can come through keep the seal away, and only they. */
static void seal_under_mappings(void)
{
	int fd = (int)MUST(syscall(SYS_memfd_create, "mapped", 2));
	char *shared, *private;

	MUST(ftruncate(fd, 5000));
	shared = mmap(NULL, 5000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memcpy(shared, "stored", 6);
	private = mmap(NULL, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	say("mapped: %.6s", private);
	SHOW("seal, mapped shared", fcntl(fd, ADD_SEALS, 8));
	munmap(shared, 5000);
	SHOW("seal, mapped privately", fcntl(fd, ADD_SEALS, 8));
	memcpy(private, "other.", 6);
	SHOW("read", pread(fd, private + 8, 6, 0));
	say("mapped and read: %.6s %.6s", private, private + 8);
	close(fd);
}

int main(void)
{
	char buf[64] = "", *p;
	struct stat st;
	int fd, shm;

	if (getenv("MEMFD_TEST"))
		return 44;
	SHOW_OK("create", fd = (int)syscall(SYS_memfd_create, "name", 2));
	SHOW("write", write(fd, "contents", 8));
	SHOW("pread", pread(fd, buf, 8, 0));
	say("got: %s", buf);
	SHOW("truncate", ftruncate(fd, 5000));
	MUST(fstat(fd, &st));
	say("size %d mode %o", (int)st.st_size, st.st_mode);
	readlink("/proc/self/fd/3", buf, sizeof(buf) - 1);
	say("link: %.20s", buf);
	p = mmap(NULL, 5000, PROT_READ, MAP_PRIVATE, fd, 0);
	say("map: %.8s", p == MAP_FAILED ? strerror(errno) : p);
	p = mmap(NULL, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p != MAP_FAILED)
		p[0] = 'X';
	say("private write: %.8s", p == MAP_FAILED ? strerror(errno) : p);
	SHOW("seals", fcntl(fd, GET_SEALS));
	SHOW("seal", fcntl(fd, ADD_SEALS, 0xe));
	SHOW("seals", fcntl(fd, GET_SEALS));
	SHOW("write sealed", write(fd, "x", 1));
	SHOW("grow sealed", ftruncate(fd, 10000));
	SHOW("shrink sealed", ftruncate(fd, 1));
	SHOW("read sealed", pread(fd, buf, 4, 0));
	SHOW("seal without flag", fcntl((int)syscall(SYS_memfd_create, "n", 0), ADD_SEALS, 2));
	SHOW("bad flags", syscall(SYS_memfd_create, "n", 0x8000));
	SHOW("long name", syscall(SYS_memfd_create, memset((char[300]){0}, 'n', 299), 0));
	seal_under_mappings();
	SHOW("child writes", wait_code(CHILD({
		fd = (int)syscall(SYS_memfd_create, "n", 0);
		_exit(write(fd, "abc", 3) == 3 && lseek(fd, 0, SEEK_CUR) == 3 ? 0 : 1);
	})));
	SHOW("a program from memory", wait_code(CHILD({
		static char copy[1 << 16];
		int in = open("/proc/self/exe", O_RDONLY);
		int out = (int)syscall(SYS_memfd_create, "prog", 1);
		ssize_t n;
		char *args[] = { "prog", "again", NULL };

		while ((n = read(in, copy, sizeof(copy))) > 0)
			write(out, copy, (size_t)n);
		syscall(SYS_execveat, out, "", args, (char *[]){ "MEMFD_TEST=1", NULL }, AT_EMPTY_PATH);
		_exit(errno);
	})));
	SHOW_OK("file in /dev/shm or /tmp", shm = open("/tmp/kbox-guest-test", O_CREAT | O_RDWR | O_EXCL, 0600));
	SHOW("write", write(shm, "tmpfs", 5));
	SHOW("hole", pwrite(shm, "end", 3, 100000));
	MUST(fstat(shm, &st));
	say("size %d", (int)st.st_size);
	SHOW("unlink", unlink("/tmp/kbox-guest-test"));
	return 0;
}
