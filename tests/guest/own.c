/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cwd, umask, descriptors and credentials of a child are its own; those of a
 * thread, and of a child made with CLONE_FS or CLONE_FILES, are shared.
 * Run: root
 */
#include "guest.h"
#include <pthread.h>

static char base[PATH_MAX];

static const char *where(void)
{
	static char buf[PATH_MAX];

	if (!getcwd(buf, sizeof(buf)))
		return strerror(errno);
	return !strncmp(buf, base, strlen(base)) ? buf + strlen(base) : buf;
}

static int mask(void)
{
	mode_t old = umask(0);

	umask(old);
	return (int)old;
}

static void *in_thread(void *arg)
{
	(void)arg;
	SHOW("thread chdir", chdir("b"));
	umask(007);
	SHOW("thread close 3", close(3));
	return NULL;
}

static long raw_clone(unsigned long flags)
{
	return syscall(SYS_clone, flags, 0, 0, 0, 0);
}

int main(void)
{
	pthread_t thread;
	pid_t pid;
	int fd, go[2], done[2];
	char c;

	MUST(getcwd(base, sizeof(base)) ? 0 : -1);
	MUST(mkdir("a", 0755));
	MUST(mkdir("a/b", 0755));
	umask(022);
	MUST(fd = open("file", O_RDWR | O_CREAT, 0600));
	say("fd: %d", fd);

	pid = CHILD({
		say("child cwd: '%s' umask %o", where(), mask());
		SHOW("child chdir", chdir("a"));
		umask(077);
		close(3);
		SHOW("child open is 3", open("/", O_RDONLY));
		SHOW("child dup2 8", dup2(3, 8));
		if (getuid() == 0)
			SHOW("child setuid", setuid(1234));
		say("child cwd: '%s' umask %o", where(), mask());
	});
	SHOW("child", wait_code(pid));
	say("parent cwd: '%s' umask %o", where(), mask());
	SHOW("parent fd 3 writes", write(3, "x", 1));
	SHOW("parent fd 8", fcntl(8, F_GETFD));

	/* The other way round: the parent's changes do not reach a living child. */
	MUST(pipe(go));
	MUST(pipe(done));
	pid = CHILD({
		read(go[0], &c, 1);
		say("late child cwd: '%s' umask %o", where(), mask());
		SHOW("late child fd 3", lseek(3, 0, SEEK_CUR));
	});
	SHOW("parent chdir", chdir("a"));
	umask(027);
	close(3);
	write(go[1], "x", 1);
	SHOW("late child", wait_code(pid));
	say("parent cwd: '%s' umask %o", where(), mask());

	MUST(open("/", O_RDONLY) == 3 ? 0 : -1);
	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, NULL);
	say("after thread cwd: '%s' umask %o", where(), mask());
	SHOW("after thread fd 3", fcntl(3, F_GETFD));

	pid = (pid_t)raw_clone(CLONE_FS | SIGCHLD);
	if (pid == 0) {
		SHOW("CLONE_FS chdir", chdir(".."));
		umask(011);
		close(go[0]);
		_exit(0);
	}
	SHOW("CLONE_FS child", wait_code(pid));
	say("after CLONE_FS cwd: '%s' umask %o", where(), mask());
	SHOW("own fds", fcntl(go[0], F_GETFD));

	pid = (pid_t)raw_clone(CLONE_FILES | SIGCHLD);
	if (pid == 0) {
		chdir("/");
		close(go[0]);
		SHOW("CLONE_FILES open", open("/", O_RDONLY) >= 0);
		_exit(0);
	}
	SHOW("CLONE_FILES child", wait_code(pid));
	say("after CLONE_FILES cwd: '%s'", where());
	SHOW("shared fd 3", fcntl(3, F_GETFD));
	say("lowest free taken by the child: %d", fcntl(3, F_GETFD) >= 0);

	pid = vfork();
	if (pid == 0) {
		chdir("/");
		umask(0);
		close(done[0]);
		_exit(0);
	}
	SHOW("vfork child", wait_code(pid));
	say("after vfork cwd: '%s' umask %o", where(), mask());
	SHOW("after vfork fd", fcntl(done[0], F_GETFD));
	SHOW("unshare files", syscall(SYS_unshare, CLONE_FILES));
	SHOW("unshare fs", syscall(SYS_unshare, CLONE_FS));
	return 0;
}
