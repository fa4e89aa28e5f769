/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics of a run: counting.
 *
 * Side: host.
 */
#include "stats.h"

#include <stdlib.h>
#include <string.h>

static unsigned int class_of(uint64_t ns)
{
	unsigned int power, class;

	if (ns < KBOX_STATS_STEPS)
		return (unsigned int)ns;
	power = 63 - (unsigned int)__builtin_clzll(ns);
	/* The three bits below the highest one choose the step. */
	class = (power - 2) * KBOX_STATS_STEPS +
		(unsigned int)(ns >> (power - 3) & (KBOX_STATS_STEPS - 1));
	return class < KBOX_STATS_CLASSES ? class : KBOX_STATS_CLASSES - 1;
}

/* The longest duration in a class. */
static uint64_t class_end(unsigned int class)
{
	unsigned int power = class / KBOX_STATS_STEPS + 2;
	uint64_t step = class % KBOX_STATS_STEPS;

	if (class < KBOX_STATS_STEPS)
		return class;
	return ((KBOX_STATS_STEPS + step + 1) << (power - 3)) - 1;
}

static struct kbox_call_stats *stats_of(struct kbox_stats *stats, long nr)
{
	unsigned int index = nr >= 0 && nr < KBOX_COUNTED_NRS ?
				     (unsigned int)nr : KBOX_COUNTED_NRS;

	if (!stats->calls[index])
		stats->calls[index] = calloc(1, sizeof(*stats->calls[index]));
	return stats->calls[index];
}

static void add_refused(struct kbox_stats *stats,
			const struct kbox_stats_event *event)
{
	struct kbox_refused *refused = stats->refused;

	for (unsigned int i = 0; i < stats->refused_count; i++, refused++)
		if (refused->nr == event->nr &&
		    !strncmp(refused->comm, event->comm,
			     sizeof(refused->comm))) {
			refused->count++;
			return;
		}
	if (stats->refused_count == KBOX_STATS_REFUSED_MAX) {
		stats->refused_others++;
		return;
	}
	stats->refused_count++;
	refused->nr = event->nr;
	refused->error = -event->refused;
	refused->count = 1;
	memcpy(refused->comm, event->comm,
	       strnlen(event->comm, sizeof(refused->comm) - 1));
}

void kbox_stats_add(struct kbox_stats *stats,
		    const struct kbox_stats_event *event)
{
	struct kbox_call_stats *calls = stats_of(stats, event->nr);

	if (event->refused)
		add_refused(stats, event);
	if (!calls)
		return;
	calls->count++;
	calls->at_host += event->at_host;
	calls->kernel_ns += event->kernel_ns;
	calls->total_ns += event->total_ns;
	calls->classes[class_of(event->total_ns)]++;
	if (event->at_host)
		return;
	if (event->value < 0 && event->value >= -4095)
		calls->errors++;
	else if (event->bytes)
		calls->bytes += (uint64_t)event->value;
}

void kbox_stats_done(struct kbox_stats *stats)
{
	for (unsigned int i = 0; i <= KBOX_COUNTED_NRS; i++)
		free(stats->calls[i]);
	memset(stats, 0, sizeof(*stats));
}

uint64_t kbox_stats_percentile(const struct kbox_call_stats *calls,
			       unsigned int percent)
{
	/* Round up: of 10 calls the slowest one is the 99th percentile. */
	uint64_t left = (calls->count * percent + 99) / 100;

	for (unsigned int i = 0; i < KBOX_STATS_CLASSES; i++) {
		if (calls->classes[i] >= left)
			return class_end(i);
		left -= calls->classes[i];
	}
	return class_end(KBOX_STATS_CLASSES - 1);
}
