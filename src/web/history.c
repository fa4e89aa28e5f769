/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of a box, one a second, the last ones kept.
 *
 * Side: host. Invariants are in history.h.
 */
#include "history.h"

#include "../base/macros.h"

void kbox_web_history_add(struct kbox_web_history *history,
			  const struct kbox_web_sample *sample)
{
	uint64_t count = atomic_load(&history->count);

	history->samples[count % KBOX_WEB_SAMPLES] = *sample;
	atomic_store(&history->count, count + 1);
}

static void json_numbers(struct kbox_json *json, const char *name,
			 const uint64_t *numbers, unsigned int count)
{
	kbox_json_name(json, name);
	kbox_json_open(json, '[');
	for (unsigned int i = 0; i < count; i++)
		kbox_json_uint(json, numbers[i]);
	kbox_json_close(json, ']');
}

static void json_sample(struct kbox_json *json,
			const struct kbox_web_sample *sample)
{
	const struct {
		const char *name;
		uint64_t value;
	} values[] = {
		{ "time_ns", sample->time_ns },
		{ "errors", sample->errors },
		{ "kernel_ns", sample->kernel_ns },
		{ "total_ns", sample->total_ns },
		{ "caught", sample->caught },
		{ "continued", sample->continued },
		{ "blocked", sample->blocked },
		{ "forks", sample->forks },
		{ "execs", sample->execs },
		{ "processes", sample->processes },
		{ "threads", sample->threads },
		{ "shadow_hits", sample->shadows.hits },
		{ "shadow_misses", sample->shadows.misses },
		{ "shadow_entries", sample->shadows.entries },
		{ "shadow_bytes", sample->shadows.bytes },
		{ "disk_reads", sample->disks.reads },
		{ "disk_read_bytes", sample->disks.read_bytes },
		{ "disk_writes", sample->disks.writes },
		{ "disk_write_bytes", sample->disks.write_bytes },
		{ "disk_flushes", sample->disks.flushes },
		{ "ram_bytes", sample->kernel.ram },
		{ "free_bytes", sample->kernel.free },
		{ "cache_bytes", sample->kernel.cache },
		{ "slab_bytes", sample->kernel.slab },
		{ "shmem_bytes", sample->kernel.shmem },
		{ "dirty_bytes", sample->kernel.dirty },
		{ "writeback_bytes", sample->kernel.writeback },
		{ "switches", sample->kernel.switches },
	};

	kbox_json_open(json, '{');
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(values); i++)
		kbox_json_name_uint(json, values[i].name, values[i].value);
	json_numbers(json, "calls", sample->calls, KBOX_FAMILIES);
	json_numbers(json, "latencies", sample->latencies, KBOX_WEB_LATENCIES);
	kbox_json_close(json, '}');
}

void kbox_web_history_json(const struct kbox_web_history *history,
			   uint64_t first, struct kbox_json *json)
{
	uint64_t count = atomic_load(&history->count);
	/* The oldest one may be written over at any time. */
	uint64_t oldest = count < KBOX_WEB_SAMPLES ?
				  0 : count - KBOX_WEB_SAMPLES + 1;

	if (first > count)
		first = count;
	if (first < oldest)
		first = oldest;
	kbox_json_open(json, '{');
	kbox_json_name(json, "samples");
	kbox_json_open(json, '[');
	for (uint64_t i = first; i < count; i++) {
		struct kbox_web_sample sample =
			history->samples[i % KBOX_WEB_SAMPLES];

		atomic_thread_fence(memory_order_acquire);
		if (atomic_load(&history->count) - i < KBOX_WEB_SAMPLES)
			json_sample(json, &sample);
		else
			first = i + 1;
	}
	kbox_json_close(json, ']');
	kbox_json_name_uint(json, "first", first);
	kbox_json_name_uint(json, "next", count);
	kbox_json_close(json, '}');
}
