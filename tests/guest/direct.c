/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * O_DIRECT and vmsplice, which move pages instead of bytes: nothing beside the
 * buffer changes, bad memory gives errors, large transfers work.
 */
#include "guest.h"

#define SIZE (8UL << 20)
#define GUARD 0x5a

static unsigned char *data, *back;

static unsigned char *area(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Bytes of @back outside of [from, to) that are not GUARD. */
static int touched(size_t from, size_t to, size_t end)
{
	int n = 0;

	for (size_t i = 0; i < end; i++)
		n += (i < from || i >= to) && back[i] != GUARD;
	return n;
}

static void within_pages(int fd)
{
	struct iovec iov[3];

	memset(back, GUARD, 65536);
	SHOW("into the middle of pages", pread(fd, back + 512, 8192, 4096));
	say("same: %d, beside: %d", !memcmp(back + 512, data + 4096, 8192), touched(512, 512 + 8192, 65536));
	memset(back, GUARD, 65536);
	iov[0] = (struct iovec){ back + 1024, 4096 };
	iov[1] = (struct iovec){ back + 16384, 8192 };
	iov[2] = (struct iovec){ back + 40960 + 512, 4096 };
	SHOW("pieces", preadv(fd, iov, 3, 8192));
	say("same: %d %d %d", !memcmp(back + 1024, data + 8192, 4096), !memcmp(back + 16384, data + 12288, 8192),
	    !memcmp(back + 40960 + 512, data + 20480, 4096));
	say("guards: %d %d %d", back[1023] == GUARD && back[5120] == GUARD, back[16383] == GUARD && back[24576] == GUARD,
	    back[40960 + 511] == GUARD && back[40960 + 512 + 4096] == GUARD);
	memset(back, GUARD, 65536);
	SHOW("at the end of the file", pread(fd, back, 8192, SIZE - 4096));
	say("same: %d, beyond: %d", !memcmp(back, data + SIZE - 4096, 4096), touched(0, 4096, 65536));
	SHOW("past the end", pread(fd, back, 4096, SIZE));
}

static void bad_memory(int fd)
{
	unsigned char *bad = area(16384);
	long pos;

	MUST(munmap(bad + 8192, 8192));
	SHOW("unmapped", pread(fd, bad + 8192, 4096, 0));
	MUST(lseek(fd, 0, SEEK_SET));
	pos = read(fd, bad, 16384);
	say("half unmapped: %d, position as told: %d", pos == 8192 || pos < 0, lseek(fd, 0, SEEK_CUR) == (pos < 0 ? 0 : pos));
	MUST(mprotect(bad, 4096, PROT_READ));
	SHOW("read-only", pread(fd, bad, 4096, 0));
	SHOW("write from unmapped", pwrite(fd, bad + 8192, 4096, 0));
	SHOW("write from read-only", pwrite(fd, memcpy(bad + 4096, data, 4096), 4096, 0));
	SHOW("odd address", pread(fd, back + 1, 4096, 0) == 4096 || errno == EINVAL);
}

static void pipes(void)
{
	struct iovec iov[2] = { { data + 100, 6000 }, { data + 20000, 3000 } };
	int p[2];

	MUST(pipe(p));
	SHOW("vmsplice", syscall(SYS_vmsplice, p[1], iov, 2, 0));
	SHOW("read", read(p[0], back, 20000));
	say("same: %d %d", !memcmp(back, data + 100, 6000), !memcmp(back + 6000, data + 20000, 3000));
	MUST(write(p[1], data, 5000));
	memset(back, GUARD, 65536);
	iov[0] = (struct iovec){ back + 10, 5000 };
	SHOW("vmsplice out", syscall(SYS_vmsplice, p[0], iov, 1, 0));
	say("same: %d, beside: %d", !memcmp(back + 10, data, 5000), touched(10, 5010, 65536));
	iov[0] = (struct iovec){ (void *)8, 100 };
	SHOW("vmsplice of a bad address", syscall(SYS_vmsplice, p[1], iov, 1, 0));
}

int main(void)
{
	int fd;

	data = area(SIZE);
	back = area(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 2654435761U >> 13);
	MUST(fd = open("direct", O_CREAT | O_RDWR | O_DIRECT, 0600));
	SHOW("write", write(fd, data, SIZE));
	SHOW("sync", fsync(fd));
	SHOW("read back", pread(fd, back, SIZE, 0));
	say("same: %d", !memcmp(data, back, SIZE));
	SHOW("in the middle of pages", pwrite(fd, data + 512, 8192, 0));
	SHOW("read back", pread(fd, back, 8192, 0));
	say("same: %d", !memcmp(data + 512, back, 8192));
	MUST(pwrite(fd, data, 8192, 0));
	within_pages(fd);
	bad_memory(fd);
	pipes();
	return 0;
}
