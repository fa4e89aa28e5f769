/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * epoll, poll, select, eventfd, timerfd, inotify and a folder's signals as
 * sources and waiters of events.
 */
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/timerfd.h>

static void epolls(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 0x123456789abcdefULL }, got[4];
	int ep, p[2], q[2], n;
	long long start;
	char c;

	MUST(ep = epoll_create1(EPOLL_CLOEXEC));
	MUST(pipe(p));
	MUST(pipe(q));
	SHOW("add", epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	SHOW("add again", epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	SHOW("add itself", epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev));
	SHOW("add file", epoll_ctl(ep, EPOLL_CTL_ADD, open("file", O_CREAT | O_RDWR, 0600), &ev));
	SHOW("modify missing", epoll_ctl(ep, EPOLL_CTL_MOD, q[0], &ev));
	SHOW("nothing ready", epoll_wait(ep, got, 4, 0));
	start = now_ms();
	SHOW("timeout", epoll_wait(ep, got, 4, 80));
	say("waited: %d", now_ms() - start >= 79 && now_ms() - start < 2000);
	write(p[1], "xy", 2);
	SHOW("ready", epoll_wait(ep, got, 4, 1000));
	say("events %#x data %d", (unsigned)got[0].events, got[0].data.u64 == ev.data.u64);
	read(p[0], &c, 1);
	SHOW("level", epoll_wait(ep, got, 4, 0));
	ev.events = EPOLLIN | EPOLLET;
	SHOW("to edge", epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	SHOW("first", epoll_wait(ep, got, 4, 0));
	SHOW("second", epoll_wait(ep, got, 4, 0));
	write(p[1], "z", 1);
	SHOW("new edge", epoll_wait(ep, got, 4, 0));
	ev.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev);
	SHOW("oneshot", epoll_wait(ep, got, 4, 0));
	SHOW("oneshot again", epoll_wait(ep, got, 4, 0));
	ev.events = EPOLLIN;
	epoll_ctl(ep, EPOLL_CTL_ADD, q[0], &ev);
	n = (int)CHILD(sleep_ms(40); write(q[1], "x", 1));
	SHOW("woken by child", epoll_wait(ep, got, 4, 5000));
	wait_code(n);
	close(q[1]);
	read(q[0], &c, 1);
	SHOW("hang-up", epoll_wait(ep, got, 4, 1000));
	say("events %#x", (unsigned)got[0].events);
	SHOW("delete", epoll_ctl(ep, EPOLL_CTL_DEL, q[0], NULL));
	SHOW("bad count", epoll_wait(ep, got, 0, 0));
	SHOW("not an epoll", epoll_wait(p[0], got, 1, 0));
	syscall(SYS_close_range, 3, ~0U, 0);
}

static void polls(void)
{
	struct pollfd pfd[3];
	struct timeval tv = { 0, 50000 };
	struct timespec ts = { 0, 50000000 };
	long long start = now_ms();
	sigset_t none;
	fd_set set;
	int p[2];
	pid_t pid;

	MUST(pipe(p));
	pfd[0] = (struct pollfd){ p[0], POLLIN, 0 };
	pfd[1] = (struct pollfd){ 99, POLLIN, 0 };
	pfd[2] = (struct pollfd){ -1, POLLIN, 0x55 };
	SHOW("poll mixed", poll(pfd, 3, 1000));
	say("revents %#x %#x %#x", pfd[0].revents, pfd[1].revents, pfd[2].revents);
	SHOW("poll timeout", poll(pfd, 1, 50));
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	SHOW("select timeout", select(p[0] + 1, &set, NULL, NULL, &tv));
	say("left %ld, set %d", (long)tv.tv_usec, FD_ISSET(p[0], &set) != 0);
	sigemptyset(&none);
	SHOW("ppoll timeout", ppoll(pfd, 1, &ts, &none));
	say("waited: %d", now_ms() - start >= 149 && now_ms() - start < 3000);
	pid = CHILD(sleep_ms(30); write(p[1], "x", 1));
	SHOW("poll for ever", poll(pfd, 1, -1));
	wait_code(pid);
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	tv.tv_sec = 1;
	SHOW("select ready", select(p[0] + 1, &set, NULL, NULL, &tv));
	FD_ZERO(&set);
	FD_SET(50, &set);
	SHOW("select bad fd", select(51, &set, NULL, NULL, &tv));
	SHOW("select negative", select(-1, NULL, NULL, NULL, &tv));
	SHOW("poll nothing", poll(NULL, 0, 20));
	pfd[0] = (struct pollfd){ open("file", O_RDWR), POLLIN | POLLOUT, 0 };
	SHOW("poll file", poll(pfd, 1, 0));
	syscall(SYS_close_range, 3, ~0U, 0);
}

static void counters(void)
{
	struct itimerspec it = { .it_value.tv_nsec = 30000000 }, now;
	struct pollfd pfd;
	uint64_t v = 5;
	pid_t pid;
	int fd;

	MUST(fd = eventfd(3, EFD_NONBLOCK));
	SHOW("eventfd write", write(fd, &v, 8));
	SHOW("eventfd read", read(fd, &v, 8));
	say("value %d", (int)v);
	SHOW("eventfd empty", read(fd, &v, 8));
	SHOW("eventfd short", read(fd, &v, 4));
	v = ~0ULL;
	SHOW("eventfd too much", write(fd, &v, 8));
	MUST(fd = eventfd(0, EFD_SEMAPHORE));
	pid = CHILD(v = 2; sleep_ms(20); write(fd, &v, 8));
	SHOW("semaphore", read(fd, &v, 8));
	SHOW("semaphore", read(fd, &v, 8));
	say("value %d", (int)v);
	wait_code(pid);

	MUST(fd = timerfd_create(CLOCK_MONOTONIC, 0));
	SHOW("timerfd arm", timerfd_settime(fd, 0, &it, NULL));
	SHOW("timerfd get", timerfd_gettime(fd, &now));
	say("left: %d", now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 30000000);
	SHOW("timerfd read", read(fd, &v, 8));
	say("expired %d", (int)v);
	it.it_interval.tv_nsec = 10000000;
	timerfd_settime(fd, 0, &it, NULL);
	sleep_ms(100);
	SHOW("timerfd periodic", read(fd, &v, 8));
	say("several: %d", v >= 3 && v <= 30);
	pfd = (struct pollfd){ fd, POLLIN, 0 };
	SHOW("timerfd poll", poll(&pfd, 1, 1000));
	SHOW("timerfd bad clock", timerfd_create(77, 0));

	syscall(SYS_close_range, 3, ~0U, 0);
}

static void notify(void)
{
	union {
		char bytes[4096];
		struct inotify_event ev;
	} u;
	int fd, wd, wd2;
	ssize_t n;

	MUST(mkdir("watched", 0755));
	MUST(fd = inotify_init1(IN_NONBLOCK));
	SHOW("watch", wd = inotify_add_watch(fd, "watched", IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVE | IN_CLOSE_WRITE));
	SHOW("watch missing", inotify_add_watch(fd, "nothing", IN_CREATE));
	SHOW("nothing yet", read(fd, u.bytes, sizeof(u)));
	wait_code(CHILD({
		put_file("watched/one", "x", 0600);
		rename("watched/one", "watched/two");
		unlink("watched/two");
	}));
	n = read(fd, u.bytes, sizeof(u));
	for (ssize_t at = 0; at < n;) {
		struct inotify_event *ev = (void *)(u.bytes + at);

		say("event %#x %s own %d", ev->mask, ev->len ? ev->name : "", ev->wd == wd);
		at += (ssize_t)sizeof(*ev) + ev->len;
	}
	SHOW("watch self", wd2 = inotify_add_watch(fd, ".", IN_DELETE));
	SHOW("rm watch", inotify_rm_watch(fd, wd2));
	SHOW("rm watch again", inotify_rm_watch(fd, wd2));
	close(fd);
}

static volatile sig_atomic_t notified;

static void on_notice(int sig)
{
	(void)sig;
	notified++;
}

/* The signals that a folder sends, older than inotify. */
static void folder_signals(void)
{
	struct sigaction sa = { .sa_handler = on_notice };
	int fd;

	sigaction(SIGUSR1, &sa, NULL);
	MUST(fd = open("watched", O_RDONLY | O_DIRECTORY));
	SHOW("F_SETSIG", fcntl(fd, F_SETSIG, SIGUSR1));
	SHOW("F_NOTIFY", fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	put_file("watched/new", "x", 0600);
	for (int i = 0; i < 100 && !notified; i++)
		sleep_ms(10);
	say("signalled: %d", notified > 0);
	SHOW("none more", fcntl(fd, F_NOTIFY, 0));
	close(fd);
}

int main(void)
{
	epolls();
	polls();
	counters();
	notify();
	folder_signals();
	return 0;
}
