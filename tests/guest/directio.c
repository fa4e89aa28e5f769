/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transfers that take the guest's pages themselves: O_DIRECT files, vmsplice.
 */
#include "guest.h"

int main(void)
{
	char *page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov;
	int fd, p[2];
	char buf[16];

	SHOW_OK("open", fd = open("file", O_CREAT | O_RDWR | O_DIRECT, 0600));
	memset(page, 'a', 32768);
	SHOW("write", write(fd, page, 32768));
	SHOW("odd length", pwrite(fd, page, 100, 32768) < 0 ? errno : 0);
	memset(page, 0, 32768);
	SHOW("read", pread(fd, page + 4096, 8192, 4096));
	say("got: %d%c%c%d", page[4095], page[4096], page[12287], page[12288]);
	SHOW("read past end", pread(fd, page, 65536, 0));
	SHOW("bad pointer", pread(fd, (void *)0x1000, 4096, 0));
	close(fd);
	fd = open("file", O_RDONLY);
	SHOW("seen without O_DIRECT", pread(fd, buf, 4, 8190));
	say("got: %.4s", buf);
	MUST(pipe(p));
	memcpy(page, "spliced", 7);
	iov = (struct iovec){ page, 7 };
	if (SHOW("vmsplice", syscall(SYS_vmsplice, p[1], &iov, 1, 0)) == 7) {
		SHOW("read", read(p[0], buf, sizeof(buf)));
		say("got: %.7s", buf);
	}
	write(p[1], "to user", 7);
	iov = (struct iovec){ page + 100, 7 };
	SHOW("vmsplice from pipe", syscall(SYS_vmsplice, p[0], &iov, 1, 0));
	say("got: %.7s", page + 100);
	return 0;
}
