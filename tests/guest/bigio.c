/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Large and scattered transfers: megabytes by one call, many pieces, copies
 * between descriptors (sendfile, splice, tee, copy_file_range).
 * Run: limit 90
 */
#include "guest.h"
#include <sys/sendfile.h>

static unsigned char *data, *back;

#define SIZE (4UL << 20)

static unsigned long sum_file(const char *path)
{
	unsigned long sum = 5381;
	static unsigned char buf[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			sum = sum * 33 + buf[i];
	close(fd);
	return sum;
}

static void pieces(int fd)
{
	struct iovec iov[1024];
	size_t i, at = 0;
	long n;

	for (i = 0; i < 1024; i++) {
		iov[i] = (struct iovec){ data + at, i % 37 * 10 };
		at += i % 37 * 10;
	}
	SHOW("writev 1024", n = writev(fd, iov, 1024));
	memset(back, 0, SIZE);
	for (i = 0; i < 1024; i++)
		iov[i].iov_base = back + ((unsigned char *)iov[i].iov_base - data);
	SHOW("preadv 1024", preadv(fd, iov, 1024, 0));
	say("same: %d", !memcmp(data, back, (size_t)n));
	SHOW("pwritev", pwritev(fd, iov, 3, 7));
	SHOW("preadv2", syscall(SYS_preadv2, fd, iov, 3, 0L, 0L, 0));
	SHOW("preadv2 bad flags", syscall(SYS_preadv2, fd, iov, 3, 0L, 0L, 0x8000));
	SHOW("writev none", writev(fd, iov, 0));
	SHOW("preadv negative", preadv(fd, iov, -1, 0));
}

static void copies(void)
{
	int in = (int)MUST(open("big", O_RDONLY)), out = (int)MUST(open("copy", O_CREAT | O_RDWR | O_TRUNC, 0600));
	int p[2], q[2];
	off_t off = 1000;
	pid_t pid;

	SHOW("sendfile", sendfile(out, in, NULL, SIZE));
	say("sum: %lx", sum_file("copy"));
	SHOW("sendfile offset", sendfile(out, in, &off, 5000));
	say("offset %ld, file offset %ld", (long)off, (long)lseek(in, 0, SEEK_CUR));
	ftruncate(out, 0);
	lseek(out, 0, SEEK_SET);
	lseek(in, 0, SEEK_SET);
	SHOW("copy_file_range", syscall(SYS_copy_file_range, in, NULL, out, NULL, 1000000, 0));
	say("sum: %lx", sum_file("copy"));
	MUST(pipe(p));
	MUST(pipe(q));
	lseek(in, 0, SEEK_SET);
	SHOW("splice in", syscall(SYS_splice, in, NULL, p[1], NULL, 30000, 0));
	SHOW("tee", syscall(SYS_tee, p[0], q[1], 30000, 0));
	SHOW("splice out", syscall(SYS_splice, p[0], NULL, out, NULL, 30000, 0));
	SHOW("read tee", read(q[0], back, 30000));
	say("same: %d", !memcmp(data, back, 30000));
	SHOW("splice no pipe", syscall(SYS_splice, in, NULL, out, NULL, 100, 0));
	pid = CHILD({
		size_t left = SIZE;

		close(p[1]);
		while (left) {
			ssize_t n = read(p[0], back, SIZE);

			if (n <= 0)
				_exit(1);
			left -= (size_t)n;
		}
		_exit(read(p[0], back, 1) != 0);
	});
	SHOW("big write to a pipe", write(p[1], data, SIZE));
	close(p[1]);
	SHOW("reader", wait_code(pid));
}

int main(void)
{
	int fd;

	data = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	back = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 2654435761U >> 13);
	MUST(fd = open("big", O_CREAT | O_RDWR, 0600));
	SHOW("write 4 MiB", write(fd, data, SIZE));
	SHOW("pread 4 MiB", pread(fd, back, SIZE, 0));
	say("same: %d", !memcmp(data, back, SIZE));
	say("sum: %lx", sum_file("big"));
	SHOW("pread odd", pread(fd, back + 3, 123457, 4095));
	say("same: %d", !memcmp(data + 4095, back + 3, 123457));
	SHOW("read past end", pread(fd, back, SIZE, SIZE - 100));
	SHOW("far write", pwrite(fd, "far", 3, 1L << 32));
	SHOW("size", lseek(fd, 0, SEEK_END) == (1L << 32) + 3);
	SHOW("too far", pwrite(fd, "x", 1, INT64_MAX - 1));
	close(fd);
	MUST(fd = open("pieces", O_CREAT | O_RDWR, 0600));
	pieces(fd);
	close(fd);
	truncate("big", SIZE);
	copies();
	{
		struct rlimit lim = { 100000, RLIM_INFINITY };

		SHOW("RLIMIT_FSIZE", wait_code(CHILD({
			signal(SIGXFSZ, SIG_IGN);
			setrlimit(RLIMIT_FSIZE, &lim);
			fd = open("limited", O_CREAT | O_RDWR, 0600);
			if (write(fd, data, 200000) != 100000)
				_exit(1);
			_exit(write(fd, data, 1) < 0 ? errno : 0);
		})));
		SHOW("SIGXFSZ", wait_code(CHILD({
			struct rlimit none = { 0, 0 };

			setrlimit(RLIMIT_CORE, &none);
			setrlimit(RLIMIT_FSIZE, &lim);
			fd = open("limited", O_CREAT | O_RDWR, 0600);
			lseek(fd, 100000, SEEK_SET);
			write(fd, data, 1);
		})));
	}
	return 0;
}
