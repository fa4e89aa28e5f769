/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keeper: ends the guests when both front and supervisor were killed.
 *
 * Side: host. A small process beside them that sleeps until the supervisor has
 * ended. It is in a session of its own and has another name, so that what
 * kills kbox by its group or its name spares it.
 */
#ifndef KBOX_LAUNCH_KEEPER_H
#define KBOX_LAUNCH_KEEPER_H

#include <stdbool.h>

#include "front.h"

/*
 * Fork it. @socket_fd is the front's end of the supervisor's socket, @lock_fd
 * the lock of the slot that @loader is in; the keeper takes copies of both.
 * Its number, or -errno.
 */
int kbox_keeper_start(int socket_fd, int lock_fd,
		      const struct kbox_front_loader *loader);

/* Whether the supervisor has said that no guest is left. Does not block. */
bool kbox_keeper_needless(int socket_fd);

#endif
