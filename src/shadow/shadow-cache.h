/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow cache: one sealed memfd per version of a file, used again by
 * every map and exec of it.
 *
 * Side: host. The only place that shadows come from.
 *
 * Invariants
 *  1. At most KBOX_SHADOW_CACHE_MAX entries, and their memory (holes cost
 *     nothing) adds up to at most the byte budget; the least recently used
 *     goes first. A shadow larger than the budget is handed out, not kept.
 *  2. At most one entry per (dev, ino). All of struct kbox_file_id must match
 *     for a hit; otherwise the entry is stale and goes.
 *  3. The cache's own fds are never handed out: a caller gets a duplicate that
 *     it owns. So closing it leaves the entry alone, and evicting the entry
 *     leaves the caller's fd and all mappings alone.
 *  4. A shadow whose file was invalidated while it was being filled is handed
 *     to the caller that asked, as a mapping of a file that is being written
 *     shows some mixture natively, but is not kept.
 *
 * What it does not do: it does not notice changes by itself. Each question
 * comes with the file's identity of that moment, which the library kernel takes
 * under the inode's lock; what an identity cannot show, the kernel tells by
 * kbox_shadow_cache_invalidate(). docs/decisions/0034-shadow-invalidation.md.
 */
#ifndef KBOX_SHADOW_SHADOW_CACHE_H
#define KBOX_SHADOW_SHADOW_CACHE_H

#include <stdbool.h>

#include "../../abi/lkernel.h"
#include "../base/limits.h"
#include "../base/list.h"

struct kbox_shadow_entry {
	struct kbox_list lru;	/* most recently used first; or among the free */
	struct kbox_file_id id;
	unsigned long long bytes;	/* of memory */
	unsigned long number;		/* no other shadow has had it */
	int fd;			/* owned */
};

struct kbox_shadow_stats {
	unsigned long long hits;
	unsigned long long misses;
	unsigned long long evictions;		/* for room */
	unsigned long long invalidations;	/* stale, or told so */
	unsigned long long bytes;		/* of all entries, now */
	unsigned int entries;			/* now */
};

struct kbox_shadow_cache {
	struct kbox_list lru;
	struct kbox_list free;
	struct kbox_list fills;		/* shadows under construction */
	unsigned long long budget_bytes;
	unsigned long last_number;
	bool reopen;			/* see kbox_shadow_create() */
	struct kbox_shadow_stats stats;
	struct kbox_shadow_entry entries[KBOX_SHADOW_CACHE_MAX];
};

/* What --shadow-cache is by default: a share of the machine's memory. */
unsigned long long kbox_shadow_default_budget(void);

/* @budget_bytes 0 turns the cache off: every call creates a shadow. */
void kbox_shadow_cache_init(struct kbox_shadow_cache *cache,
			    unsigned long long budget_bytes);

/* Drop all entries; counters stay. Also the end of a cache. */
void kbox_shadow_cache_reset(struct kbox_shadow_cache *cache);

/*
 * A shadow of @file, which has the identity @id, from the cache or new. On
 * success *@ret_fd is the caller's own, close-on-exec. On a miss other kernel
 * tasks may run, and call this for the same file. 0 or as
 * kbox_shadow_create().
 */
int kbox_shadow_create_cached(struct kbox_shadow_cache *cache,
			      const struct kbox_file_id *id,
			      struct kbox_file *file, int *ret_fd);

/*
 * Whether the shadow of @id is in the cache and has the number @have: a hit
 * that needs no descriptor.
 */
bool kbox_shadow_cache_has(struct kbox_shadow_cache *cache,
			   const struct kbox_file_id *id, unsigned long have);

/*
 * The number of the shadow @fd that kbox_shadow_create_cached() gave; 0 when
 * it is not one that was put into the cache. It is kept as the memfd's time of
 * modification in seconds, which nobody else can set, and which is far from any
 * present time; unlike the position, which a read of a guest could move.
 */
unsigned long kbox_shadow_number(int fd);

/*
 * The contents of this inode changed, or its number became free; @ino 0: that
 * of all inodes of the device.
 */
void kbox_shadow_cache_invalidate(struct kbox_shadow_cache *cache,
				  unsigned long long dev,
				  unsigned long long ino);

/* Entries now, and hits and misses since kbox_shadow_cache_init(). */
unsigned int kbox_shadow_cache_size(const struct kbox_shadow_cache *cache);
unsigned long long
kbox_shadow_cache_hits(const struct kbox_shadow_cache *cache);
unsigned long long
kbox_shadow_cache_misses(const struct kbox_shadow_cache *cache);

/* Memory of all entries now; entries dropped for room, and for being stale. */
unsigned long long
kbox_shadow_cache_bytes(const struct kbox_shadow_cache *cache);
unsigned long long
kbox_shadow_cache_evictions(const struct kbox_shadow_cache *cache);
unsigned long long
kbox_shadow_cache_invalidations(const struct kbox_shadow_cache *cache);

#endif
