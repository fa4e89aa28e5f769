/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Closing a descriptor whose close takes the host long.
 *
 * Side: host. How it works is told in close-later.h.
 */
#include "close-later.h"

#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"

/* Send @fd and the socket @to through @from, whose peer is @to. */
static void send_away(int from, int to, int fd)
{
	const int fds[2] = { fd, to };
	union {
		char bytes[CMSG_SPACE(sizeof(fds))];
		struct cmsghdr align;
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&msg);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(rights), fds, sizeof(fds));
	/* When it cannot be sent, closing it takes its time. */
	(void)!sendmsg(from, &msg, MSG_NOSIGNAL);
}

int kbox_close_later(int fd)
{
	int pair[2];

	if (fd < 0)
		return -1;
	if (!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair)) {
		send_away(pair[0], pair[1], fd);
		fd = kbox_close(fd);
		kbox_close(pair[1]);
		/* The last one: it is what calls the collector. */
		kbox_close(pair[0]);
	}
	return kbox_close(fd);
}
