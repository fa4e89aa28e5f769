/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Namespaces of names, mounts, System V IPC, networks and users, by unshare,
 * clone3 and setns; for users other than root, that there are none to be had.
 * Run: root glibc
 */
#include "guest.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		stack_size, tls;
};

static const struct clone3_args of_names = {
	.flags = CLONE_NEWUTS,
	.exit_signal = SIGCHLD,
};

static struct clone3_args args;

static long make(struct clone3_args *with, unsigned long flags)
{
	*with = (struct clone3_args){ .flags = flags, .exit_signal = SIGCHLD };
	return syscall(SYS_clone3, with, sizeof(*with));
}

#define IN(flags, ...)                                                        \
	({                                                                    \
		long pid_ = make(&args, flags);                               \
		int error_ = errno;                                           \
		if (pid_ == 0) {                                              \
			__VA_ARGS__;                                          \
			_exit(0);                                             \
		}                                                             \
		show_value(#flags, pid_ < 0 ? pid_ : wait_code((pid_t)pid_),  \
			   error_);                                           \
	})

static const char *name(void)
{
	static char buf[65];

	gethostname(buf, sizeof(buf));
	return buf;
}

static int lo_is_up(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCGIFFLAGS, &lo);
	close(fd);
	return lo.ifr_flags & IFF_UP ? 1 : 0;
}

static void private_mount(void)
{
	SHOW("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	SHOW("tmpfs", mount("none", "over", "tmpfs", 0, NULL));
	SHOW("file", put_file("over/file", "x", 0644));
}

static void by_clone3(void)
{
	char before[65];
	int key = 0x6b620001;
	long pid;

	strcpy(before, name());
	IN(CLONE_NEWUTS, {
		SHOW("set", sethostname("apart", 5));
		SHOW("flags in the child", args.flags == CLONE_NEWUTS);
		say("child: %s", name());
	});
	SHOW("flags in the parent", args.flags == CLONE_NEWUTS);
	SHOW("same name", !strcmp(before, name()));
	pid = syscall(SYS_clone3, &of_names, sizeof(of_names));
	if (!pid) {
		sethostname("constant", 8);
		SHOW("constant flags", of_names.flags == CLONE_NEWUTS);
		_exit(0);
	}
	SHOW("constant", pid < 0 ? pid : wait_code((pid_t)pid));
	SHOW("same name still", !strcmp(before, name()));

	IN(CLONE_NEWNS, private_mount());
	SHOW("not mounted here", access("over/file", F_OK));
	IN(CLONE_NEWIPC, SHOW_OK("queue", msgget(key, IPC_CREAT | 0600)));
	SHOW("no queue here", msgget(key, 0));
	IN(CLONE_NEWNET, SHOW("own network", lo_is_up()));
	IN(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET, {
		SHOW("name of all", sethostname("all", 3));
		private_mount();
	});
	IN(CLONE_NEWNS | CLONE_FS);
	IN(CLONE_NEWUSER | CLONE_FS);
	IN(CLONE_NEWIPC | CLONE_SYSVSEM);
}

static void users(void)
{
	char map[64];
	int go[2], here[2];
	long pid;
	char c;

	MUST(pipe(go));
	MUST(pipe(here));
	pid = make(&args, CLONE_NEWUSER | CLONE_NEWUTS);
	if (!pid) {
		say("unmapped: %d", getuid());
		write(here[1], "x", 1);
		read(go[0], &c, 1);
		say("mapped: %d %d", getuid(), geteuid());
		SHOW("name by own right", sethostname("user", 4));
		SHOW("kill of root's", kill(getppid(), 0));
		_exit(0);
	}
	read(here[0], &c, 1);
	snprintf(map, sizeof(map), "/proc/%ld/uid_map", pid);
	SHOW("map", put_file(map, "0 0 1\n", 0));
	write(go[1], "x", 1);
	SHOW("user", wait_code((pid_t)pid));
}

static void joined(void)
{
	int ready[2], fd;
	char path[64];
	pid_t pid;
	char c;

	MUST(pipe(ready));
	pid = CHILD({
		SHOW("unshare", unshare(CLONE_NEWUTS | CLONE_NEWNS));
		sethostname("joined", 6);
		private_mount();
		write(ready[1], "x", 1);
		for (;;)
			pause();
	});
	read(ready[0], &c, 1);
	wait_code(CHILD({
		snprintf(path, sizeof(path), "/proc/%d/ns/uts", pid);
		MUST(fd = open(path, O_RDONLY));
		SHOW("wrong kind", setns(fd, CLONE_NEWNET));
		SHOW("setns", setns(fd, CLONE_NEWUTS));
		say("joined: %s", name());
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
		MUST(fd = open(path, O_RDONLY));
		SHOW("setns of mounts", setns(fd, 0));
	}));
	kill(pid, SIGKILL);
	wait_code(pid);
}

int main(void)
{
	int root = getuid() == 0;

	MUST(mkdir("over", 0777));
	if (!root) {
		SHOW("unshare names", unshare(CLONE_NEWUTS));
		SHOW("unshare mounts", unshare(CLONE_NEWNS));
		IN(CLONE_NEWUTS);
		IN(CLONE_NEWNS | CLONE_NEWNET);
		IN(CLONE_NEWNS | CLONE_FS);
		SHOW("clone", syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0));
		return 0;
	}
	by_clone3();
	users();
	joined();
	return 0;
}
