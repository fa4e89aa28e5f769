/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of other packages that kbox starts.
 *
 * Side: host. Without a shell; messages of theirs are read from a file, so that
 * nobody has to drain a pipe meanwhile.
 */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"

/* mke2fs is there, where users' PATH does not lead. */
static const char *const system_folders = "/usr/sbin:/sbin";

/* The program's path in *@ret_path, owned by the caller. 0 or -ENOENT. */
static int find(const char *name, char **ret_path)
{
	const char *own = getenv("PATH");
	KBOX_CLEANUP_FREE char *folders = NULL;
	char *folder, *save = NULL;

	if (asprintf(&folders, "%s:%s", own ? own : "/usr/bin:/bin", system_folders) < 0)
		return -ENOMEM;
	for (folder = strtok_r(folders, ":", &save); folder;
	     folder = strtok_r(NULL, ":", &save)) {
		char *path;

		if (asprintf(&path, "%s/%s", folder, name) < 0)
			return -ENOMEM;
		if (!access(path, X_OK)) {
			*ret_path = path;
			return 0;
		}
		free(path);
	}
	return -ENOENT;
}

/* In the child. dup2() clears close-on-exec, but not of a number itself. */
static void become(const char *path, const char *const *argv, int input_fd,
		   int output_fd, int keep_fd)
{
	sigset_t none;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (input_fd < 0)
		input_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (dup2(input_fd, 0) == 0 && dup2(output_fd, 1) == 1 &&
	    dup2(output_fd, 2) == 2 &&
	    (keep_fd < 0 || !fcntl(keep_fd, F_SETFD, 0)))
		execv(path, (char *const *)(unsigned long)argv);
	_exit(127);
}

int kbox_tool_start(struct kbox_tool *tool, const char *const *argv,
		    int input_fd, int keep_fd)
{
	KBOX_CLEANUP_FREE char *path = NULL;
	KBOX_CLEANUP_CLOSE int output_fd = memfd_create("output", MFD_CLOEXEC);
	int err = find(argv[0], &path);

	if (err)
		return err;
	if (output_fd < 0)
		return -errno;
	tool->pid = fork();
	if (tool->pid < 0)
		return -errno;
	if (!tool->pid)
		become(path, argv, input_fd, output_fd, keep_fd);
	tool->output_fd = KBOX_TAKE_FD(output_fd);
	return 0;
}

/* The last line that is not empty. */
static void last_line(int fd, char *text)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t room = KBOX_TOOL_SAID_BYTES - 1;
	ssize_t n = pread(fd, text, (size_t)room, end > room ? end - room : 0);
	char *line;

	if (n < 0)
		n = 0;
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	text[n] = '\0';
	line = strrchr(text, '\n');
	if (line)
		memmove(text, line + 1, strlen(line));
}

int kbox_tool_end(struct kbox_tool *tool, char said[KBOX_TOOL_SAID_BYTES])
{
	KBOX_CLEANUP_CLOSE int output_fd = tool->output_fd;
	int status;
	pid_t pid;

	do
		pid = waitpid(tool->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid == tool->pid && WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	last_line(output_fd, said);
	return -EIO;
}

int kbox_tool_wait(struct kbox_tool *tool, const char *name)
{
	char said[KBOX_TOOL_SAID_BYTES];
	int err = kbox_tool_end(tool, said);

	if (err)
		kbox_error("%s failed: %s", name,
			   *said ? said : "it says not why");
	return err;
}

int kbox_tool_run(const char *const *argv, int keep_fd)
{
	struct kbox_tool tool;
	int err = kbox_tool_start(&tool, argv, -1, keep_fd);

	if (err == -ENOENT)
		kbox_error("%s is not installed", argv[0]);
	else if (err)
		kbox_error("%s cannot be started: %s", argv[0], strerror(-err));
	return err ? err : kbox_tool_wait(&tool, argv[0]);
}
