/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One request of a disk, as calls of the host's.
 *
 * Side: host, on kernel tasks' stacks and in workers. It knows a descriptor
 * and a range, and keeps no state of a disk: that is in disk.c.
 *
 * Invariants
 *  1. A short transfer goes on where it stopped; a read past the end of a
 *     file that became shorter is -EIO.
 *  2. Errors are those of a disk: -ENOSPC when there is no room at the host,
 *     -EOPNOTSUPP for a discard that the host cannot do, else -EIO.
 *
 * Sources: preadv2(2), fallocate(2).
 */
#ifndef KBOX_LKERNEL_DISK_IO_H
#define KBOX_LKERNEL_DISK_IO_H

#include <stdbool.h>

#include "../../abi/lkernel.h"

struct kbox_disk_io {
	int fd;
	unsigned long long offset;	/* in the file; bytes */
	unsigned long long done;	/* bytes of a read or write */
	bool flush_first;
	const struct kbox_disk_request *request; /* op, len, durable, iov */
};

/*
 * Do a read or write as far as it takes no waiting. 0 when it is done, -EAGAIN
 * when the rest has to wait, -EOPNOTSUPP when the host cannot tell whether it
 * would have to (with nothing done), else as kbox_disk_io_wait().
 */
int kbox_disk_io_now(struct kbox_disk_io *io);

/* Do the whole of it, or what is left. Blocks. 0 or -errno. */
int kbox_disk_io_wait(struct kbox_disk_io *io);

/* What was written to @fd is durable. Blocks. 0 or -errno. */
int kbox_disk_io_flush(int fd);

/* Whether @fd's file lies in memory, so that nothing has to be waited for. */
bool kbox_disk_io_in_memory(int fd);

#endif
