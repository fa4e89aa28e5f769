/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of a box, one a second, the last ones kept.
 *
 * Side: host. The supervisor's thread adds, the server's reads; neither waits
 * for the other.
 *
 * Invariants
 *  1. Counters in a sample only grow over the run: a rate is the difference of
 *     two samples, and one that was missed loses nothing.
 *  2. A sample is written before it is counted, and read as valid only if it
 *     cannot have been written over meanwhile.
 */
#ifndef KBOX_WEB_HISTORY_H
#define KBOX_WEB_HISTORY_H

#include <stdatomic.h>
#include <stdint.h>

#include "../base/limits.h"
#include "../guest/box.h"
#include "../observe/family.h"
#include "../observe/json.h"
#include "../observe/stats.h"
#include "../shadow/shadow-cache.h"

/* One for each power of two of nanoseconds, the first for all below 8. */
#define KBOX_WEB_LATENCIES (KBOX_STATS_CLASSES / KBOX_STATS_STEPS)

/* Where the class begins, in ns; the next one's beginning ends it. */
static inline uint64_t kbox_web_latency_ns(unsigned int class)
{
	return class ? 4ULL << class : 0;
}

/*
 * What the library kernel says of itself: memory, in bytes, and its work since
 * it booted. Not of its /proc/meminfo, which is the host's.
 */
struct kbox_web_kernel {
	uint64_t ram, free, cache, slab, shmem, dirty, writeback;
	uint64_t switches;	/* of tasks */
};

struct kbox_web_sample {
	uint64_t time_ns;		/* since kbox began */
	uint64_t calls[KBOX_FAMILIES];
	uint64_t errors;
	uint64_t kernel_ns, total_ns;	/* of all calls */
	uint64_t latencies[KBOX_WEB_LATENCIES];	/* calls */
	uint64_t caught, continued, blocked, forks, execs;
	struct kbox_web_kernel kernel;
	unsigned int processes, threads;	/* now */
	struct kbox_shadow_stats shadows;
	struct kbox_disk_counters disks;	/* all of them */
};

struct kbox_web_history {
	_Atomic uint64_t count;		/* samples so far, lost ones too */
	struct kbox_web_sample samples[KBOX_WEB_SAMPLES];
};

void kbox_web_history_add(struct kbox_web_history *history,
			  const struct kbox_web_sample *sample);

/* An object with the samples from number @first on that are still there. */
void kbox_web_history_json(const struct kbox_web_history *history,
			   uint64_t first, struct kbox_json *json);

#endif
