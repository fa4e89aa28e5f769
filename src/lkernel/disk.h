/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks: parts of host files that the kernel's block devices read and write.
 *
 * Side: host. At the end of a call's way: what the page cache has not, and what
 * is made durable.
 *
 * Theory of operation. What takes no waiting is done in line: reads of what the
 * host has in memory, small writes, which end in the host's memory, and
 * everything on a host file system that is memory. The rest is given to a worker (workers.h), and the kernel gets it back when it is
 * done. Before the first guest and after the last there is nobody else to be
 * served: then everything is in line, and no worker exists.
 *
 * Phases, and why held writes lose nothing: docs/decisions/0020-held-writes.md.
 * What is waited for where: docs/decisions/0085-asynchronous-disks.md.
 *
 * Invariants
 *  1. Nothing outside [start, start + bytes) of the file is ever touched, and
 *     a read-only disk is never written: both are checked here, whatever the
 *     kernel asks for.
 *  2. What is read is what was written last, whether it is held or not.
 *  3. Putting what is held on the disk has the disk for itself: it begins when
 *     nothing else is under way, and what comes meanwhile waits for its end.
 *  4. A flush is left out only when everything that was ever written by us was
 *     done before a flush began that has succeeded.
 */
#ifndef KBOX_LKERNEL_DISK_H
#define KBOX_LKERNEL_DISK_H

#include <stdbool.h>

#include "../../abi/lkernel.h"
#include "../observe/stats.h"
#include "held-writes.h"

struct kbox_host;

/* What happens to what is written to a disk. */
enum kbox_disk_phase {
	KBOX_DISK_DIRECT,	/* it goes to the file at once */
	KBOX_DISK_LAUNCH,	/* it is held in memory */
	/*
	 * The first change puts what is held on the disk before itself; from
	 * then on the phase is KBOX_DISK_DIRECT.
	 */
	KBOX_DISK_RUN,
	KBOX_DISK_END,		/* the same, and no flush without a write */
};

struct kbox_disk_queue {
	struct kbox_disk_request *first, *last;
};

/* A disk of the kernel: a part of an open host file. */
struct kbox_host_disk {
	const char *name;		/* for messages; not owned */
	int fd;				/* not owned */
	unsigned long long start;	/* bytes */
	unsigned long long bytes;
	bool read_only;
	enum kbox_disk_phase phase;
	struct kbox_held_writes held;	/* empty when DIRECT */
	struct kbox_disk_counters counters;

	/* disk.c's own; all zeroes for a new disk. */
	bool failed;			/* which was said */
	bool in_memory;			/* the host's file is */
	bool reads_unknown;		/* the host does not say whether ... */
	bool writes_unknown;		/* ... they would have to wait */
	unsigned long long slow_until_ns; /* a write in line took long */
	bool flushed;			/* as invariant 4 says */
	unsigned long changes;		/* begun since the start */
	unsigned int changing;		/* of them under way */
	unsigned int jobs;		/* with workers */
	bool putting_out;		/* what is held: one of the jobs */
	struct kbox_disk_queue waiting;	/* for that */
};

/*
 * Make bytes [->start, ->start + ->bytes) of ->fd the next disk. The descriptor
 * stays the caller's and open until kbox_host_done(). The index or -ENOSPC.
 */
int kbox_host_add_disk(struct kbox_host *host,
		       const struct kbox_host_disk *disk);

/*
 * Go on to @phase, unless it is KBOX_DISK_DIRECT already. Returns whether the
 * file is as it was when it became a disk: nothing has been written to it.
 * Without workers only. Blocks.
 */
bool kbox_host_disk_enter(struct kbox_host *host, unsigned int disk,
			  enum kbox_disk_phase phase);

/* Read as the kernel would. Without workers only. Blocks. 0 or -errno. */
int kbox_host_disk_peek(struct kbox_host *host, unsigned int disk, void *buf,
			unsigned long len, unsigned long long offset);

/*
 * From here on no request waits in line, until _stop(): it waits for what is
 * under way, which the kernel may still reap. Failing to start leaves all in
 * line.
 */
void kbox_host_disks_start(struct kbox_host *host);
void kbox_host_disks_stop(struct kbox_host *host);

/* The operations of struct kbox_host_ops. */
int kbox_host_disk_submit(struct kbox_disk_request *request);
struct kbox_disk_request *kbox_host_disk_reap(void);

#endif
