/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics of a run, as a table for people or as JSON.
 *
 * Side: host.
 */
#include "stats-print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/log.h"
#include "../base/syscalls.h"
#include "trace-args.h"

#define ROWS (KBOX_COUNTED_NRS + 1)

/* "others" for the numbers that are not counted each. */
static const char *name_of(long nr, char buf[24])
{
	const struct kbox_syscall_info *info = kbox_syscall_info(nr);

	if (info)
		return info->name;
	if (nr == KBOX_COUNTED_NRS)
		return "others";
	snprintf(buf, 24, "#%ld", nr);
	return buf;
}

struct row {
	unsigned int nr;
	const struct kbox_call_stats *calls;
};

static int by_time(const void *a, const void *b)
{
	uint64_t left = ((const struct row *)a)->calls->total_ns;
	uint64_t right = ((const struct row *)b)->calls->total_ns;

	return left < right ? 1 : left > right ? -1 : 0;
}

/* The calls that were made, those that took longest first. */
static unsigned int sort_rows(const struct kbox_stats *stats, struct row *rows)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < ROWS; i++)
		if (stats->calls[i])
			rows[count++] = (struct row){ i, stats->calls[i] };
	qsort(rows, count, sizeof(*rows), by_time);
	return count;
}

#define say(...) kbox_log(KBOX_LOG_ERROR, __VA_ARGS__)

static void print_calls(const struct kbox_stats *stats)
{
	struct row rows[ROWS];
	unsigned int count = sort_rows(stats, rows);
	char name[24];

	say("%-18s %9s %7s %9s %10s %10s %8s %8s %12s", "call", "count",
	    "errors", "at host", "kernel ms", "total ms", "p50 us", "p99 us",
	    "bytes");
	for (unsigned int i = 0; i < count; i++) {
		const struct kbox_call_stats *calls = rows[i].calls;

		say("%-18s %9llu %7llu %9llu %10.3f %10.3f %8.1f %8.1f %12llu",
		    name_of(rows[i].nr, name),
		    (unsigned long long)calls->count,
		    (unsigned long long)calls->errors,
		    (unsigned long long)calls->at_host,
		    (double)calls->kernel_ns / 1e6,
		    (double)calls->total_ns / 1e6,
		    (double)kbox_stats_percentile(calls, 50) / 1e3,
		    (double)kbox_stats_percentile(calls, 99) / 1e3,
		    (unsigned long long)calls->bytes);
	}
}

static void print_refused(const struct kbox_stats *stats)
{
	char name[24];

	for (unsigned int i = 0; i < stats->refused_count; i++) {
		const struct kbox_refused *refused = &stats->refused[i];

		say("not offered: %s asked %llu times for %s: %s",
		    refused->comm, (unsigned long long)refused->count,
		    name_of(refused->nr, name),
		    strerrorname_np(refused->error));
	}
	if (stats->refused_others)
		say("not offered: %llu more calls",
		    (unsigned long long)stats->refused_others);
}

void kbox_stats_print(const struct kbox_stats_report *report)
{
	const struct kbox_counters *counters = report->counters;
	const struct kbox_shadow_stats *shadows = report->shadows;

	print_calls(report->stats);
	say("calls: %llu caught, %llu forwarded, %llu handled, "
	    "%llu continued, %llu blocked, %llu interrupted, %llu unknown",
	    counters->calls, counters->kernel, counters->split,
	    counters->continued, counters->blocked, counters->interrupted,
	    counters->unknown);
	say("processes: %llu forks, %llu threads, %llu execs",
	    counters->forks, counters->threads, counters->execs);
	say("shadows: %llu hits, %llu misses, %llu evictions, "
	    "%llu invalidations, %u entries, %llu bytes",
	    shadows->hits, shadows->misses, shadows->evictions,
	    shadows->invalidations, shadows->entries, shadows->bytes);
	for (unsigned int i = 0; i < report->disk_count; i++)
		say("disk %c: %llu reads of %llu bytes, %llu writes of %llu "
		    "bytes, %llu flushes, %llu discards", 'a' + (char)i,
		    report->disks[i].reads, report->disks[i].read_bytes,
		    report->disks[i].writes, report->disks[i].write_bytes,
		    report->disks[i].flushes, report->disks[i].discards);
	print_refused(report->stats);
}

static void json_calls(struct kbox_json *json, const struct kbox_stats *stats)
{
	struct row rows[ROWS];
	unsigned int count = sort_rows(stats, rows);
	char name[24];

	kbox_json_name(json, "calls");
	kbox_json_open(json, '[');
	for (unsigned int i = 0; i < count; i++) {
		const struct kbox_call_stats *calls = rows[i].calls;

		kbox_json_open(json, '{');
		kbox_json_name_string(json, "call", name_of(rows[i].nr, name));
		kbox_json_name_string(json, "class",
				      kbox_trace_class(rows[i].nr));
		kbox_json_name_uint(json, "count", calls->count);
		kbox_json_name_uint(json, "errors", calls->errors);
		kbox_json_name_uint(json, "at_host", calls->at_host);
		kbox_json_name_uint(json, "kernel_ns", calls->kernel_ns);
		kbox_json_name_uint(json, "total_ns", calls->total_ns);
		kbox_json_name_uint(json, "p50_ns",
				    kbox_stats_percentile(calls, 50));
		kbox_json_name_uint(json, "p99_ns",
				    kbox_stats_percentile(calls, 99));
		kbox_json_name_uint(json, "bytes", calls->bytes);
		kbox_json_close(json, '}');
	}
	kbox_json_close(json, ']');
}

static void json_refused(struct kbox_json *json, const struct kbox_stats *stats)
{
	char name[24];

	kbox_json_name(json, "not_offered");
	kbox_json_open(json, '[');
	for (unsigned int i = 0; i < stats->refused_count; i++) {
		const struct kbox_refused *refused = &stats->refused[i];

		kbox_json_open(json, '{');
		kbox_json_name_string(json, "call",
				      name_of(refused->nr, name));
		kbox_json_name(json, "comm");
		kbox_json_bytes(json, refused->comm, strlen(refused->comm));
		kbox_json_name_string(json, "error",
				      strerrorname_np(refused->error));
		kbox_json_name_uint(json, "count", refused->count);
		kbox_json_close(json, '}');
	}
	kbox_json_close(json, ']');
	kbox_json_name_uint(json, "not_offered_others", stats->refused_others);
}

static void json_counters(struct kbox_json *json,
			  const struct kbox_counters *counters)
{
	kbox_json_name(json, "served");
	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "caught", counters->calls);
	kbox_json_name_uint(json, "forwarded", counters->kernel);
	kbox_json_name_uint(json, "handled", counters->split);
	kbox_json_name_uint(json, "continued", counters->continued);
	kbox_json_name_uint(json, "blocked", counters->blocked);
	kbox_json_name_uint(json, "interrupted", counters->interrupted);
	kbox_json_name_uint(json, "unknown", counters->unknown);
	kbox_json_close(json, '}');
	kbox_json_name(json, "processes");
	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "forks", counters->forks);
	kbox_json_name_uint(json, "threads", counters->threads);
	kbox_json_name_uint(json, "execs", counters->execs);
	kbox_json_close(json, '}');
}

static void json_shadows(struct kbox_json *json,
			 const struct kbox_shadow_stats *shadows)
{
	kbox_json_name(json, "shadows");
	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "hits", shadows->hits);
	kbox_json_name_uint(json, "misses", shadows->misses);
	kbox_json_name_uint(json, "evictions", shadows->evictions);
	kbox_json_name_uint(json, "invalidations", shadows->invalidations);
	kbox_json_name_uint(json, "entries", shadows->entries);
	kbox_json_name_uint(json, "bytes", shadows->bytes);
	kbox_json_close(json, '}');
}

static void json_disk(struct kbox_json *json,
		      const struct kbox_disk_counters *disk)
{
	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "reads", disk->reads);
	kbox_json_name_uint(json, "read_bytes", disk->read_bytes);
	kbox_json_name_uint(json, "writes", disk->writes);
	kbox_json_name_uint(json, "write_bytes", disk->write_bytes);
	kbox_json_name_uint(json, "flushes", disk->flushes);
	kbox_json_name_uint(json, "discards", disk->discards);
	kbox_json_close(json, '}');
}

void kbox_stats_json(struct kbox_json *json,
		     const struct kbox_stats_report *report)
{
	kbox_json_open(json, '{');
	kbox_json_name_string(json, "format", "kbox-stats");
	kbox_json_name_int(json, "version", 1);
	kbox_json_name_uint(json, "run_ns", report->run_ns);
	json_calls(json, report->stats);
	json_counters(json, report->counters);
	json_shadows(json, report->shadows);
	kbox_json_name(json, "disks");
	kbox_json_open(json, '[');
	for (unsigned int i = 0; i < report->disk_count; i++)
		json_disk(json, &report->disks[i]);
	kbox_json_close(json, ']');
	json_refused(json, report->stats);
	kbox_json_close(json, '}');
	kbox_json_raw(json, "\n", 1);
}
