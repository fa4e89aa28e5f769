/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writable shared mappings of files: coherent with read and write, seen by
 * other processes, there after msync, munmap and exit.
 */
#include "guest.h"

int main(void)
{
	char buf[16] = "", *p, *q;
	int fd, mem;

	MUST(fd = open("file", O_RDWR | O_CREAT, 0600));
	MUST(ftruncate(fd, 8192));
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW("shared writable", p == MAP_FAILED ? -1 : 0);
	mem = (int)syscall(SYS_memfd_create, "m", 0);
	MUST(ftruncate(mem, 4096));
	q = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mem, 0);
	SHOW("shared writable memfd", q == MAP_FAILED ? -1 : 0);
	if (q != MAP_FAILED) {
		strcpy(q, "memory");
		SHOW("memfd read", pread(mem, buf, 6, 0));
		say("read: %s", buf);
		wait_code(CHILD(strcpy(q, "child!")));
		say("from child: %s", q);
	}
	if (p == MAP_FAILED)
		return 0;
	strcpy(p + 4096, "mapped");
	MUST(pread(fd, buf, 6, 4096));
	say("read sees: %s", buf);
	MUST(pwrite(fd, "written", 7, 0));
	say("map sees: %s", p);
	wait_code(CHILD(strcpy(p + 100, "from child")));
	say("parent sees: %s", p + 100);
	SHOW("msync", msync(p, 8192, MS_SYNC));
	strcpy(p + 200, "after msync");
	SHOW("munmap", munmap(p, 8192));
	MUST(pread(fd, buf, 11, 200));
	say("read sees: %.11s", buf);
	wait_code(CHILD({
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		memcpy(p, "by exit", 7);
	}));
	MUST(pread(fd, buf, 7, 0));
	say("read sees: %.7s", buf);
	return 0;
}
