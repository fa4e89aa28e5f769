/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live memfds: the contents of files that guests map with MAP_SHARED.
 *
 * Side: host; most of it runs on kernel tasks' stacks. The library kernel
 * (drivers/live.c there) keeps file and memfd alike; this keeps the memfds and
 * who maps them.
 *
 * Invariants
 *  1. Only a mapping slot of a guest ever gets a description that can write,
 *     and only for a file that the guest has open for writing. All others get
 *     one that was opened read-only.
 *  2. A process that may have a mapping of a memfd is among its mappers: it is
 *     added before the host does the mmap, a child inherits from its parent
 *     when it is bound, and it goes when the process ends or executes, or when
 *     a scan shows no shared mapping of its. So of those that have one, which
 *     are all that matter, the set is never too small.
 *  3. A scan leaves out processes for which table->busy says that an mmap or
 *     a fork may be under way.
 *
 * Sources: memfd_create(2), proc_pid_maps(5).
 */
#ifndef KBOX_SHADOW_LIVE_H
#define KBOX_SHADOW_LIVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "../base/limits.h"

struct kbox_live {
	int fd;			/* owned */
	int read_fd;		/* owned: opened read-only; -1: not yet */
	dev_t dev;		/* of the memfd, as maps shows it */
	ino_t ino;
	int *mappers;		/* owned: thread group numbers */
	unsigned int mapper_count;
	unsigned int mapper_room;
	bool seen;		/* by the scan of one process */
};

struct kbox_live_table {
	unsigned int count;
	struct kbox_live *lives[KBOX_LIVES_MAX];
	/* Whether a mapping of process @tgid may be on its way. May be NULL. */
	bool (*busy)(void *context, int tgid);
	void *busy_context;
};

/*
 * A memfd of @size bytes, all zero, for file @dev, @ino. Its descriptor names it from now on. The
 * descriptor, or -ENFILE when there are KBOX_LIVES_MAX, -ENOMEM, -EMFILE.
 */
int kbox_live_create(struct kbox_live_table *table, unsigned long long dev,
		     unsigned long long ino, unsigned long long size);
void kbox_live_destroy(struct kbox_live_table *table, int fd);

/* Destroy all. */
void kbox_live_table_done(struct kbox_live_table *table);

/* Up to @len bytes from @offset on: how many, fewer at the end; or -errno. */
long kbox_live_read(int fd, void *buf, unsigned long len,
		    unsigned long long offset);

/* The size in bytes; what comes new is zero. 0 or -errno. */
int kbox_live_resize(int fd, unsigned long long size);

/* Make a range zero, and give its memory back. 0 or -errno. */
int kbox_live_clear(int fd, unsigned long long offset, unsigned long long len);

/* The first offset from @offset on that is not in a hole; -ENXIO: none. */
long long kbox_live_data(int fd, unsigned long long offset);

/*
 * Process @tgid is about to map @fd: a descriptor for its slot, owned by the
 * caller, or -errno. Only a @writable one can be mapped so.
 */
int kbox_live_map(struct kbox_live_table *table, int fd, int tgid,
		  bool writable);

/* Whether process @tgid may map @fd; 0: any process. */
bool kbox_live_mapped(const struct kbox_live_table *table, int fd, int tgid);

/* Whether process @tgid may map any. */
bool kbox_live_mapped_any(const struct kbox_live_table *table, int tgid);

/* Bring the mappers in line with what processes map now. */
void kbox_live_scan(struct kbox_live_table *table);

/*
 * @to has all mappings that @from has, as a child does, or another process with
 * the same memory. 0 or -ENOMEM.
 */
int kbox_live_inherit(struct kbox_live_table *table, int from, int to);

/* @tgid maps nothing any more. Whether that may leave a memfd unmapped. */
bool kbox_live_forget(struct kbox_live_table *table, int tgid);

#endif
