/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One message of protocol.h, with files.
 *
 * Side: host, both ends. Source: unix(7), cmsg(3).
 */
#include "message.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../base/cleanup.h"

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(KBOX_CONTROL_FILES * sizeof(int))];
};

int kbox_control_send(int fd, struct kbox_control_head *head, size_t size,
		      const int *files, unsigned int count)
{
	struct iovec data = { head, size };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *header;

	head->version = KBOX_CONTROL_VERSION;
	head->size = (uint32_t)size;
	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), files, count * sizeof(int));
	}
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ?
		       -errno : 0;
}

int kbox_control_say(int fd, enum kbox_control_kind kind, int number)
{
	struct kbox_control_head head = {
		.kind = kind,
		.number = number,
	};

	return kbox_control_send(fd, &head, sizeof(head), NULL, 0);
}

/*
 * False when there are more than are wanted: the room for them is rounded up.
 * Those are closed.
 */
static bool take_files(struct msghdr *message, int files[KBOX_CONTROL_FILES])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count;

	if (!header || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS)
		return true;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (size_t i = 0; i < count; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
		if (i < KBOX_CONTROL_FILES)
			files[i] = fd;
		else
			kbox_close(fd);
	}
	return count <= KBOX_CONTROL_FILES;
}

long kbox_control_receive(int fd, void *buf, size_t room,
			  int files[KBOX_CONTROL_FILES])
{
	const struct kbox_control_head *head = buf;
	struct iovec data = { buf, room };
	union control control;
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	bool wanted;
	ssize_t len;

	for (unsigned int i = 0; i < KBOX_CONTROL_FILES; i++)
		files[i] = -1;
	len = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0)
		return -errno;
	wanted = take_files(&message, files);
	if (!len && wanted)
		return 0;
	if (wanted && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    (size_t)len >= sizeof(*head) && head->size == (size_t)len &&
	    head->version == KBOX_CONTROL_VERSION)
		return len;
	for (unsigned int i = 0; i < KBOX_CONTROL_FILES; i++)
		files[i] = kbox_close(files[i]);
	return -EPROTO;
}
