/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is left of a box when its supervisor is gone.
 *
 * Side: host. Invariants are in leftovers.h.
 */
#include "leftovers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../guest/proc-status.h"

struct search {
	dev_t dev;
	ino_t ino;
	unsigned int found;
};

static bool executes(const struct search *search, int pid)
{
	struct stat st;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return !stat(path, &st) && st.st_dev == search->dev &&
	       st.st_ino == search->ino;
}

static int kill_one(int pid, void *context)
{
	KBOX_CLEANUP_CLOSE int pidfd = -1;
	struct search *search = context;

	if (!executes(search, pid))
		return 0;
	search->found++;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0 && executes(search, pid))
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	return 0;
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int kbox_leftovers_kill(dev_t dev, ino_t ino)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	long long end_ns = now_ns() + (long long)KBOX_KILL_GRACE_NS;
	unsigned int empty = 0;

	for (;;) {
		struct search search = { .dev = dev, .ino = ino };

		kbox_proc_visit("/proc", kill_one, &search);
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		/*
		 * One empty round can have missed a child that was made behind
		 * it by a parent that ended before it came by.
		 */
		empty = search.found ? 0 : empty + 1;
		if (empty == 2)
			return 0;
		if (now_ns() > end_ns)
			return -ETIMEDOUT;
		if (search.found)
			nanosleep(&nap, NULL);
	}
}
