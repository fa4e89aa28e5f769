/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A signal during a blocked call: EINTR without SA_RESTART, or where the call
 * is never restarted; with SA_RESTART the call goes on. No byte is lost.
 * Run: limit 120
 */
#include "guest.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>

static volatile sig_atomic_t hits;

static void on_signal(int sig)
{
	(void)sig;
	hits++;
}

static int rp[2], lock_fd, sock[2], listener;

static void catch(int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGUSR1, &sa, NULL);
	hits = 0;
}

/* A child that signals after 60 ms and makes the call possible 60 ms later. */
static pid_t helper(void (*release)(void))
{
	pid_t me = getpid();

	return CHILD({
		sleep_ms(60);
		kill(me, SIGUSR1);
		sleep_ms(60);
		if (release)
			release();
	});
}

static void rel_pipe(void)
{
	write(rp[1], "bytes", 5);
}

static void rel_sock(void)
{
	write(sock[1], "bytes", 5);
}

static long do_read(void)
{
	char buf[16];

	return read(rp[0], buf, sizeof(buf));
}

static long do_recv(void)
{
	char buf[16];

	return recv(sock[0], buf, sizeof(buf), 0);
}

static long do_poll(void)
{
	struct pollfd pfd = { rp[0], POLLIN, 0 };

	return poll(&pfd, 1, 300);
}

static long do_select(void)
{
	struct timeval tv = { 0, 300000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(rp[0], &set);
	return select(rp[0] + 1, &set, NULL, NULL, &tv);
}

static long do_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);
	long r;

	epoll_ctl(ep, EPOLL_CTL_ADD, rp[0], &ev);
	r = epoll_wait(ep, &ev, 1, 300);
	{
		int e = errno;

		close(ep);
		errno = e;
	}
	return r;
}

static long do_nanosleep(void)
{
	struct timespec ts = { 0, 200000000 }, rem = { 0, 0 };
	long r = nanosleep(&ts, &rem);

	if (r < 0 && (rem.tv_nsec < 50000000 || rem.tv_nsec > 190000000))
		say("FAIL remaining time %ld", rem.tv_nsec);
	return r;
}

static long do_flock(void)
{
	long r = flock(lock_fd, LOCK_EX);
	int e = errno;

	flock(lock_fd, LOCK_UN);
	errno = e;
	return r;
}

static long do_setlkw(void)
{
	struct flock fl = { .l_type = F_WRLCK };
	long r = fcntl(lock_fd, F_SETLKW, &fl);
	int e = errno;

	fl.l_type = F_UNLCK;
	fcntl(lock_fd, F_SETLK, &fl);
	errno = e;
	return r;
}

static long do_wait(void)
{
	pid_t pid = CHILD(sleep_ms(160); _exit(3));
	int status = 0;
	long r = waitpid(pid, &status, 0);
	int e = errno;

	if (r < 0)
		wait_code(pid);
	errno = e;
	return r < 0 ? r : status_code(status);
}

static long do_futex(void)
{
	static sem_t sem;
	struct timespec ts;

	sem_init(&sem, 0, 0);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 200000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return sem_timedwait(&sem, &ts);
}

static long do_accept(void)
{
	long fd = accept(listener, NULL, NULL);

	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? fd : 0;
}

static long do_recv_timeout(void)
{
	struct timeval tv = { 0, 250000 }, off = { 0, 0 };
	long r;
	int e;

	setsockopt(sock[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	r = do_recv();
	e = errno;
	setsockopt(sock[0], SOL_SOCKET, SO_RCVTIMEO, &off, sizeof(off));
	errno = e;
	return r;
}

static void rel_connect(void)
{
	struct sockaddr sa = { .sa_family = AF_UNIX, .sa_data = "listener" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	connect(fd, &sa, sizeof(sa));
}

static void lock_for(long ms, int posix)
{
	int fd = open("lock", O_RDWR);
	struct flock fl = { .l_type = F_WRLCK };

	if (posix)
		fcntl(fd, F_SETLKW, &fl);
	else
		flock(fd, LOCK_EX);
	write(sock[1], "L", 1);
	sleep_ms(ms);
}

static void run(const char *name, long (*call)(void), void (*release)(void), int lock)
{
	static const int flags[] = { 0, SA_RESTART };

	for (int i = 0; i < 2; i++) {
		char label[64], c;
		pid_t locker = 0, other;
		long long start;
		long r, took;
		int e;

		if (lock) {
			locker = CHILD(lock_for(200, lock == 2));
			read(sock[0], &c, 1);
		}
		catch(flags[i]);
		other = helper(release);
		start = now_ms();
		errno = 0;
		r = call();
		e = errno;
		took = (long)(now_ms() - start);
		snprintf(label, sizeof(label), "%s%s", name, i ? " with SA_RESTART" : "");
		show_value(label, r, e);
		say("%s: handler ran %d, too early %d", label, (int)hits, took < 45);
		wait_code(other);
		if (locker)
			wait_code(locker);
		if (release == rel_pipe && fcntl(rp[0], F_SETFL, O_NONBLOCK) == 0) {
			char buf[32];

			SHOW("bytes left", read(rp[0], buf, sizeof(buf)));
			fcntl(rp[0], F_SETFL, 0);
		}
		if (release == rel_sock) {
			char buf[32];

			SHOW("bytes left", recv(sock[0], buf, sizeof(buf), MSG_DONTWAIT));
		}
		if (release == rel_connect && r < 0)
			do_accept();
	}
}

static long full_write(void)
{
	static char big[300000];

	return write(rp[1], big, sizeof(big));
}

int main(void)
{
	struct sockaddr sa = { .sa_family = AF_UNIX, .sa_data = "listener" };
	static char big[65536];
	pid_t pid;

	MUST(pipe(rp));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	MUST(listener = socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(bind(listener, &sa, sizeof(sa)));
	MUST(listen(listener, 5));
	MUST(put_file("lock", "", 0600));
	MUST(lock_fd = open("lock", O_RDWR));
	run("read", do_read, rel_pipe, 0);
	run("recv", do_recv, rel_sock, 0);
	run("accept", do_accept, rel_connect, 0);
	run("recv with timeout", do_recv_timeout, NULL, 0);
	run("poll", do_poll, NULL, 0);
	run("poll with data", do_poll, rel_pipe, 0);
	run("select", do_select, NULL, 0);
	run("epoll_wait", do_epoll, NULL, 0);
	run("nanosleep", do_nanosleep, NULL, 0);
	run("flock", do_flock, NULL, 1);
	run("F_SETLKW", do_setlkw, NULL, 2);
	run("waitpid", do_wait, NULL, 0);
	run("sem_timedwait", do_futex, NULL, 0);

	/* A write that has put something into the pipe returns what it put. */
	fcntl(rp[1], F_SETFL, O_NONBLOCK);
	while (write(rp[1], big, sizeof(big)) > 0)
		;
	fcntl(rp[1], F_SETFL, 0);
	for (int i = 0; i < 10; i++)
		read(rp[0], big, 4096);
	catch(0);
	pid = helper(NULL);
	SHOW("write interrupted", full_write());
	wait_code(pid);
	catch(0);
	pid = helper(NULL);
	SHOW("write to full pipe interrupted", full_write());
	wait_code(pid);

	/* A stream of signals never costs the reader a byte. */
	catch(SA_RESTART);
	close(rp[0]);
	close(rp[1]);
	MUST(pipe(rp));
	pid = getpid();
	{
		pid_t writer = CHILD({
			for (int i = 0; i < 400; i++) {
				unsigned char c = (unsigned char)i;

				kill(pid, SIGUSR1);
				write(rp[1], &c, 1);
				if (i % 20 == 0)
					sleep_ms(1);
			}
		});
		int wrong = 0, n = 0;
		unsigned char c;

		close(rp[1]);
		while (read(rp[0], &c, 1) == 1) {
			wrong += c != (unsigned char)n;
			n++;
		}
		say("stream: %d bytes, %d wrong, signals %d", n, wrong, hits > 0);
		SHOW("writer", wait_code(writer));
	}
	return 0;
}
