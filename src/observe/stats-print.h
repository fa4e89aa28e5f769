/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics of a run, as a table for people or as JSON.
 *
 * Side: host.
 */
#ifndef KBOX_OBSERVE_STATS_PRINT_H
#define KBOX_OBSERVE_STATS_PRINT_H

#include "../guest/box.h"
#include "../shadow/shadow-cache.h"
#include "json.h"
#include "stats.h"

struct kbox_stats_report {
	const struct kbox_stats *stats;
	const struct kbox_counters *counters;
	const struct kbox_shadow_stats *shadows;
	const struct kbox_disk_counters *disks;
	unsigned int disk_count;
	uint64_t run_ns;
};

/* Lines on standard error, whatever the log level. */
void kbox_stats_print(const struct kbox_stats_report *report);

/* One object, described in kbox(1). */
void kbox_stats_json(struct kbox_json *json,
		     const struct kbox_stats_report *report);

#endif
