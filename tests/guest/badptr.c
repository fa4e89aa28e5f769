/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bad pointers in calls that are otherwise right: EFAULT, or what the native
 * kernel says; and half-good buffers that end at an unmapped page.
 */
#include "guest.h"
#include <sys/epoll.h>

#define BAD ((void *)0x10)

static long s0, s1;

#define CALL(nr, ...) SHOW(#nr, syscall(SYS_##nr, ##__VA_ARGS__))

static void files(const char *tag, void *bad)
{
	say("files with %s", tag);
	CALL(read, 3, bad, 8);
	CALL(write, 3, bad, 8);
	CALL(pread64, 3, bad, 8, 0);
	CALL(pwrite64, 3, bad, 8, 0);
	CALL(readv, 3, bad, 2);
	CALL(writev, 3, bad, 2);
	CALL(preadv, 3, bad, 2, 0, 0);
	CALL(open, bad, 0, 0);
	CALL(openat, AT_FDCWD, bad, 0, 0);
	CALL(openat2, AT_FDCWD, "file", bad, 24);
	CALL(creat, bad, 0600);
	CALL(stat, bad, &s0);
	CALL(stat, "file", bad);
	CALL(lstat, "file", bad);
	CALL(fstat, 3, bad);
	CALL(newfstatat, AT_FDCWD, "file", bad, 0);
	CALL(newfstatat, AT_FDCWD, bad, &s0, 0);
	CALL(statx, AT_FDCWD, "file", 0, 0xfff, bad);
	CALL(statfs, "file", bad);
	CALL(fstatfs, 3, bad);
	CALL(access, bad, 0);
	CALL(faccessat, AT_FDCWD, bad, 0);
	CALL(chdir, bad);
	CALL(mkdir, bad, 0700);
	CALL(rmdir, bad);
	CALL(unlink, bad);
	CALL(unlinkat, AT_FDCWD, bad, 0);
	CALL(rename, bad, "x");
	CALL(rename, "file", bad);
	CALL(link, "file", bad);
	CALL(symlink, bad, "x");
	CALL(symlink, "file", bad);
	CALL(readlink, "symlink", bad, 10);
	CALL(readlink, bad, &s0, 10);
	CALL(chmod, bad, 0600);
	CALL(chown, bad, 0, 0);
	CALL(truncate, bad, 0);
	CALL(utimensat, AT_FDCWD, "file", bad, 0);
	CALL(utimensat, AT_FDCWD, bad, 0, 0);
	CALL(mknod, bad, S_IFREG | 0600, 0);
	CALL(getxattr, "file", bad, &s0, 1);
	CALL(setxattr, "file", "user.x", bad, 4, 0);
	CALL(listxattr, bad, &s0, 0);
	CALL(getdents64, 4, bad, 4096);
	CALL(getcwd, bad, 4096);
	CALL(fcntl, 3, F_GETLK, bad);
	CALL(ioctl, 5, 0x541b, bad);
	CALL(sendfile, 3, 3, bad, 1);
	CALL(copy_file_range, 3, bad, 3, 0, 1, 0);
	CALL(inotify_add_watch, 3, bad, 1);
	CALL(name_to_handle_at, AT_FDCWD, "file", bad, &s0, 0);
	CALL(memfd_create, bad, 0);
}

static void others(const char *tag, void *bad)
{
	say("others with %s", tag);
	CALL(pipe, bad);
	CALL(pipe2, bad, 0);
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, bad);
	CALL(bind, 7, bad, 16);
	CALL(connect, 7, bad, 16);
	CALL(getsockname, 7, bad, &s1);
	CALL(getsockname, 7, &s0, bad);
	CALL(getsockopt, 7, SOL_SOCKET, SO_TYPE, bad, &s1);
	CALL(getsockopt, 7, SOL_SOCKET, SO_TYPE, &s0, bad);
	CALL(setsockopt, 7, SOL_SOCKET, SO_RCVBUF, bad, 4);
	CALL(sendto, 8, bad, 8, 0, 0, 0);
	CALL(sendmsg, 8, bad, 0);
	CALL(recvmsg, 9, bad, MSG_DONTWAIT);
	CALL(sendmmsg, 8, bad, 2, 0);
	CALL(poll, bad, 1, 0);
	CALL(ppoll, bad, 1, 0, 0, 0);
	CALL(select, 4, bad, 0, 0, 0);
	CALL(pselect6, 4, bad, 0, 0, 0, 0);
	CALL(epoll_ctl, 10, EPOLL_CTL_ADD, 5, bad);
	CALL(epoll_wait, 10, bad, 0, 0);
	CALL(timerfd_settime, 11, 0, bad, 0);
	CALL(timerfd_gettime, 11, bad);
	CALL(execve, bad, 0, 0);
	CALL(wait4, -1, bad, 0, 0);
	CALL(uname, bad);
	CALL(sysinfo, bad);
	CALL(times, bad);
	CALL(getrlimit, RLIMIT_NOFILE, bad);
	CALL(setrlimit, RLIMIT_NOFILE, bad);
	CALL(prlimit64, 0, RLIMIT_NOFILE, bad, 0);
	CALL(getrusage, 0, bad);
	CALL(gettimeofday, bad, 0);
	CALL(clock_gettime, 0, bad);
	CALL(nanosleep, bad, 0);
	CALL(rt_sigaction, SIGUSR1, bad, 0, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, bad, 0, 8);
	CALL(rt_sigpending, bad, 8);
	CALL(rt_sigsuspend, bad, 8);
	CALL(sigaltstack, bad, 0);
	CALL(setitimer, ITIMER_REAL, bad, 0);
	CALL(getrandom, bad, 16, 0);
	CALL(sethostname, bad, 4);
	CALL(setgroups, 4, bad);
	CALL(getresuid, bad, bad, bad);
	CALL(sched_getaffinity, 0, 8, bad);
	CALL(sched_setaffinity, 0, 8, bad);
	CALL(clone3, bad, 88);
	CALL(futex, bad, 0, 0, 0, 0, 0);
	CALL(eventfd2, 0, 0x7f000000);
	CALL(capget, bad, bad);
	CALL(prctl, 15, bad, 0, 0, 0);
	CALL(prctl, 16, bad, 0, 0, 0);
	CALL(mount, bad, "/", bad, 0, 0);
	CALL(chroot, bad);
}

/* Buffers whose second half does not exist. */
static void edges(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = page + 4096;
	struct iovec iov[2];
	int p[2];
	char c;

	MUST(munmap(end, 4096));
	memset(page, 'a', 4096);
	MUST(pipe(p));
	SHOW("write across the edge", write(p[1], end - 10, 20) > 0 ? 1 : -1);
	while (fcntl(p[0], F_SETFL, O_NONBLOCK) == 0 && read(p[0], page, 4096) > 0)
		;
	fcntl(p[0], F_SETFL, 0);
	SHOW("pread across the edge", pread(3, end - 4, 8, 0));
	SHOW("open at the edge", open(strcpy(end - 5, "file"), O_RDONLY) >= 0);
	memcpy(end - 4, "file", 4);
	SHOW("open over the edge", open(end - 4, O_RDONLY));
	write(p[1], "hello", 5);
	SHOW("pipe read over the edge", read(p[0], end - 2, 5));
	SHOW("pipe read to nowhere", read(p[0], end, 5));
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	SHOW("something is left or not", read(p[0], &c, 1) >= -1);
	iov[0] = (struct iovec){ page, 100 };
	iov[1] = (struct iovec){ end, 100 };
	SHOW("readv second bad", preadv(3, iov, 2, 0));
	iov[0].iov_len = (size_t)-1;
	SHOW("readv negative length", readv(3, iov, 1));
	SHOW("writev too many", writev(3, iov, 2000));
	mprotect(page, 4096, PROT_READ);
	SHOW("read to read-only", pread(3, page, 4, 0));
	SHOW("write from read-only", pwrite(3, page, 4, 0));
	SHOW("stat to read-only", syscall(SYS_stat, "file", page));
	mprotect(page, 4096, PROT_NONE);
	SHOW("write from none", pwrite(3, page, 4, 0));
	SHOW("open from none", open(page, O_RDONLY));
	SHOW("read of zero bytes to nowhere", pread(3, BAD, 0, 0));
	SHOW("huge read", pread(3, &c, 0, 0));
}

int main(void)
{
	int sv[2];

	MUST(put_file("file", "0123456789", 0600));
	MUST(symlink("file", "symlink"));
	MUST(open("file", O_RDWR) == 3 ? 0 : -1);
	MUST(open(".", O_RDONLY | O_DIRECTORY) == 4 ? 0 : -1);
	MUST(pipe(sv));					/* 5, 6 */
	MUST(socket(AF_UNIX, SOCK_STREAM, 0));		/* 7 */
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));	/* 8, 9 */
	write(8, "hello", 5);
	MUST(epoll_create1(0));				/* 10 */
	MUST(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0)); /* 11 */
	files("a low address", BAD);
	files("a kernel address", (void *)0xffff888000000000UL);
	files("a non-canonical address", (void *)0x8000000000000000UL);
	others("a low address", BAD);
	others("a kernel address", (void *)0xffffffff81000000UL);
	edges();
	return 0;
}
