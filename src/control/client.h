/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's end: asking sandboxes that run.
 *
 * Side: host, in the process of "kbox ps" and its like; functions here wait for
 * an answer, for KBOX_CONTROL_WAIT_MS at most.
 */
#ifndef KBOX_CONTROL_CLIENT_H
#define KBOX_CONTROL_CLIENT_H

#include <stddef.h>

#include "protocol.h"

/*
 * A connection to the sandbox @name, which the caller owns; or -errno after one
 * line that says what is wrong.
 */
int kbox_client_connect(const char *name);

/*
 * Call @found with a connection, which it must not close, to each sandbox of
 * the user. 0, also when there is none; or -errno after one line.
 */
int kbox_client_each(void (*found)(const char *name, int fd, void *arg),
		     void *arg);

/* Wait for one message: its size, 0 at the end, -ETIMEDOUT, -errno. */
long kbox_client_receive(int fd, void *buf, size_t room);

/* What it is and does. 0 or -errno. */
int kbox_client_info(int fd, struct kbox_control_info *ret_info);

/* Send it @sig. 0 or -errno. */
int kbox_client_kill(int fd, int sig);

#endif
