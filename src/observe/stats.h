/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics of a run (--stats): per system call how often, how long, with
 * what result; and what guests asked for that is not there.
 *
 * Side: host, on the supervisor's thread.
 */
#ifndef KBOX_OBSERVE_STATS_H
#define KBOX_OBSERVE_STATS_H

#include <stdint.h>

#include "../base/limits.h"

/*
 * Durations are counted in classes that are an eighth of their power of two
 * wide: a percentile is at most 12.5 % too high. 2^40 ns are 18 minutes.
 */
#define KBOX_STATS_STEPS 8
#define KBOX_STATS_CLASSES (40 * KBOX_STATS_STEPS)

/* Of one system call. */
struct kbox_call_stats {
	uint64_t count;
	uint64_t errors;
	uint64_t at_host;	/* handed to the host, result unknown */
	uint64_t kernel_ns;	/* in the library kernel */
	uint64_t total_ns;	/* from the notification to the answer */
	uint64_t bytes;		/* read or written */
	uint32_t classes[KBOX_STATS_CLASSES];	/* of durations */
};

/* A program that asked for a call and was refused or not understood. */
struct kbox_refused {
	long nr;
	char comm[16];
	int error;		/* positive errno */
	uint64_t count;
};

struct kbox_stats {
	/* By number, made when first needed; the last is for all larger ones. */
	struct kbox_call_stats *calls[KBOX_COUNTED_NRS + 1];	/* owned */
	struct kbox_refused refused[KBOX_STATS_REFUSED_MAX];
	unsigned int refused_count;
	uint64_t refused_others;	/* for which there was no room */
};

/* What the library kernel asked of one of its disks. */
struct kbox_disk_counters {
	unsigned long long reads, read_bytes;
	unsigned long long writes, write_bytes;
	unsigned long long flushes, discards;
};

/* One call that is over. */
struct kbox_stats_event {
	long nr;
	long value;		/* unless @at_host */
	int at_host;
	int bytes;		/* the value is a number of bytes */
	int refused;		/* -errno of a call that is not offered */
	uint64_t kernel_ns;
	uint64_t total_ns;
	const char *comm;	/* may be NULL unless refused */
};

void kbox_stats_add(struct kbox_stats *stats,
		    const struct kbox_stats_event *event);
void kbox_stats_done(struct kbox_stats *stats);

/* The duration in ns that @percent of the calls do not exceed. */
uint64_t kbox_stats_percentile(const struct kbox_call_stats *calls,
			       unsigned int percent);

#endif
