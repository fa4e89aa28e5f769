/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One message of protocol.h, with files.
 *
 * Side: host, both ends. Nothing here blocks.
 */
#ifndef KBOX_CONTROL_MESSAGE_H
#define KBOX_CONTROL_MESSAGE_H

#include <stddef.h>

#include "protocol.h"

#define KBOX_CONTROL_FILES 3

/*
 * Send @head, whose version and @size bytes are filled in, and @count files.
 * 0; -EAGAIN when the other end does not read; or another -errno.
 */
int kbox_control_send(int fd, struct kbox_control_head *head, size_t size,
		      const int *files, unsigned int count);

/* A message that is no more than its head. As above. */
int kbox_control_say(int fd, enum kbox_control_kind kind, int number);

/*
 * Receive one into @buf of @room bytes, aligned for any message. Its size;
 * 0 when the other end has gone; -EAGAIN when there is none; -EPROTO for what
 * is none of this version; or another -errno. @files, which the caller owns,
 * are -1 where there is none.
 */
long kbox_control_receive(int fd, void *buf, size_t room,
			  int files[KBOX_CONTROL_FILES]);

#endif
