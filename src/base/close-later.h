/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Closing a descriptor whose close takes the host long.
 *
 * Side: host.
 *
 * The last close of an inotify instance waits until no reader of its marks can
 * be left, for milliseconds that the user would wait for at the end of a run.
 * The host closes files in its own time when nobody can reach them any more:
 * those that are under way in a message to a socket which is in that message
 * itself. Its garbage collector, a worker since Linux 6.10, finds them; on
 * older ones it runs before the close of the socket returns, which then takes
 * as long as a plain close.
 *
 * Source: unix(7), SCM_RIGHTS; the kernel's net/unix/garbage.c.
 */
#ifndef KBOX_BASE_CLOSE_LATER_H
#define KBOX_BASE_CLOSE_LATER_H

/* Close @fd when it is one, if possible without waiting. Returns -1. */
int kbox_close_later(int fd);

#endif
