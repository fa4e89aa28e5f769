/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run did, as lines for the user.
 *
 * Side: host.
 */
#include "stats.h"

#include "../base/log.h"

void kbox_stats_print(const struct kbox_counters *counters,
		      const struct kbox_shadow_stats *shadows)
{
	kbox_log(KBOX_LOG_ERROR,
		 "calls: %llu caught, %llu forwarded, %llu handled, "
		 "%llu continued, %llu blocked, %llu interrupted, %llu unknown",
		 counters->calls, counters->kernel, counters->split,
		 counters->continued, counters->blocked, counters->interrupted,
		 counters->unknown);
	kbox_log(KBOX_LOG_ERROR, "processes: %llu forks, %llu threads, %llu "
		 "execs", counters->forks, counters->threads, counters->execs);
	kbox_log(KBOX_LOG_ERROR,
		 "shadows: %llu hits, %llu misses, %llu evictions, "
		 "%llu invalidations, %u entries, %llu bytes",
		 shadows->hits, shadows->misses, shadows->evictions,
		 shadows->invalidations, shadows->entries, shadows->bytes);
}
