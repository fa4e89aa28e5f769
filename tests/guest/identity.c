/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What root can do inside: programs with set-id bits and capabilities of their
 * own, users changed for good, device files, mounts of tmpfs, bind, proc and
 * overlay, chroot and pivot_root. For others, that they cannot.
 * Run: root glibc
 */
#include "guest.h"
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static char text[65536];

/* The value of a line of /proc/self/status. */
static unsigned long long own_line(const char *key)
{
	char *at;

	MUST(get_file("/proc/self/status", text, sizeof(text)));
	at = strstr(text, key);
	return at ? strtoull(at + strlen(key), NULL, 16) : 99;
}

#define IN_CHILD(name, ...)                                                   \
	do {                                                                  \
		pid_t pid_ = CHILD(__VA_ARGS__);                              \
									      \
		SHOW(name, wait_code(pid_));                                  \
	} while (0)

/* In the program that was executed. */
static int executed(void)
{
	say("ids: %d %d %d %d", getuid(), geteuid(), getgid(), getegid());
	say("capabilities: %d, net_raw: %d", own_line("CapPrm:\t") != 0,
	    (int)(own_line("CapEff:\t") >> 13 & 1));
	say("personality: %x", personality(0xffffffff));
	SHOW("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
	return 0;
}

static void copy_self(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	ssize_t n;

	MUST(from);
	MUST(to);
	while ((n = read(from, text, sizeof(text))) > 0)
		MUST(write(to, text, (size_t)n));
	MUST(fchown(to, uid, gid));
	MUST(fchmod(to, mode));
	close(from);
	close(to);
}

static int run_as(uid_t uid, const char *name)
{
	return wait_code(CHILD({
		MUST(setgid(1000));
		MUST(setuid(uid));
		execl(name, name, "executed", NULL);
		SHOW("exec", -1);
	}));
}

static void programs(void)
{
	/* cap_net_raw, permitted and effective, version 2 */
	static const uint32_t caps[] = { 0x02000001, 1 << 13, 0, 0, 0 };

	copy_self("plain", 0, 0, 0755);
	SHOW("plain", run_as(1000, "./plain"));
	copy_self("set-id", 1234, 2345, 06755);
	SHOW("set-id", run_as(1000, "./set-id"));
	copy_self("root-id", 0, 0, 04755);
	SHOW("root-id", run_as(1000, "./root-id"));
	IN_CHILD("no new rights", {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(run_as(1000, "./root-id"));
	});
	IN_CHILD("odd personality", {
		MUST(personality(ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT |
				 SHORT_INODE));
		SHOW("kept", run_as(1000, "./plain"));
		SHOW("cleared", run_as(1000, "./set-id"));
	});
	SHOW("set capability", setxattr("plain", "security.capability", caps,
					sizeof(caps), 0));
	SHOW("capability", run_as(1000, "./plain"));
	SHOW("chown", chown("set-id", 1000, 1000));
	SHOW("cleared bits", run_as(1000, "./set-id"));
	IN_CHILD("nobody may not", {
		MUST(setuid(1000));
		SHOW("chown to root", chown("set-id", 0, 0));
		SHOW("capability", setxattr("set-id", "security.capability",
					    caps, sizeof(caps), 0));
		SHOW("chmod of root's", chmod("root-id", 0777));
	});
}

static void device(const char *name, mode_t kind, unsigned int major_nr,
		   unsigned int minor_nr)
{
	char c = 'x';
	int fd;

	SHOW(name, mknod(name, kind | 0666, makedev(major_nr, minor_nr)));
	fd = open(name, O_RDWR);
	show_value("open", fd < 0 ? fd : 0, errno);
	SHOW("read", read(fd, &c, 1));
	SHOW("write", write(fd, "x", 1));
	close(fd);
}

static void devices(void)
{
	SHOW("tmpfs", mount("none", "dev", "tmpfs", 0, "mode=755"));
	MUST(chdir("dev"));
	device("null", S_IFCHR, 1, 3);
	device("zero", S_IFCHR, 1, 5);
	device("full", S_IFCHR, 1, 7);
	device("urandom", S_IFCHR, 1, 9);
	device("nothing", S_IFCHR, 300, 77);
	SHOW("fifo", mknod("fifo", S_IFIFO | 0600, 0));
	SHOW("file", mknod("file", S_IFREG | 0600, 0));
	SHOW("nodev", mount(NULL, ".", NULL, MS_REMOUNT | MS_NODEV, NULL));
	MUST(chdir(".."));
	MUST(chdir("dev"));
	SHOW("open without", open("null", O_RDONLY));
	MUST(chdir(".."));
	SHOW("umount", umount("dev"));
}

static void mounts(void)
{
	SHOW("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	devices();
	MUST(mount("none", "top", "tmpfs", 0, NULL));
	MUST(mkdir("top/low", 0755));
	MUST(mkdir("top/up", 0755));
	MUST(mkdir("top/work", 0755));
	MUST(mkdir("top/all", 0755));
	MUST(put_file("top/low/file", "low", 0644));
	SHOW("overlay", mount("none", "top/all", "overlay", 0,
			      "lowerdir=top/low,upperdir=top/up,workdir=top/work"));
	SHOW("write", put_file("top/all/file", "changed", 0644));
	get_file("top/low/file", text, sizeof(text));
	say("below: %s", text);
	get_file("top/all/file", text, sizeof(text));
	say("above: %s", text);
	SHOW("bind", mount("top/low", "bound", NULL, MS_BIND, NULL));
	SHOW("read-only", mount(NULL, "bound", NULL,
				MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
	SHOW("write bound", put_file("bound/file", "no", 0644));
	SHOW("write below", put_file("top/low/other", "yes", 0644));
	SHOW("seen", access("bound/other", F_OK));
	SHOW("noexec", mount(NULL, "bound", NULL,
			     MS_BIND | MS_REMOUNT | MS_NOEXEC, NULL));
	SHOW("unknown", mount("none", "dev", "nosuchfs", 0, NULL));
	MUST(mkdir("top/low/proc", 0755));
	MUST(mkdir("top/low/old", 0755));
	IN_CHILD("chroot", {
		SHOW("chroot", chroot("top/low"));
		MUST(chdir("/"));
		SHOW("proc", mount("proc", "/proc", "proc", 0, NULL));
		SHOW("self", access("/proc/self/status", F_OK));
		SHOW("above", access("/../top", F_OK));
	});
	IN_CHILD("pivot_root", {
		MUST(unshare(CLONE_NEWNS));
		MUST(chdir("top/all"));
		SHOW("pivot_root", syscall(SYS_pivot_root, ".", "old"));
		MUST(chdir("/"));
		SHOW("old root", umount2("/old", MNT_DETACH));
		SHOW("nothing of it", access("/old/tmp", F_OK));
		get_file("/file", text, sizeof(text));
		say("new root: %s", text);
	});
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return executed();
	umask(022);
	MUST(mkdir("dev", 0755));
	MUST(mkdir("top", 0755));
	MUST(mkdir("bound", 0755));
	if (getuid() == 0) {
		MUST(chmod(".", 0755));
		programs();
		IN_CHILD("mounts", {
			MUST(unshare(CLONE_NEWNS));
			mounts();
		});
		return 0;
	}
	SHOW("setuid", setuid(0));
	SHOW("mount", mount("none", "dev", "tmpfs", 0, NULL));
	SHOW("mknod", mknod("null", S_IFCHR, makedev(1, 3)));
	SHOW("fifo", mknod("fifo", S_IFIFO | 0600, 0));
	SHOW("chroot", chroot("."));
	SHOW("chown", chown("dev", 0, 0));
	SHOW("sethostname", sethostname("no", 2));
	return 0;
}
