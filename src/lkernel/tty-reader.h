/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the user's terminal for guests while kbox is in the background.
 *
 * Side: host.
 *
 * A shell inside puts itself into a process group of its own and makes that
 * the terminal's foreground. It is then in the foreground, and the supervisor,
 * which reads for it, is not: the host gives it EIO. Rules of job control do
 * not hold for a process without controlling terminal, so a small process of
 * our own in a session of its own reads in our place.
 *
 * Invariants
 *  1. It is forked from the event loop, never on a kernel task's stack, which
 *     lies in shared memory.
 *  2. It holds the terminals and one socket, no privileges, and dies with the
 *     supervisor.
 *  3. It is a child without exit signal (clone(2)), which waiting for guests
 *     passes over.
 *
 * Whether the guest that asks may read is decided before, by
 * kbox_host_fd_job_control().
 */
#ifndef KBOX_LKERNEL_TTY_READER_H
#define KBOX_LKERNEL_TTY_READER_H

#include <stddef.h>
#include <sys/types.h>

struct kbox_tty_reader {
	int pid;	/* 0: not started */
	int socket_fd;	/* owned */
};

/*
 * Start it with the terminals @fds, which have non-blocking descriptions. 0 or
 * -errno.
 */
int kbox_tty_reader_start(struct kbox_tty_reader *reader, const int *fds,
			  unsigned int count);
void kbox_tty_reader_stop(struct kbox_tty_reader *reader);

/* As a non-blocking read(2) of fd number @index. Bytes or -errno. */
long kbox_tty_reader_read(struct kbox_tty_reader *reader, unsigned int index,
			  void *buf, size_t len);

#endif
