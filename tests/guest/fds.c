/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors are the lowest free numbers, and dup, fcntl, close_range and the
 * limit on open files behave as natively.
 * Run: root dyn
 */
#include "guest.h"
#include <dirent.h>

static void list_fds(const char *when)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char line[512] = "";
	size_t len = 0;

	if (!dir) {
		say("%s: no /proc/self/fd", when);
		return;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir))
			len += (size_t)snprintf(line + len, sizeof(line) - len, " %d", atoi(entry->d_name));
	closedir(dir);
	say("%s:%s", when, line);
}

static void limits(void)
{
	struct rlimit old, small = { 10, 10 };
	int i, last = -1, fd;

	MUST(getrlimit(RLIMIT_NOFILE, &old));
	small.rlim_max = old.rlim_max;
	SHOW("setrlimit", setrlimit(RLIMIT_NOFILE, &small));
	for (i = 0; i < 20 && (fd = open("/", O_RDONLY)) >= 0; i++)
		last = fd;
	say("last before limit: %d", last);
	SHOW("open at limit", open("/", O_RDONLY));
	SHOW("dup2 past limit", dup2(0, 10));
	SHOW("F_DUPFD past limit", fcntl(0, F_DUPFD, 10));
	SHOW("pipe at limit", pipe((int[2]){0}));
	SHOW("socket at limit", socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW("close_range", syscall(SYS_close_range, 3, ~0U, 0));
	MUST(setrlimit(RLIMIT_NOFILE, &old));
	{
		struct rlimit now;

		MUST(getrlimit(RLIMIT_NOFILE, &now));
		say("limit restored: %d", now.rlim_cur == old.rlim_cur);
		now.rlim_cur = 20;
		MUST(setrlimit(RLIMIT_NOFILE, &now));
		SHOW("child sees limit", wait_code(CHILD({
			MUST(getrlimit(RLIMIT_NOFILE, &now));
			_exit((int)now.rlim_cur);
		})));
		MUST(setrlimit(RLIMIT_NOFILE, &old));
	}
}

int main(void)
{
	int p[2], fd;

	list_fds("at start");
	SHOW("open", open("/", O_RDONLY));
	SHOW("open", open("/", O_RDONLY));
	SHOW("pipe", pipe(p));
	say("pipe ends: %d %d", p[0], p[1]);
	SHOW("close 4", close(4));
	SHOW("close 4 again", close(4));
	SHOW("socket takes 4", socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW("dup", dup(1));
	SHOW("dup2 9", dup2(0, 9));
	SHOW("dup2 same", dup2(9, 9));
	SHOW("dup2 bad", dup2(77, 9));
	SHOW("dup2 same bad", dup2(77, 77));
	SHOW("dup2 negative", dup2(0, -1));
	SHOW("dup3 same", dup3(9, 9, 0));
	SHOW("dup3 cloexec", dup3(9, 12, O_CLOEXEC));
	SHOW("dup3 bad flags", syscall(SYS_dup3, 9, 12, O_APPEND));
	SHOW("F_GETFD 12", fcntl(12, F_GETFD));
	SHOW("F_GETFD 9", fcntl(9, F_GETFD));
	SHOW("F_SETFD 9", fcntl(9, F_SETFD, FD_CLOEXEC));
	SHOW("F_GETFD 9", fcntl(9, F_GETFD));
	SHOW("F_DUPFD 20", fcntl(0, F_DUPFD, 20));
	SHOW("F_DUPFD_CLOEXEC 20", fcntl(0, F_DUPFD_CLOEXEC, 20));
	SHOW("F_GETFD 21", fcntl(21, F_GETFD));
	SHOW("F_DUPFD negative", fcntl(0, F_DUPFD, -1));
	list_fds("in the middle");
	SHOW("close_range 5 to 12", syscall(SYS_close_range, 5, 12, 0));
	SHOW("close_range cloexec", syscall(SYS_close_range, 20, 20, 4));
	SHOW("F_GETFD 20", fcntl(20, F_GETFD));
	SHOW("close_range backwards", syscall(SYS_close_range, 9, 5, 0));
	list_fds("after close_range");
	SHOW("close_range all", syscall(SYS_close_range, 3, ~0U, 0));

	SHOW("open flags", fd = open("file", O_RDWR | O_CREAT | O_APPEND, 0600));
	say("F_GETFL: %#x", (unsigned)fcntl(fd, F_GETFL) & ~(unsigned)O_LARGEFILE & ~0100000U);
	SHOW("F_SETFL", fcntl(fd, F_SETFL, O_NONBLOCK));
	say("F_GETFL: %#x", (unsigned)fcntl(fd, F_GETFL) & ~0100000U);
	SHOW("close 0", close(0));
	SHOW("open takes 0", open("/dev/null", O_RDONLY));
	SHOW("read bad fd", read(55, p, 1));
	SHOW("write bad fd", write(-1, p, 1));
	SHOW("read of write-only", wait_code(CHILD({
		int w = open("file", O_WRONLY);
		_exit(read(w, p, 1) < 0 ? errno : 0);
	})));
	SHOW("write of read-only", wait_code(CHILD({
		int r = open("file", O_RDONLY);
		_exit(write(r, p, 1) < 0 ? errno : 0);
	})));
	SHOW("O_PATH read", wait_code(CHILD({
		int r = open("file", O_PATH);
		_exit(read(r, p, 1) < 0 ? errno : 0);
	})));
	close(fd);
	limits();
	list_fds("at the end");
	return 0;
}
