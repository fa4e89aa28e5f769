/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow cache.
 *
 * Side: host; runs on kernel tasks' stacks. Invariants are in shadow-cache.h.
 */
#include "shadow-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "shadow-fd.h"

/* A shadow that is being filled; lives on the filling task's stack. */
struct fill {
	struct kbox_list link;
	unsigned long long dev, ino;
	bool stale;
};

unsigned long long kbox_shadow_default_budget(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
	unsigned long long share;

	if (pages <= 0 || page_bytes <= 0)
		return KBOX_SHADOW_CACHE_BYTES;
	share = (unsigned long long)pages * (unsigned long long)page_bytes /
		KBOX_SHADOW_CACHE_SHARE;
	return share < KBOX_SHADOW_CACHE_BYTES ? share :
						 KBOX_SHADOW_CACHE_BYTES;
}

void kbox_shadow_cache_init(struct kbox_shadow_cache *cache,
			    unsigned long long budget_bytes)
{
	memset(cache, 0, sizeof(*cache));
	kbox_list_init(&cache->lru);
	kbox_list_init(&cache->free);
	kbox_list_init(&cache->fills);
	cache->budget_bytes = budget_bytes;
	cache->reopen = kbox_shadow_needs_reopening();
	for (unsigned int i = 0; i < KBOX_SHADOW_CACHE_MAX; i++) {
		cache->entries[i].fd = -1;
		kbox_list_add_tail(&cache->free, &cache->entries[i].lru);
	}
}

static void drop(struct kbox_shadow_cache *cache,
		 struct kbox_shadow_entry *entry)
{
	entry->fd = kbox_close(entry->fd);
	cache->stats.bytes -= entry->bytes;
	cache->stats.entries--;
	kbox_list_del(&entry->lru);
	kbox_list_add_head(&cache->free, &entry->lru);
}

void kbox_shadow_cache_reset(struct kbox_shadow_cache *cache)
{
	struct kbox_shadow_entry *entry, *next;
	struct fill *fill;

	KBOX_LIST_FOR_EACH_SAFE(entry, next, &cache->lru, lru)
		drop(cache, entry);
	KBOX_LIST_FOR_EACH(fill, &cache->fills, link)
		fill->stale = true;
}

static struct kbox_shadow_entry *find(struct kbox_shadow_cache *cache,
				      unsigned long long dev,
				      unsigned long long ino)
{
	struct kbox_shadow_entry *entry;

	KBOX_LIST_FOR_EACH(entry, &cache->lru, lru)
		if (entry->id.ino == ino && entry->id.dev == dev)
			return entry;
	return NULL;
}

static bool same_id(const struct kbox_file_id *a, const struct kbox_file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino &&
	       a->mtime_sec == b->mtime_sec && a->mtime_nsec == b->mtime_nsec &&
	       a->size == b->size && a->ctime_sec == b->ctime_sec &&
	       a->ctime_nsec == b->ctime_nsec &&
	       a->generation == b->generation && a->version == b->version;
}

void kbox_shadow_cache_invalidate(struct kbox_shadow_cache *cache,
				  unsigned long long dev,
				  unsigned long long ino)
{
	struct kbox_shadow_entry *entry, *next;
	struct fill *fill;

	KBOX_LIST_FOR_EACH_SAFE(entry, next, &cache->lru, lru) {
		if (entry->id.dev == dev && (!ino || entry->id.ino == ino)) {
			drop(cache, entry);
			cache->stats.invalidations++;
		}
	}
	KBOX_LIST_FOR_EACH(fill, &cache->fills, link)
		if (fill->dev == dev && (!ino || fill->ino == ino))
			fill->stale = true;
}

/* 1 and *@ret_fd on a hit, 0 on a miss, or -errno. */
static int look_up(struct kbox_shadow_cache *cache,
		   const struct kbox_file_id *id, int *ret_fd)
{
	struct kbox_shadow_entry *entry = find(cache, id->dev, id->ino);
	int fd;

	if (entry && !same_id(&entry->id, id)) {
		drop(cache, entry);
		cache->stats.invalidations++;
		entry = NULL;
	}
	if (!entry)
		return 0;
	fd = fcntl(entry->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -ENOMEM;
	kbox_list_del(&entry->lru);
	kbox_list_add_head(&cache->lru, &entry->lru);
	cache->stats.hits++;
	*ret_fd = fd;
	return 1;
}

/* 0, which no shadow has, when it cannot be marked with its number. */
static unsigned long next_number(struct kbox_shadow_cache *cache, int fd)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	if (cache->last_number == KBOX_SHADOW_NUMBER_MAX)
		return 0;
	times[1].tv_sec = (time_t)cache->last_number + 1;
	return futimens(fd, times) < 0 ? 0 : ++cache->last_number;
}

/* Keep a duplicate of @fd. Failing to do so only costs a later miss. */
static void insert(struct kbox_shadow_cache *cache,
		   const struct kbox_file_id *id, int fd)
{
	struct kbox_shadow_entry *entry = find(cache, id->dev, id->ino);
	unsigned long long bytes = kbox_shadow_bytes(fd);
	int own;

	/* Another task was faster with the same file, or with an older one. */
	if (entry)
		drop(cache, entry);
	if (bytes > cache->budget_bytes)
		return;
	while (kbox_list_empty(&cache->free) ||
	       cache->stats.bytes > cache->budget_bytes - bytes) {
		drop(cache, KBOX_LIST_LAST(&cache->lru,
					   struct kbox_shadow_entry, lru));
		cache->stats.evictions++;
	}
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own < 0)
		return;
	entry = KBOX_LIST_FIRST(&cache->free, struct kbox_shadow_entry, lru);
	kbox_list_del(&entry->lru);
	kbox_list_add_head(&cache->lru, &entry->lru);
	entry->id = *id;
	entry->fd = own;
	entry->bytes = bytes;
	entry->number = next_number(cache, own);
	cache->stats.bytes += bytes;
	cache->stats.entries++;
}

bool kbox_shadow_cache_has(struct kbox_shadow_cache *cache,
			   const struct kbox_file_id *id, unsigned long have)
{
	struct kbox_shadow_entry *entry;

	if (!have || !cache->budget_bytes || id->once)
		return false;
	entry = find(cache, id->dev, id->ino);
	if (!entry || entry->number != have || !same_id(&entry->id, id))
		return false;
	kbox_list_del(&entry->lru);
	kbox_list_add_head(&cache->lru, &entry->lru);
	cache->stats.hits++;
	return true;
}

unsigned long kbox_shadow_number(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_mtim.tv_sec <= 0 ||
	    st.st_mtim.tv_sec > KBOX_SHADOW_NUMBER_MAX)
		return 0;
	return (unsigned long)st.st_mtim.tv_sec;
}

int kbox_shadow_create_cached(struct kbox_shadow_cache *cache,
			      const struct kbox_file_id *id,
			      struct kbox_file *file, int *ret_fd)
{
	struct fill fill = { .dev = id->dev, .ino = id->ino };
	bool keep = cache->budget_bytes && !id->once;
	int fd, err;

	err = keep ? look_up(cache, id, ret_fd) : 0;
	if (err)
		return err < 0 ? err : 0;
	cache->stats.misses++;
	kbox_list_add_head(&cache->fills, &fill.link);
	err = kbox_shadow_create(id, file, cache->reopen, &fd);
	kbox_list_del(&fill.link);
	if (err)
		return err;
	if (keep && !fill.stale)
		insert(cache, id, fd);
	*ret_fd = fd;
	return 0;
}

unsigned int kbox_shadow_cache_size(const struct kbox_shadow_cache *cache)
{
	return cache->stats.entries;
}

unsigned long long kbox_shadow_cache_hits(const struct kbox_shadow_cache *cache)
{
	return cache->stats.hits;
}

unsigned long long
kbox_shadow_cache_misses(const struct kbox_shadow_cache *cache)
{
	return cache->stats.misses;
}

unsigned long long
kbox_shadow_cache_bytes(const struct kbox_shadow_cache *cache)
{
	return cache->stats.bytes;
}

unsigned long long
kbox_shadow_cache_evictions(const struct kbox_shadow_cache *cache)
{
	return cache->stats.evictions;
}

unsigned long long
kbox_shadow_cache_invalidations(const struct kbox_shadow_cache *cache)
{
	return cache->stats.invalidations;
}
