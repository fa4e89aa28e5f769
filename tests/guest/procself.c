/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc of the process itself: exe, cmdline, environ, comm, fd, fdinfo, cwd,
 * root, task, and that another process sees the same.
 * Run: dyn gdyn args one two
 */
#include "guest.h"
#include <dirent.h>
#include <sys/prctl.h>

static const char *tail(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash : path;
}

static void show_link(const char *path)
{
	char buf[PATH_MAX];
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);

	buf[n < 0 ? 0 : n] = 0;
	say("%s -> %s", path, n < 0 ? strerror(errno) : tail(buf));
}

static void show_text(const char *label, const char *path)
{
	char buf[4096];
	ssize_t n = get_file(path, buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++)
		if (!buf[i] || buf[i] == '\n')
			buf[i] = '|';
	say("%s: %s", label, n < 0 ? strerror(errno) : tail(buf));
}

static int count(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	if (!dir)
		return -1;
	while ((e = readdir(dir)))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	char exe[PATH_MAX] = "", path[64], buf[4096];
	char *args[] = { "zero", "second", "third", NULL }, *env[] = { "X=y", "Z=", NULL };
	struct stat a, b;
	int fd, p[2], s[2];
	pid_t pid;
	char c;

	if (argc > 1 && !strcmp(argv[1], "second")) {
		show_text("cmdline after exec", "/proc/self/cmdline");
		show_text("environ after exec", "/proc/self/environ");
		show_text("comm after exec", "/proc/self/comm");
		return 0;
	}
	MUST(readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	show_link("/proc/self/exe");
	MUST(stat("/proc/self/exe", &a));
	MUST(stat(exe, &b));
	say("exe is the file: %d", a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size);
	show_text("cmdline", "/proc/self/cmdline");
	show_text("comm", "/proc/self/comm");
	SHOW("prctl name", prctl(PR_SET_NAME, "renamed"));
	show_text("comm", "/proc/self/comm");
	SHOW("write comm", put_file("/proc/self/comm", "written", 0));
	SHOW("prctl get name", prctl(PR_GET_NAME, buf));
	say("name: %s", buf);
	MUST(mkdir("sub", 0755));
	MUST(chdir("sub"));
	show_link("/proc/self/cwd");
	show_link("/proc/self/root");
	MUST(fd = open("../sub", O_RDONLY | O_DIRECTORY));
	MUST(put_file("file", "hello", 0600));
	MUST(open("file", O_RDWR | O_APPEND) == 4 ? 0 : -1);
	show_link("/proc/self/fd/3");
	show_link("/proc/self/fd/4");
	MUST(lseek(4, 3, SEEK_SET));
	get_file("/proc/self/fdinfo/4", buf, sizeof(buf));
	strtok(buf, "\n");
	say("fdinfo: %s", buf);
	MUST(pipe(p));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	readlink(path, buf, sizeof(buf));
	say("pipe link: %.6s", buf);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s[0]);
	readlink(path, buf, sizeof(buf));
	say("socket link: %.8s", buf);
	SHOW("reopen through fd", open("/proc/self/fd/4", O_RDONLY));
	SHOW("own offset", lseek(9, 0, SEEK_CUR));
	SHOW("count fds", count("/proc/self/fd"));
	SHOW("count tasks", count("/proc/self/task"));
	unlink("file");
	show_link("/proc/self/fd/4");
	SHOW("reopen deleted", open("/proc/self/fd/4", O_RDONLY));
	SHOW("/dev/fd", open("/dev/fd/4", O_RDONLY) < 0 ? errno : 0);

	pid = CHILD({
		char **e = env;

		close(p[1]);
		read(p[0], &c, 1);
		execve("/proc/self/exe", args, e);
		_exit(1);
	});
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	show_text("cmdline of the child", path);
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	get_file(path, buf, sizeof(buf));
	sleep_ms(30);
	say("stat of the child names it: %d", atoi(buf) == pid && strstr(buf, "(written)"));
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	SHOW("child's folder", stat(path, &a));
	say("owner: %d", a.st_uid == getuid());
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	show_link("/proc/self/exe");
	MUST(stat(path, &a));
	say("child's exe: %d", a.st_ino == b.st_ino);
	close(p[1]);
	SHOW("child", wait_code(pid));
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	SHOW("gone", stat(path, &a));
	SHOW("no such process", open("/proc/999999999/stat", O_RDONLY));
	return 0;
}
