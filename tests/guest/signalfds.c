/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signalfd: reading pending signals as records, polling, epoll, waiting reads,
 * children and timers, masks, threads, bad use.
 * Run: glibc
 */
#include "guest.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>

static struct signalfd_siginfo si[4];

static sigset_t set_of(int one, int two)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, one);
	sigaddset(&set, two);
	return set;
}

/* Nothing of one part is pending in the next. */
static void drain(void)
{
	struct timespec zero = { 0, 0 };
	sigset_t set;

	sigfillset(&set);
	while (sigtimedwait(&set, NULL, &zero) > 0)
		;
}

static void basics(void)
{
	struct signalfd_siginfo parts[2];
	struct iovec iov[2] = { { parts, sizeof(parts[0]) },
				{ parts + 1, sizeof(parts[0]) } };
	sigset_t set = set_of(SIGUSR1, SIGUSR1);
	pid_t me = getpid(), pid;
	union sigval value = { .sival_int = 4711 };
	struct pollfd pfd;
	void *volatile bad = (void *)0x10;
	int fd;

	SHOW("bad pointer", syscall(SYS_signalfd4, -1, 0x10, 8, 0));
	SHOW("bad size", syscall(SYS_signalfd4, -1, &set, 16, 0));
	SHOW("bad flags", signalfd(-1, &set, 0x7000));
	SHOW("not a signalfd", signalfd(1, &set, 0));
	SHOW("not open", signalfd(77, &set, 0));
	if (SHOW("signalfd", fd = signalfd(-1, &set, SFD_NONBLOCK)) < 0)
		exit(1);
	SHOW("flags", fcntl(fd, F_GETFL) & O_NONBLOCK);
	SHOW("close-on-exec", fcntl(fd, F_GETFD));
	SHOW("empty", read(fd, si, sizeof(si)));
	SHOW("write", write(fd, si, sizeof(si)));
	SHOW("seek", lseek(fd, 0, SEEK_SET));
	pfd = (struct pollfd){ fd, POLLIN | POLLOUT, 0 };
	SHOW("poll of nothing", poll(&pfd, 1, 20));
	pid = CHILD(kill(me, SIGUSR1));
	SHOW("child", wait_code(pid));
	SHOW("poll", poll(&pfd, 1, 1000));
	SHOW("events", pfd.revents);
	SHOW("short read", read(fd, si, 8));
	SHOW("bad buffer", read(fd, bad, sizeof(si[0])));
	SHOW("poll", poll(&pfd, 1, 0));
	raise(SIGUSR1);
	SHOW("read", read(fd, si, sizeof(si)));
	say("signal %d of %d", (int)si[0].ssi_signo, (pid_t)si[0].ssi_pid == me);
	SHOW("queue", sigqueue(me, SIGUSR1, value));
	SHOW("read", read(fd, si, sizeof(si)));
	say("signal %d code %d value %d", (int)si[0].ssi_signo, (int)si[0].ssi_code, (int)si[0].ssi_int);
	raise(SIGUSR1);
	raise(SIGUSR2);
	set = set_of(SIGUSR1, SIGUSR2);
	SHOW("poll before", poll(&pfd, 1, 0));
	SHOW("change the mask", signalfd(fd, &set, 0) == fd);
	SHOW("readv", readv(fd, iov, 2));
	say("signals %d %d", (int)parts[0].ssi_signo, (int)parts[1].ssi_signo);
	SHOW("empty", read(fd, si, sizeof(si)));
	SHOW("pread", pread(fd, si, sizeof(si), 0));
	SHOW("close", close(fd));
	SHOW("closed", read(fd, si, sizeof(si)));
}

static void *sender(void *arg)
{
	(void)arg;
	sleep_ms(30);
	kill(getpid(), SIGUSR2);
	return NULL;
}

static void waiting(void)
{
	sigset_t set = set_of(SIGUSR2, SIGCHLD);
	struct itimerval timer = { .it_value = { .tv_usec = 30000 } };
	int fd = (int)SHOW("signalfd", signalfd(-1, &set, SFD_CLOEXEC));
	pid_t me = getpid(), pid;
	pthread_t thread;

	SHOW("close-on-exec", fcntl(fd, F_GETFD));
	pid = CHILD(sleep_ms(30); kill(me, SIGUSR2); sleep_ms(30); _exit(3));
	SHOW("waiting read", read(fd, si, sizeof(si[0])));
	say("signal %d from the child %d", (int)si[0].ssi_signo, (pid_t)si[0].ssi_pid == pid);
	SHOW("waiting read", read(fd, si, sizeof(si[0])));
	say("signal %d child %d status %d", (int)si[0].ssi_signo, (pid_t)si[0].ssi_pid == pid, si[0].ssi_status);
	SHOW("child", wait_code(pid));
	pthread_create(&thread, NULL, sender, NULL);
	SHOW("from a thread", read(fd, si, sizeof(si)));
	pthread_join(thread, NULL);
	set = set_of(SIGALRM, SIGALRM);
	signalfd(fd, &set, 0);
	setitimer(ITIMER_REAL, &timer, NULL);
	SHOW("timer", read(fd, si, sizeof(si)));
	say("signal %d", (int)si[0].ssi_signo);
	close(fd);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* Another signal, with a handler, ends a waiting read. */
static void interrupted(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t set = set_of(SIGUSR2, SIGUSR2), open = set_of(SIGHUP, SIGHUP);
	int fd = signalfd(-1, &set, 0);
	pid_t me = getpid(), pid;

	sigprocmask(SIG_UNBLOCK, &open, NULL);
	sigaction(SIGHUP, &action, NULL);
	pid = CHILD(sleep_ms(30); kill(me, SIGHUP));
	SHOW("interrupted", read(fd, si, sizeof(si)));
	wait_code(pid);
	action.sa_flags = SA_RESTART;
	sigaction(SIGHUP, &action, NULL);
	pid = CHILD(sleep_ms(30); kill(me, SIGHUP); sleep_ms(30); kill(me, SIGUSR2));
	SHOW("restarted", read(fd, si, sizeof(si)));
	wait_code(pid);
	close(fd);
}

/* The loop of an event-driven program. */
static void loop(void)
{
	sigset_t set = set_of(SIGUSR1, SIGCHLD);
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	int ep = epoll_create1(0), pipes[2], n, left = 3;
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
	pid_t me = getpid(), pid;
	char byte;

	MUST(pipe(pipes));
	SHOW("add", epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
	event.data.fd = pipes[0];
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &event));
	SHOW("nothing", epoll_wait(ep, &event, 1, 10));
	pid = CHILD({
		sleep_ms(20);
		kill(me, SIGUSR1);
		sleep_ms(40);
		write(pipes[1], "x", 1);
		sleep_ms(40);
		_exit(9);
	});
	while (left--) {
		n = epoll_wait(ep, &event, 1, 5000);
		if (n == 1 && event.data.fd == fd) {
			n = (int)read(fd, si, sizeof(si));
			say("loop: %d bytes, signal %d", n, (int)si[0].ssi_signo);
		} else {
			n = (int)read(pipes[0], &byte, 1);
			say("loop: %d byte", n);
		}
	}
	SHOW("child", wait_code(pid));
	SHOW("nothing", epoll_wait(ep, &event, 1, 10));
	raise(SIGUSR1);
	SHOW("again", epoll_wait(ep, &event, 1, 1000));
	SHOW("level", epoll_wait(ep, &event, 1, 0));
	SHOW("read", read(fd, si, sizeof(si)));
	SHOW("nothing", epoll_wait(ep, &event, 1, 0));
	close(ep);
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
}

/* Each process sees its own signals through a descriptor that it inherited. */
static void inherited(void)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR1);
	int fd = signalfd(-1, &set, SFD_NONBLOCK);
	struct timeval limit = { .tv_sec = 5 };
	fd_set fds;
	pid_t pid;

	raise(SIGUSR1);
	pid = CHILD({
		SHOW("child: nothing", read(fd, si, sizeof(si)));
		raise(SIGUSR1);
		SHOW("child: own", read(fd, si, sizeof(si)));
		say("child: %d", (pid_t)si[0].ssi_pid == getpid());
	});
	SHOW("child", wait_code(pid));
	FD_ZERO(&fds);
	FD_SET(fd, &fds);
	SHOW("select", select(fd + 1, &fds, NULL, NULL, &limit));
	SHOW("dup", read(dup2(fd, 20), si, sizeof(si)));
	close(fd);
	close(20);
}

static void shown(void)
{
	sigset_t set = set_of(SIGINT, SIGUSR2);
	int fd = signalfd(-1, &set, 0);
	char path[64], text[512], *at;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, text, sizeof(text) - 1);
	text[len < 0 ? 0 : len] = '\0';
	say("link %s", text);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	get_file(path, text, sizeof(text));
	at = strstr(text, "sigmask:");
	say("info %s", at ? at : "-");
	close(fd);
}

int main(void)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR2);

	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	basics();
	drain();
	waiting();
	drain();
	interrupted();
	drain();
	loop();
	drain();
	inherited();
	shown();
	return 0;
}
