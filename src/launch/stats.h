/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run did, as lines for the user (--stats).
 *
 * Side: host.
 */
#ifndef KBOX_LAUNCH_STATS_H
#define KBOX_LAUNCH_STATS_H

#include "../guest/box.h"
#include "../shadow/shadow-cache.h"

/* Print to standard error, whatever the log level. */
void kbox_stats_print(const struct kbox_counters *counters,
		      const struct kbox_shadow_stats *shadows);

#endif
