/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every system call number in turn with bad arguments of several kinds, each
 * in a child: whatever it returns, the child can go on afterwards or dies
 * alone, and the supervisor lives.
 * Run: inside limit 300
 */
#include "guest.h"
#include <sys/prctl.h>

static const unsigned long patterns[][6] = {
	{ 0x10, 0x10, 0x10, 0x10, 0x10, 0x10 },
	{ 3, 0x10, 0x10, 0x10, 0x10, 0x10 },
	{ 3, 0x10, 8, 0x10, 0, 0x10 },
	{ -100UL, 0x10, 0x10, 0x10, 0x10, 0x10 },
	{ 0xffff888000000000UL, 0xffff888000000000UL, 0xffff888000000000UL,
	  0xffff888000000000UL, 0xffff888000000000UL, 0xffff888000000000UL },
	{ 3, 0xffffffff81000000UL, 4096, 0xffffffff81000000UL, 4096, 0 },
	{ 0x8000000000000000UL, 0x8000000000000000UL, 1, 1, 1, 1 },
	{ -1UL, -1UL, -1UL, -1UL, -1UL, -1UL },
	{ 0, 0, 0, 0, 0, 0 },
	{ 1, 0x7fffffffffffUL, 0x7fffffff, 0x10, 0x10, 0x10 },
};

/* Numbers that reach beyond the child itself by meaning, not by accident. */
static int skipped(long nr, const unsigned long *a)
{
	/* With pid -1 or 0 these signal every process of the box, us included. */
	return (nr == SYS_kill && (a[0] == -1UL || a[0] == 0)) || nr == SYS_reboot;
}

int main(void)
{
	int calls = 0, died = 0, killed = 0, status;
	struct stat st;

	MUST(put_file("file", "0123456789", 0600));
	for (long nr = 0; nr < 470; nr++)
		for (size_t i = 0; i < COUNT(patterns); i++) {
			const unsigned long *a = patterns[i];
			long long start = now_ms();
			pid_t pid;

			if (skipped(nr, a))
				continue;
			pid = CHILD({
				int fd = open("file", O_RDWR);

				setpgid(0, 0);
				if (fd != 3)
					dup2(fd, 3);
				syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
				_exit(getpid() > 0 ? 0 : 1);
			});
			while (waitpid(pid, &status, WNOHANG) == 0) {
				if (now_ms() - start > 150) {
					kill(pid, SIGKILL);
					kill(-pid, SIGKILL);
					waitpid(pid, &status, 0);
					killed++;
					break;
				}
				if (now_ms() - start > 5)
					sleep_ms(2);
				else
					sched_yield();
			}
			calls++;
			died += WIFSIGNALED(status);
		}
	while (waitpid(-1, &status, WNOHANG) > 0)
		;
	say("calls: %d", calls);
	say("blocked and killed, or dead by signal: %d %d", killed, died);
	if (killed > 300)
		say("FAIL too many calls blocked: %d", killed);
	if (stat("file", &st) < 0)
		say("FAIL the file is gone: %s", strerror(errno));
	if (syscall(1000, 0, 0, 0) != -1 || errno != ENOSYS)
		say("FAIL number 1000 is not ENOSYS");
	if (syscall(SYS_getpid | 0x40000000) != -1 || errno != ENOSYS)
		say("FAIL an x32 number is not ENOSYS");
	if (wait_code(CHILD(_exit(7))) != 7)
		say("FAIL fork afterwards");
	return 0;
}
