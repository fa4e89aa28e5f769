/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dup and fork share a file's offset, two opens do not; seeks, appends and
 * positional reads and writes.
 */
#include "guest.h"

int main(void)
{
	int a, b, c, i, p[2];
	char buf[64];
	pid_t pids[8];

	MUST(put_file("file", "0123456789abcdefghij", 0600));
	MUST(a = open("file", O_RDWR));
	MUST(b = dup(a));
	MUST(c = open("file", O_RDWR));
	SHOW("read 4 of a", read(a, buf, 4));
	SHOW("offset of dup", lseek(b, 0, SEEK_CUR));
	SHOW("offset of second open", lseek(c, 0, SEEK_CUR));
	SHOW("child reads 3", wait_code(CHILD(_exit(read(a, buf, 3) == 3 && buf[0] == '4' ? 0 : 1))));
	SHOW("parent offset", lseek(a, 0, SEEK_CUR));
	SHOW("child of second open", wait_code(CHILD(_exit((int)lseek(c, 5, SEEK_SET)))));
	SHOW("second open", lseek(c, 0, SEEK_CUR));
	SHOW("first", lseek(a, 0, SEEK_CUR));
	SHOW("pread", pread(a, buf, 5, 10));
	say("pread got: %.5s", buf);
	SHOW("pread moves nothing", lseek(a, 0, SEEK_CUR));
	SHOW("pwrite", pwrite(c, "XY", 2, 0));
	SHOW("pread", pread(a, buf, 3, 0));
	say("pread got: %.3s", buf);
	SHOW("pread negative", pread(a, buf, 3, -1));
	SHOW("lseek end", lseek(a, 0, SEEK_END));
	SHOW("read at end", read(a, buf, 3));
	SHOW("lseek past end", lseek(a, 100, SEEK_SET));
	SHOW("read past end", read(a, buf, 3));
	SHOW("lseek negative", lseek(a, -1, SEEK_SET));
	SHOW("lseek bad whence", lseek(a, 0, 99));
	SHOW("write past end", write(a, "end", 3));
	SHOW("lseek hole", lseek(a, 0, SEEK_END));
	SHOW("read the hole", pread(a, buf, 4, 50));
	say("hole is zero: %d", !memcmp(buf, "\0\0\0\0", 4));
	MUST(pipe(p));
	SHOW("lseek pipe", lseek(p[0], 0, SEEK_CUR));

	SHOW("append open", b = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600));
	for (i = 0; i < 8; i++)
		pids[i] = CHILD({
			for (int k = 0; k < 50; k++)
				write(b, "0123456789abcde\n", 16);
		});
	for (i = 0; i < 8; i++)
		wait_code(pids[i]);
	SHOW("appended", lseek(b, 0, SEEK_END));
	{
		static char all[8192];
		int bad = 0;

		SHOW("log size", get_file("log", all, sizeof(all)));
		for (i = 0; i < 400; i++)
			bad += memcmp(all + 16 * i, "0123456789abcde\n", 16) != 0;
		say("torn lines: %d", bad);
	}
	SHOW("shared offset open", b = open("shared", O_RDWR | O_CREAT, 0600));
	for (i = 0; i < 4; i++)
		pids[i] = CHILD({
			for (int k = 0; k < 50; k++)
				write(b, "0123456789abcde\n", 16);
		});
	for (i = 0; i < 4; i++)
		wait_code(pids[i]);
	SHOW("one after the other", lseek(b, 0, SEEK_CUR));
	return 0;
}
