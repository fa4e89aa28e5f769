/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pipes and FIFOs between processes: order, end of file, SIGPIPE and EPIPE,
 * non-blocking ends, capacity, large transfers through a chain.
 * Run: dyn
 */
#include "guest.h"
#include <sys/ioctl.h>

static void chain(void)
{
	int in, i;
	pid_t pids[4];
	int p[2];
	unsigned long sum = 0, total = 0;
	static unsigned char buf[65536];
	ssize_t n;

	MUST(pipe(p));
	pids[0] = CHILD({
		close(p[0]);
		for (int k = 0; k < 1024 * 1024; k += 4096) {
			for (int j = 0; j < 4096; j++)
				buf[j] = (unsigned char)(j * 7 + k / 4096);
			if (write(p[1], buf, 4096) != 4096)
				_exit(1);
		}
	});
	close(p[1]);
	in = p[0];
	for (i = 1; i < 4; i++) {
		MUST(pipe(p));
		pids[i] = CHILD({
			close(p[0]);
			while ((n = read(in, buf, (size_t)(1000 * i))) > 0)
				for (ssize_t done = 0; done < n;) {
					ssize_t w = write(p[1], buf + done, (size_t)(n - done));

					if (w < 0)
						_exit(2);
					done += w;
				}
			_exit(n < 0);
		});
		close(p[1]);
		close(in);
		in = p[0];
	}
	while ((n = read(in, buf, sizeof(buf))) > 0) {
		for (ssize_t k = 0; k < n; k++)
			sum = sum * 31 + buf[k];
		total += (unsigned long)n;
	}
	close(in);
	say("chain: %lu bytes, sum %lx", total, sum);
	for (i = 0; i < 4; i++)
		SHOW("chain stage", wait_code(pids[i]));
}

static void broken(void)
{
	int p[2];
	pid_t pid;
	char c;

	MUST(pipe(p));
	close(p[0]);
	SHOW("SIGPIPE death", wait_code(CHILD({
		signal(SIGPIPE, SIG_DFL);
		write(p[1], "x", 1);
		_exit(1);
	})));
	signal(SIGPIPE, SIG_IGN);
	SHOW("EPIPE", write(p[1], "x", 1));
	SHOW("write 0 to broken", write(p[1], "x", 0));
	close(p[1]);

	MUST(pipe(p));
	/* A child holds the only read end and closes it while a writer blocks. */
	pid = CHILD({
		static char big[200000];
		pid_t reader = CHILD(close(p[1]); sleep_ms(50));
		ssize_t n;

		close(p[0]);
		n = write(p[1], big, sizeof(big));
		wait_code(reader);
		_exit(n == 65536 ? 10 : n < 0 ? errno : 11);
	});
	close(p[0]);
	close(p[1]);
	SHOW("reader goes while writer blocks", wait_code(pid));

	MUST(pipe(p));
	write(p[1], "abc", 3);
	close(p[1]);
	SHOW("rest after close", read(p[0], &c, 1));
	SHOW("rest", read(p[0], (char[8]){0}, 8));
	SHOW("end of file", read(p[0], &c, 1));
	close(p[0]);
}

static void nonblocking(void)
{
	int p[2], n;
	long total = 0;
	static char buf[4096];
	struct pollfd pfd;

	MUST(pipe2(p, O_NONBLOCK));
	SHOW("empty", read(p[0], buf, 1));
	SHOW("capacity", fcntl(p[1], F_GETPIPE_SZ));
	while ((n = (int)write(p[1], buf, sizeof(buf))) > 0)
		total += n;
	SHOW("full", write(p[1], buf, 1));
	say("held: %ld", total);
	SHOW("FIONREAD", ioctl(p[0], FIONREAD, &n));
	say("FIONREAD: %d", n);
	pfd = (struct pollfd){ p[1], POLLOUT, 0 };
	SHOW("poll full", poll(&pfd, 1, 0));
	SHOW("drain one page", read(p[0], buf, 4096));
	SHOW("poll again", poll(&pfd, 1, 0));
	say("revents: %d", pfd.revents);
	SHOW("set capacity", fcntl(p[1], F_SETPIPE_SZ, 131072));
	close(p[0]);
	pfd = (struct pollfd){ p[1], POLLOUT, 0 };
	SHOW("poll broken", poll(&pfd, 1, 0));
	say("revents: %#x", (unsigned)pfd.revents);
	close(p[1]);

	MUST(pipe2(p, O_DIRECT));
	write(p[1], "one", 3);
	write(p[1], "three", 5);
	SHOW("packet", read(p[0], buf, 100));
	SHOW("packet", read(p[0], buf, 2));
	close(p[0]);
	close(p[1]);
}

static void fifos(void)
{
	pid_t pid;
	int fd;
	char buf[32] = "";

	SHOW("mkfifo", mkfifo("fifo", 0600));
	SHOW("open write nonblock", open("fifo", O_WRONLY | O_NONBLOCK));
	pid = CHILD({
		int w = open("fifo", O_WRONLY);

		write(w, "through the fifo", 16);
	});
	SHOW("open read", (fd = open("fifo", O_RDONLY)) >= 0);
	SHOW("read", read(fd, buf, sizeof(buf) - 1));
	say("got: %s", buf);
	SHOW("end", read(fd, buf, 1));
	SHOW("writer", wait_code(pid));
	close(fd);
}

int main(void)
{
	int p[2], q[2], i;
	pid_t pid;
	char c = 0;

	signal(SIGPIPE, SIG_DFL);
	MUST(pipe(p));
	MUST(pipe(q));
	pid = CHILD({
		for (i = 0; i < 500; i++) {
			if (read(p[0], &c, 1) != 1)
				_exit(1);
			c++;
			if (write(q[1], &c, 1) != 1)
				_exit(2);
		}
	});
	for (i = 0; i < 500; i++) {
		write(p[1], &c, 1);
		read(q[0], &c, 1);
	}
	say("ping-pong: %d", (unsigned char)c);
	SHOW("partner", wait_code(pid));
	chain();
	broken();
	nonblocking();
	fifos();
	return 0;
}
