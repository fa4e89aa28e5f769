/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flock and fcntl locks between processes: conflicts, inheritance, release at
 * close and at the end of a process, deadlock detection, open-file locks.
 */
#include "guest.h"
#include <sys/file.h>

static int set(int fd, int cmd, short type, off_t from, off_t len)
{
	struct flock fl = { .l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = len };

	return fcntl(fd, cmd, &fl);
}

static void whole_file(void)
{
	int a, b, c;

	MUST(a = open("lock", O_RDWR | O_CREAT, 0600));
	MUST(b = open("lock", O_RDWR));
	MUST(c = dup(a));
	SHOW("exclusive", flock(a, LOCK_EX));
	SHOW("other open", flock(b, LOCK_EX | LOCK_NB));
	SHOW("other open shared", flock(b, LOCK_SH | LOCK_NB));
	SHOW("dup", flock(c, LOCK_EX | LOCK_NB));
	SHOW("child inherits", wait_code(CHILD(_exit(flock(a, LOCK_EX | LOCK_NB) < 0 ? errno : 0))));
	SHOW("child opens", wait_code(CHILD(_exit(flock(open("lock", O_RDWR), LOCK_EX | LOCK_NB) < 0 ? errno : 0))));
	SHOW("close one", close(a));
	SHOW("still held", flock(b, LOCK_EX | LOCK_NB));
	SHOW("close dup", close(c));
	SHOW("free now", flock(b, LOCK_EX | LOCK_NB));
	SHOW("to shared", flock(b, LOCK_SH));
	SHOW("child shares", wait_code(CHILD(_exit(flock(open("lock", O_RDWR), LOCK_SH | LOCK_NB) < 0 ? errno : 0))));
	SHOW("bad operation", flock(b, 16));
	SHOW("bad fd", flock(99, LOCK_SH));
	SHOW("child unlocks", wait_code(CHILD(_exit(flock(b, LOCK_UN) < 0 ? errno : 0))));
	SHOW("free for others", wait_code(CHILD(_exit(flock(open("lock", O_RDWR), LOCK_EX | LOCK_NB) < 0 ? errno : 0))));
	close(b);
	wait_code(CHILD(flock(open("lock", O_RDWR), LOCK_EX); kill(getpid(), SIGKILL)));
	SHOW("free after kill", flock(open("lock", O_RDWR), LOCK_EX | LOCK_NB));
	syscall(SYS_close_range, 3, ~0U, 0);
}

static void ranges(void)
{
	struct flock fl;
	int fd, fd2, p[2], q[2];
	pid_t pid;
	char c;

	MUST(fd = open("lock", O_RDWR));
	SHOW("write lock 0-10", set(fd, F_SETLK, F_WRLCK, 0, 10));
	SHOW("own again", set(open("lock", O_RDWR), F_SETLK, F_WRLCK, 5, 10));
	SHOW("child overlaps", wait_code(CHILD(_exit(set(fd, F_SETLK, F_WRLCK, 5, 1) < 0 ? errno : 0))));
	SHOW("child elsewhere", wait_code(CHILD(_exit(set(fd, F_SETLK, F_WRLCK, 50, 1) < 0 ? errno : 0))));
	pid = getpid();
	SHOW("child asks", wait_code(CHILD({
		fl = (struct flock){ .l_type = F_RDLCK };
		fcntl(fd, F_GETLK, &fl);
		_exit(fl.l_type == F_WRLCK && fl.l_pid == pid && fl.l_start == 0 && fl.l_len == 15 ? 0 : 1);
	})));
	SHOW("read lock on write-only", set(open("lock", O_WRONLY), F_SETLK, F_RDLCK, 0, 1));
	MUST(fd2 = open("lock", O_RDWR));
	close(fd2);
	SHOW("any close releases", wait_code(CHILD(_exit(set(fd, F_SETLK, F_WRLCK, 5, 1) < 0 ? errno : 0))));

	MUST(pipe(p));
	MUST(pipe(q));
	set(fd, F_SETLK, F_WRLCK, 0, 1);
	pid = CHILD({
		set(fd, F_SETLK, F_WRLCK, 1, 1);
		write(p[1], "x", 1);
		_exit(set(fd, F_SETLKW, F_WRLCK, 0, 1) < 0 ? errno : 77);
	});
	read(p[0], &c, 1);
	sleep_ms(50);
	SHOW("deadlock", set(fd, F_SETLKW, F_WRLCK, 1, 1));
	set(fd, F_SETLK, F_UNLCK, 0, 0);
	SHOW("the other got it", wait_code(pid));
	SHOW("OFD", set(fd, 37, F_WRLCK, 0, 0));
	SHOW("OFD conflict in one process", set(open("lock", O_RDWR), 37, F_WRLCK, 0, 0));
	SHOW("OFD child inherits", wait_code(CHILD(_exit(set(fd, 37, F_WRLCK, 0, 0) < 0 ? errno : 0))));
	SHOW("bad type", set(fd, F_SETLK, 99, 0, 0));
	SHOW("lock pipe", set(p[0], F_SETLK, F_RDLCK, 0, 0) < 0 ? errno : 0);
	SHOW("F_SETLEASE", fcntl(fd, 1024, F_RDLCK) < 0 ? errno : 0);
}

/* Eight processes add to one number under a lock: nothing is lost. */
static void counter(int posix)
{
	pid_t pids[8];
	char buf[16];
	int i;

	MUST(put_file("count", "0", 0600));
	for (i = 0; i < 8; i++)
		pids[i] = CHILD({
			int fd = open("count", O_RDWR);

			for (int k = 0; k < 25; k++) {
				char text[16] = "";

				if (posix ? set(fd, F_SETLKW, F_WRLCK, 0, 0) : flock(fd, LOCK_EX))
					_exit(1);
				pread(fd, text, 15, 0);
				snprintf(text, sizeof(text), "%d", atoi(text) + 1);
				pwrite(fd, text, strlen(text), 0);
				if (posix)
					set(fd, F_SETLK, F_UNLCK, 0, 0);
				else
					flock(fd, LOCK_UN);
			}
		});
	for (i = 0; i < 8; i++)
		if (wait_code(pids[i]))
			say("FAIL child");
	get_file("count", buf, sizeof(buf));
	say("count with %s: %s", posix ? "fcntl" : "flock", buf);
}

int main(void)
{
	whole_file();
	ranges();
	counter(0);
	counter(1);
	return 0;
}
