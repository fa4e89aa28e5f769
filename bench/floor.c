// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that catching a system call by a seccomp notification can cost: a
 * supervisor that answers the calls which bench-calls measures with the
 * transfers that any answer needs, and with nothing else.
 *
 * Side: host, benchmark only. It knows no files: read-only opens of
 * bench-calls' file give a made-up descriptor, and what is done with that
 * descriptor is answered here; everything else is left to the host. Flags,
 * event loop and kinds of transfer are those of kbox, so that the difference
 * between the two is the work of kbox.
 *
 *	null		reply
 *	stat		read the path, write a struct stat
 *	open, close	read the path, reply; reply
 *	pread		write 4 KiB
 *	mmap		ADDFD of a memfd to the descriptor's number, continue
 *
 * With -m, for shadow-bench-test: all mappings of files are answered, namely by
 *	continue	continue, the file being the host's
 *	addfd		ADDFD of a memfd, then continue
 *	fill		a new memfd of the mapping's length, filled by one write
 *			from memory, sealed; then as addfd
 *	bounce		the same, but filled by pread and write of 128 KiB pieces
 *
 * Usage: floor [-m WAY] PROGRAM [ARG...]; exits with the program's status.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/bench-calls.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

#define GUEST_FD 500	/* the made-up descriptor; below any usual limit */
#define LISTENER_FD 9	/* the program's number of it before its execve */
#define PATH_BYTES 256	/* of a path are read at once */

enum way {
	WAY_CALLS,	/* bench-calls */
	WAY_CONTINUE,
	WAY_ADDFD,
	WAY_FILL,
	WAY_BOUNCE,
};

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)
#define SOURCE_BYTES (64UL << 20)	/* the largest mapping */
#define BOUNCE_BYTES (128 << 10)

struct floor {
	enum way way;
	int source;	/* what is copied, as a file and as memory */
	char *memory;
	pid_t pid;
	int listener;
	int memfd;
	struct stat st;
	char page[4096];
};

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ASK_IF(number) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

static int install_filter(void)
{
	struct sock_filter code[] = {
		LOAD(nr),
		ASK_IF(SYS_getuid),
		ASK_IF(SYS_stat),
		ASK_IF(SYS_openat),
		ASK_IF(SYS_close),
		ASK_IF(SYS_pread64),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3),
		LOAD(args[4]),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
			    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
}

/* The program: waits until its listener has been fetched, then starts. */
static void __attribute__((noreturn))
child(char **argv, const int ready[2], const int go[2])
{
	char byte = 0;
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Out of the way of LISTENER_FD; both end with the execve. */
	if (dup3(ready[1], 20, O_CLOEXEC) < 0 || dup3(go[0], 21, O_CLOEXEC) < 0)
		_exit(1);
	for (listener = 3; listener < 20; listener++)
		close(listener);
	listener = install_filter();
	/* From here on no call that the filter asks about. */
	if (listener < 0 || dup3(listener, LISTENER_FD, O_CLOEXEC) < 0 ||
	    write(20, &byte, 1) != 1 || read(21, &byte, 1) != 1)
		_exit(1);
	execv(argv[0], argv);
	_exit(127);
}

static void start(struct floor *floor, char **argv)
{
	int ready[2], go[2], pidfd;
	char byte = 0;

	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		die("pipe2");
	floor->pid = fork();
	if (floor->pid < 0)
		die("fork");
	if (!floor->pid)
		child(argv, ready, go);
	close(ready[1]);
	close(go[0]);
	pidfd = (int)syscall(SYS_pidfd_open, floor->pid, 0);
	if (pidfd < 0 || read(ready[0], &byte, 1) != 1)
		die("the program did not start");
	floor->listener = (int)syscall(SYS_pidfd_getfd, pidfd, LISTENER_FD, 0);
	if (floor->listener < 0)
		die("pidfd_getfd");
	if (ioctl(floor->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		  SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP))
		fprintf(stderr, "floor: no SYNC_WAKE_UP here\n");
	if (write(go[1], &byte, 1) != 1)
		die("write");
	close(pidfd);
	close(ready[0]);
	close(go[1]);
}

static int from_guest(pid_t pid, void *to, unsigned long from, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)from, len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) ==
	       (ssize_t)len;
}

static int to_guest(pid_t pid, unsigned long to, void *from, size_t len)
{
	struct iovec local = { from, len };
	struct iovec remote = { (void *)to, len };

	return process_vm_writev(pid, &local, 1, &remote, 1, 0) ==
	       (ssize_t)len;
}

/* Read the path at @addr in one transfer; is it bench-calls' file? */
static int is_bench_file(pid_t pid, unsigned long addr)
{
	char path[PATH_BYTES + 1] = "";
	size_t len = 4096 - addr % 4096;
	const char *name;

	if (len > PATH_BYTES)
		len = PATH_BYTES;
	if (!from_guest(pid, path, addr, len))
		return 0;
	name = strrchr(path, '/');
	return name && !strcmp(name + 1, BENCH_FILE_NAME);
}

static void put_fd(struct floor *floor, const struct seccomp_notif *notif,
		   int fd)
{
	struct seccomp_notif_addfd addfd = {
		.id = notif->id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.srcfd = (__u32)fd,
		.newfd = (__u32)notif->data.args[4],
		.newfd_flags = O_CLOEXEC,
	};

	if (ioctl(floor->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0)
		die("ADDFD");
}

static void bounce(struct floor *floor, int fd, size_t size)
{
	static char buf[BOUNCE_BYTES];

	for (size_t at = 0; at < size; at += sizeof(buf)) {
		size_t now = size - at < sizeof(buf) ? size - at : sizeof(buf);

		if (pread(floor->source, buf, now, (off_t)at) != (ssize_t)now ||
		    write(fd, buf, now) != (ssize_t)now)
			die("copying");
	}
}

/* A sealed memfd of @size bytes; also for no longer than the mapping needs. */
static int new_memfd(struct floor *floor, size_t size)
{
	int fd = memfd_create("floor", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || size > SOURCE_BYTES)
		die("memfd_create");
	if (floor->way == WAY_BOUNCE)
		bounce(floor, fd, size);
	else if (pwrite(fd, floor->memory, size, 0) != (ssize_t)size)
		die("pwrite");
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		die("seals");
	return fd;
}

static void answer_mmap(struct floor *floor, const struct seccomp_notif *notif)
{
	int fd;

	switch (floor->way) {
	case WAY_CALLS:
		if (notif->data.args[4] == GUEST_FD)
			put_fd(floor, notif, floor->memfd);
		break;
	case WAY_CONTINUE:
		break;
	case WAY_ADDFD:
		/* As kbox has to: a duplicate for the answer. */
		fd = fcntl(floor->memfd, F_DUPFD_CLOEXEC, 0);
		put_fd(floor, notif, fd);
		close(fd);
		break;
	case WAY_FILL:
	case WAY_BOUNCE:
		fd = new_memfd(floor, notif->data.args[1]);
		put_fd(floor, notif, fd);
		close(fd);
		break;
	}
}

/* Fill @resp; 0 when the call is the host's. */
static int answer(struct floor *floor, const struct seccomp_notif *notif,
		  struct seccomp_notif_resp *resp)
{
	const __u64 *args = notif->data.args;
	pid_t pid = (pid_t)notif->pid;

	switch (notif->data.nr) {
	case SYS_getuid:
		return 1;
	case SYS_stat:
		return is_bench_file(pid, args[0]) &&
		       to_guest(pid, args[1], &floor->st, sizeof(floor->st));
	case SYS_openat:
		resp->val = GUEST_FD;
		return !(args[2] & O_ACCMODE) && is_bench_file(pid, args[1]);
	case SYS_close:
		return args[0] == GUEST_FD;
	case SYS_pread64:
		resp->val = sizeof(floor->page);
		return args[0] == GUEST_FD && args[2] == sizeof(floor->page) &&
		       to_guest(pid, args[1], floor->page,
				sizeof(floor->page));
	case SYS_mmap:
		answer_mmap(floor, notif);
		return 0;
	default:
		return 0;
	}
}

static void serve(struct floor *floor)
{
	struct seccomp_notif notif = { 0 };
	struct seccomp_notif_resp resp = { 0 };

	if (ioctl(floor->listener, SECCOMP_IOCTL_NOTIF_RECV, &notif)) {
		if (errno != ENOENT && errno != EINTR)
			die("RECV");
		return;
	}
	resp.id = notif.id;
	if (!answer(floor, &notif, &resp)) {
		resp.val = 0;
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	ioctl(floor->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static void loop(struct floor *floor)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, floor->listener, &event))
		die("epoll");
	for (;;) {
		if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR)
			die("epoll_wait");
		if (event.events & EPOLLIN)
			serve(floor);
		else if (event.events & EPOLLHUP)
			break;
	}
	close(epoll);
}

static enum way find_way(const char *name)
{
	static const char *const names[] = { "", "continue", "addfd", "fill",
					     "bounce" };

	for (unsigned int i = WAY_CONTINUE; i <= WAY_BOUNCE; i++)
		if (!strcmp(names[i], name))
			return (enum way)i;
	fprintf(stderr, "floor: no way %s\n", name);
	exit(2);
}

static void make_source(struct floor *floor)
{
	floor->source = memfd_create("source", MFD_CLOEXEC);
	if (floor->source < 0 || ftruncate(floor->source, SOURCE_BYTES))
		die("source");
	floor->memory = mmap(NULL, SOURCE_BYTES, PROT_READ | PROT_WRITE,
			     MAP_SHARED, floor->source, 0);
	if (floor->memory == MAP_FAILED)
		die("source");
	memset(floor->memory, 's', SOURCE_BYTES);
}

int main(int argc, char **argv)
{
	static struct floor floor;
	int status;

	if (argc > 2 && !strcmp(argv[1], "-m")) {
		floor.way = find_way(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: %s [-m WAY] PROGRAM [ARG...]\n",
			argv[0]);
		return 2;
	}
	floor.memfd = memfd_create("floor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (floor.memfd < 0 ||
	    ftruncate(floor.memfd, floor.way == WAY_CALLS ?
					   BENCH_FILE_BYTES :
					   (off_t)SOURCE_BYTES) ||
	    fcntl(floor.memfd, F_ADD_SEALS, SEALS) ||
	    fstat(floor.memfd, &floor.st))
		die("memfd");
	if (floor.way >= WAY_FILL)
		make_source(&floor);
	start(&floor, argv + 1);
	loop(&floor);
	if (waitpid(floor.pid, &status, 0) < 0)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}
