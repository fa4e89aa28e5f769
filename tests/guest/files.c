/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files and their metadata: open flags, the stat family, modes and umask,
 * links, rename, removal while open, truncation, times, special files.
 * Run: root
 */
#include "guest.h"
#include <sys/sysmacros.h>

static void show_stat(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		show_value(path, -1, errno);
		return;
	}
	say("%s: mode %o links %d size %ld own %d%d", path, st.st_mode, (int)st.st_nlink,
	    S_ISDIR(st.st_mode) ? 0L : (long)st.st_size, st.st_uid == geteuid(), st.st_gid == getegid());
}

static void opens(void)
{
	SHOW("open missing", open("missing", O_RDONLY));
	SHOW("O_CREAT", open("file", O_CREAT | O_WRONLY, 0666));
	show_stat("file");
	SHOW("O_EXCL", open("file", O_CREAT | O_EXCL | O_WRONLY, 0666));
	SHOW("write", write(3, "hello world", 11));
	SHOW("O_TRUNC", open("file", O_TRUNC | O_WRONLY));
	show_stat("file");
	umask(0);
	SHOW("mode 07777", open("all", O_CREAT | O_WRONLY, 07777));
	show_stat("all");
	umask(0177);
	SHOW("umask 177", open("masked", O_CREAT | O_WRONLY, 0777));
	show_stat("masked");
	umask(022);
	SHOW("no rights, but open", open("none", O_CREAT | O_RDWR, 0));
	SHOW("write to it", write(7, "x", 1));
	SHOW("O_NOFOLLOW", symlink("file", "link"));
	SHOW("O_NOFOLLOW", open("link", O_RDONLY | O_NOFOLLOW));
	SHOW("O_PATH|O_NOFOLLOW", open("link", O_PATH | O_NOFOLLOW));
	SHOW("dangling", symlink("nowhere", "dangling"));
	SHOW("open dangling", open("dangling", O_RDONLY));
	SHOW("create through dangling", open("dangling", O_CREAT | O_WRONLY, 0600));
	show_stat("nowhere");
	SHOW("O_EXCL on link", open("link", O_CREAT | O_EXCL | O_WRONLY, 0600));
	SHOW("O_DIRECT", open("file", O_RDONLY | O_DIRECT) >= 0);
	SHOW("O_NOATIME", open("file", O_RDONLY | O_NOATIME) >= 0);
	syscall(SYS_close_range, 3, ~0U, 0);
}

static void links(void)
{
	char buf[64];
	struct stat a, b;

	SHOW("link", link("file", "hard"));
	SHOW("link again", link("file", "hard"));
	show_stat("hard");
	MUST(stat("file", &a));
	MUST(stat("hard", &b));
	say("same inode: %d", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	SHOW("link folder", link(".", "dirlink"));
	SHOW("link missing", link("missing", "x"));
	SHOW("linkat symlink", linkat(AT_FDCWD, "link", AT_FDCWD, "link2", 0));
	show_stat("link2");
	SHOW("linkat follow", linkat(AT_FDCWD, "link", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
	show_stat("hard2");
	SHOW("readlink", readlink("link", buf, sizeof(buf)));
	SHOW("readlink short", readlink("link", buf, 2));
	SHOW("readlink file", readlink("file", buf, sizeof(buf)));
	SHOW("readlink 0", readlink("link", buf, 0));
	SHOW("symlink empty", symlink("", "empty"));
	SHOW("symlink exists", symlink("x", "file"));
	SHOW("unlink hard", unlink("hard"));
	show_stat("file");
	SHOW("unlink missing", unlink("hard"));
}

static void renames(void)
{
	MUST(put_file("one", "1", 0600));
	MUST(put_file("two", "22", 0600));
	SHOW("rename over", rename("one", "two"));
	show_stat("one");
	show_stat("two");
	SHOW("rename missing", rename("one", "three"));
	MUST(mkdir("d1", 0755));
	MUST(mkdir("d2", 0755));
	MUST(put_file("d2/inner", "", 0600));
	SHOW("folder over non-empty", rename("d1", "d2"));
	SHOW("folder over file", rename("d1", "two"));
	SHOW("file over folder", rename("two", "d1"));
	SHOW("folder over empty", rename("d2", "d1"));
	show_stat("d1/inner");
	SHOW("into itself", rename("d1", "d1/x"));
	SHOW("to itself", rename("two", "two"));
	SHOW("RENAME_NOREPLACE", syscall(SYS_renameat2, AT_FDCWD, "two", AT_FDCWD, "file", 1));
	SHOW("RENAME_EXCHANGE", syscall(SYS_renameat2, AT_FDCWD, "two", AT_FDCWD, "d1", 2));
	show_stat("two");
	show_stat("d1");
	SHOW("rename .", rename(".", "x"));
}

static void removal(void)
{
	char buf[8] = "";
	struct stat st;
	int fd;

	MUST(fd = open("open", O_CREAT | O_RDWR, 0600));
	MUST(write(fd, "still", 5));
	SHOW("unlink open", unlink("open"));
	SHOW("pread", pread(fd, buf, 5, 0));
	say("read: %s", buf);
	MUST(fstat(fd, &st));
	say("links %d size %d", (int)st.st_nlink, (int)st.st_size);
	SHOW("write on", write(fd, "more", 4));
	SHOW("link again by fd", linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "back", AT_SYMLINK_FOLLOW));
	close(fd);

	SHOW("O_TMPFILE", fd = open(".", O_TMPFILE | O_RDWR, 0640));
	SHOW("write", write(fd, "temporary", 9));
	MUST(fstat(fd, &st));
	say("mode %o links %d size %d", st.st_mode, (int)st.st_nlink, (int)st.st_size);
	snprintf(buf, sizeof(buf), "%d", fd);
	SHOW("give it a name", linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	show_stat("named");
	close(fd);
	SHOW("O_TMPFILE excl", fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640));
	SHOW("no name", linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "named2", AT_SYMLINK_FOLLOW));
	close(fd);
	SHOW("O_TMPFILE read-only", open(".", O_TMPFILE | O_RDONLY, 0640));
}

static void metadata(void)
{
	struct timespec ts[2] = { { 1000000000, 123456789 }, { 1234567890, 987654321 } };
	struct stat st;
	struct {
		uint32_t mask, blksize;
		uint64_t attributes;
		uint32_t nlink, uid, gid;
		uint16_t mode, spare;
		uint64_t ino, size, rest[30];
	} sx;

	MUST(put_file("file", "0123456789", 0644));
	SHOW("chmod", chmod("file", 0600));
	show_stat("file");
	SHOW("chmod setuid", chmod("file", 04755));
	show_stat("file");
	SHOW("fchmodat", fchmodat(AT_FDCWD, "file", 0640, 0));
	SHOW("chown nothing", chown("file", -1, -1));
	SHOW("chown away", chown("file", 1, 1));
	SHOW("chmod missing", chmod("missing", 0600));
	SHOW("utimensat", utimensat(AT_FDCWD, "file", ts, 0));
	MUST(stat("file", &st));
	say("atime %ld.%09ld mtime %ld.%09ld", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
	    (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	say("ctime is now: %d", labs((long)(st.st_ctim.tv_sec - time(NULL))) < 3);
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_nsec = UTIME_NOW;
	SHOW("utimensat now", utimensat(AT_FDCWD, "file", ts, 0));
	MUST(stat("file", &st));
	say("atime kept %d mtime now %d", st.st_atim.tv_sec == 1000000000, labs((long)(st.st_mtim.tv_sec - time(NULL))) < 3);
	SHOW("utimensat bad", utimensat(AT_FDCWD, "file", (struct timespec[]){ { 1, -5 }, { 1, 1 } }, 0));
	SHOW("truncate", truncate("file", 4));
	show_stat("file");
	SHOW("truncate up", truncate("file", 100000));
	MUST(stat("file", &st));
	say("size %ld blocks few %d blksize %ld", (long)st.st_size, st.st_blocks < 64, (long)st.st_blksize);
	SHOW("truncate negative", truncate("file", -1));
	SHOW("truncate folder", truncate(".", 0));
	SHOW("fallocate", syscall(SYS_fallocate, open("file", O_RDWR), 0, 0L, 200000L));
	MUST(stat("file", &st));
	say("size %ld blocks %d", (long)st.st_size, st.st_blocks >= 390);
	SHOW("punch hole", syscall(SYS_fallocate, open("file", O_RDWR), 3, 4096L, 65536L));
	SHOW("SEEK_HOLE", lseek(open("file", O_RDONLY), 0, SEEK_HOLE) >= 0);
	SHOW("statx", syscall(SYS_statx, AT_FDCWD, "file", 0, 0x7ff, &sx));
	say("statx mode %o size %ld", sx.mode, (long)sx.size);
	SHOW("statx empty path", syscall(SYS_statx, open("file", O_RDONLY), "", AT_EMPTY_PATH, 0x7ff, &sx));
	SHOW("fstatat empty path", fstatat(open("file", O_PATH), "", &st, AT_EMPTY_PATH));
	SHOW("fstatat empty", fstatat(AT_FDCWD, "", &st, 0));
	SHOW("fstat 99", fstat(99, &st));
	SHOW("access R", access("file", R_OK));
	SHOW("access X", access("file", X_OK));
	SHOW("access missing", access("missing", F_OK));
	SHOW("faccessat2", syscall(SYS_faccessat2, AT_FDCWD, "file", W_OK, AT_EACCESS));
	SHOW("access bad mode", access("file", 99));
	SHOW("fsync", fsync(open("file", O_RDWR)));
	SHOW("fdatasync", fdatasync(open("file", O_RDWR)));
	SHOW("sync_file_range", syscall(SYS_sync_file_range, open("file", O_RDWR), 0, 0, 7));
	SHOW("fadvise", syscall(SYS_fadvise64, open("file", O_RDWR), 0, 0, 3));
	SHOW("readahead", syscall(SYS_readahead, open("file", O_RDWR), 0L, 4096));
	MUST(chmod("file", 0));
	SHOW("open without rights", open("file", O_RDONLY) >= 0 ? 0 : errno);
	SHOW("mknod file", mknod("regular", S_IFREG | 0600, 0));
	SHOW("mknod fifo", mknod("fifo", S_IFIFO | 0600, 0));
	show_stat("fifo");
	SHOW("mknod device", mknod("device", S_IFCHR | 0600, makedev(1, 3)));
	MUST(stat("/dev/null", &st));
	say("null: mode %o major %u minor %u", st.st_mode, major(st.st_rdev), minor(st.st_rdev));
	SHOW("openat2", syscall(SYS_openat2, AT_FDCWD, "two/inner", (uint64_t[]){ O_RDONLY, 0, 8 }, 24) >= 0 ? 0 : errno);
	SHOW("openat2 beneath", syscall(SYS_openat2, AT_FDCWD, "/etc", (uint64_t[]){ O_RDONLY, 0, 8 }, 24));
	SHOW("openat2 in root", syscall(SYS_openat2, AT_FDCWD, "/regular", (uint64_t[]){ O_RDONLY, 0, 16 }, 24) >= 0);
}

int main(void)
{
	umask(022);
	opens();
	links();
	renames();
	removal();
	metadata();
	return 0;
}
