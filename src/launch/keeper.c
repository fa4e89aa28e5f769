/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keeper: ends the guests when both front and supervisor were killed.
 *
 * Side: host. What it is told stays in the socket, since the front asks, too.
 */
#include "keeper.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/check.h"
#include "leftovers.h"

static const char keeper_name[] = "box-keeper";

static bool said_goodbye(int socket_fd, int flags)
{
	char byte;

	/* 0 or an error: the other end is closed. */
	return recv(socket_fd, &byte, 1, MSG_PEEK | flags) > 0;
}

static void run_keeper(int socket_fd, int lock_fd,
		       const struct kbox_front_loader *loader) KBOX_NORETURN;
static void run_keeper(int socket_fd, int lock_fd,
		       const struct kbox_front_loader *loader)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	prctl(PR_SET_NAME, keeper_name, 0, 0, 0);
	/* The image may be on a file system that is to be unmounted. */
	if (chdir("/") < 0 || dup2(socket_fd, 0) < 0 || dup2(lock_fd, 1) < 0)
		_exit(KBOX_EXIT_FAILED);
	close_range(2, ~0U, 0);
	if (!said_goodbye(0, 0))
		kbox_leftovers_kill(loader->dev, loader->ino);
	_exit(0);
}

int kbox_keeper_start(int socket_fd, int lock_fd,
		      const struct kbox_front_loader *loader)
{
	int pid = fork();

	if (!pid)
		run_keeper(socket_fd, lock_fd, loader);
	return pid < 0 ? -errno : pid;
}

bool kbox_keeper_needless(int socket_fd)
{
	return said_goodbye(socket_fd, MSG_DONTWAIT);
}
