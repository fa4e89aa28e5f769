/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the user's terminal for guests while kbox is in the background.
 *
 * Side: host. Why, and the invariants, are in tty-reader.h.
 */
#include "tty-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"

struct request {
	unsigned int index;	/* of the terminal */
	unsigned int len;	/* bytes */
};

/* Descriptors of the reader: its socket, then the terminals. */
#define READER_SOCKET 0
#define READER_TTY 1

static void serve(unsigned int count)
{
	static char buf[KBOX_TTY_READ_MAX];
	struct request request;

	while (recv(READER_SOCKET, &request, sizeof(request), 0) ==
	       sizeof(request)) {
		struct iovec reply[2];
		int result = -EBADF;

		if (request.len > sizeof(buf))
			request.len = sizeof(buf);
		if (request.index < count) {
			result = (int)read(READER_TTY + (int)request.index,
					   buf, request.len);
			if (result < 0)
				result = -errno;
		}
		reply[0] = (struct iovec){ &result, sizeof(result) };
		reply[1] = (struct iovec){ buf, result > 0 ? (size_t)result :
							     0 };
		if (writev(READER_SOCKET, reply, 2) < 0)
			break;
	}
}

static void run_reader(int socket_fd, const int *fds, unsigned int count,
		       int parent) __attribute__((noreturn));
static void run_reader(int socket_fd, const int *fds, unsigned int count,
		       int parent)
{
	int kept[KBOX_HOST_FDS_MAX + 1];

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || setsid() < 0)
		_exit(1);
	/* Out of the way of the numbers that they shall have. */
	kept[0] = fcntl(socket_fd, F_DUPFD, KBOX_HOST_FDS_MAX + 2);
	for (unsigned int i = 0; i < count; i++)
		kept[i + 1] = fcntl(fds[i], F_DUPFD, KBOX_HOST_FDS_MAX + 2);
	for (unsigned int i = 0; i <= count; i++)
		if (kept[i] < 0 || dup2(kept[i], (int)i) < 0)
			_exit(1);
	close_range(count + 1, ~0U, 0);
	serve(count);
	_exit(0);
}

int kbox_tty_reader_start(struct kbox_tty_reader *reader, const int *fds,
			  unsigned int count)
{
	int pair[2], parent = getpid();
	long pid;

	if (count > KBOX_HOST_FDS_MAX)
		return -EINVAL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	/* No exit signal in the flags. */
	pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (pid == 0)
		run_reader(pair[1], fds, count, parent);
	kbox_close(pair[1]);
	if (pid < 0) {
		int err = -errno;

		kbox_close(pair[0]);
		return err;
	}
	reader->pid = (int)pid;
	reader->socket_fd = pair[0];
	return 0;
}

void kbox_tty_reader_stop(struct kbox_tty_reader *reader)
{
	if (!reader->pid)
		return;
	kbox_close(reader->socket_fd);
	while (waitpid(reader->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	reader->pid = 0;
}

long kbox_tty_reader_read(struct kbox_tty_reader *reader, unsigned int index,
			  void *buf, size_t len)
{
	struct request request = {
		.index = index,
		.len = len < KBOX_TTY_READ_MAX ? (unsigned int)len :
						 KBOX_TTY_READ_MAX,
	};
	int result;
	struct iovec reply[2] = { { &result, sizeof(result) },
				  { buf, request.len } };
	ssize_t n;

	if (send(reader->socket_fd, &request, sizeof(request),
		 MSG_NOSIGNAL) < 0)
		return -EIO;
	do
		n = readv(reader->socket_fd, reply, 2);
	while (n < 0 && errno == EINTR);
	return n < (ssize_t)sizeof(result) ? -EIO : result;
}
