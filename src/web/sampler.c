/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes a sample of the box every second.
 *
 * Side: host.
 */
#include "sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/macros.h"
#include "../guest/process.h"
#include "../observe/observe.h"

static void take_calls(const struct kbox_sampler *sampler,
		       struct kbox_web_sample *sample)
{
	const struct kbox_stats *stats = sampler->sources->stats;

	for (unsigned int nr = 0; nr <= KBOX_COUNTED_NRS; nr++) {
		const struct kbox_call_stats *calls = stats->calls[nr];

		if (!calls)
			continue;
		sample->calls[sampler->families[nr]] += calls->count;
		sample->errors += calls->errors;
		sample->kernel_ns += calls->kernel_ns;
		sample->total_ns += calls->total_ns;
		for (unsigned int i = 0; i < KBOX_STATS_CLASSES; i++)
			sample->latencies[i / KBOX_STATS_STEPS] +=
				calls->classes[i];
	}
}

static void take_box(const struct kbox_box *box, struct kbox_web_sample *sample)
{
	const struct kbox_counters *counters = kbox_box_counters(box);
	const struct kbox_list *at;

	sample->caught = counters->calls;
	sample->continued = counters->continued;
	sample->blocked = counters->blocked;
	sample->forks = counters->forks;
	sample->execs = counters->execs;
	sample->threads = box->thread_count;
	for (at = box->processes.next; at != &box->processes; at = at->next)
		sample->processes++;
}

static void take_disks(const struct kbox_host *host,
		       struct kbox_web_sample *sample)
{
	for (unsigned int i = 0; i < host->disk_count; i++) {
		const struct kbox_disk_counters *disk =
			&host->disks[i].counters;

		sample->disks.reads += disk->reads;
		sample->disks.read_bytes += disk->read_bytes;
		sample->disks.writes += disk->writes;
		sample->disks.write_bytes += disk->write_bytes;
		sample->disks.flushes += disk->flushes;
		sample->disks.discards += disk->discards;
	}
}

/* The number behind "NAME " at the beginning of a line, or 0. */
static uint64_t number_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (text) {
		if (!strncmp(text, name, len) && text[len] == ' ')
			return strtoull(text + len + 1, NULL, 10);
		text = strchr(text, '\n');
		text += !!text;
	}
	return 0;
}

static uint64_t bytes_of(const char *text, const char *pages)
{
	return number_of(text, pages) * 4096;
}

static void take_kernel(const struct kbox_sampler *sampler,
			struct kbox_web_kernel *kernel)
{
	const char *text = sampler->proc->text;

	kernel->ram = sampler->sources->host->ram_bytes;
	kbox_proc_files_read(sampler->proc, "vmstat");
	kernel->free = bytes_of(text, "nr_free_pages");
	kernel->cache = bytes_of(text, "nr_file_pages");
	kernel->slab = bytes_of(text, "nr_slab_reclaimable") +
		       bytes_of(text, "nr_slab_unreclaimable");
	kernel->shmem = bytes_of(text, "nr_shmem");
	kernel->dirty = bytes_of(text, "nr_dirty");
	kernel->writeback = bytes_of(text, "nr_writeback");
	kbox_proc_files_read(sampler->proc, "stat");
	kernel->switches = number_of(text, "ctxt");
}

static void take(struct kbox_sampler *sampler)
{
	const struct kbox_web_sources *sources = sampler->sources;
	struct kbox_web_sample sample = {
		.time_ns = kbox_observe_clock() - sources->begin_ns,
		.shadows = sources->host->shadows.stats,
	};

	take_calls(sampler, &sample);
	take_box(sources->box, &sample);
	take_disks(sources->host, &sample);
	take_kernel(sampler, &sample.kernel);
	kbox_web_history_add(sampler->history, &sample);
}

static void ticked(struct kbox_watch *watch, unsigned int events)
{
	uint64_t count;

	(void)events;
	if (read(watch->fd, &count, sizeof(count)) == sizeof(count))
		take(KBOX_CONTAINER_OF(watch, struct kbox_sampler, watch));
}

static int start_timer(struct kbox_sampler *sampler)
{
	const struct timespec second = {
		.tv_sec = KBOX_WEB_SAMPLE_NS / 1000000000,
	};
	const struct itimerspec when = { second, second };
	KBOX_CLEANUP_CLOSE int fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) < 0)
		return -errno;
	sampler->watch = (struct kbox_watch){
		.fd = KBOX_TAKE_FD(fd),
		.events = EPOLLIN,
		.priority = KBOX_PRIO_FD,
		.ready = ticked,
	};
	return 0;
}

int kbox_sampler_start(struct kbox_sampler *sampler, struct kbox_loop *loop,
		       const struct kbox_web_sources *sources,
		       struct kbox_proc_files *proc,
		       struct kbox_web_history *history)
{
	int err;

	sampler->sources = sources;
	sampler->proc = proc;
	sampler->history = history;
	for (long nr = 0; nr <= KBOX_COUNTED_NRS; nr++)
		sampler->families[nr] = (unsigned char)kbox_family_of(nr);
	err = start_timer(sampler);
	if (err)
		return err;
	err = kbox_loop_add(loop, &sampler->watch);
	if (err) {
		sampler->watch.fd = kbox_close(sampler->watch.fd);
		return err;
	}
	sampler->loop = loop;
	take(sampler);
	return 0;
}

void kbox_sampler_stop(struct kbox_sampler *sampler)
{
	if (!sampler->loop)
		return;
	kbox_loop_del(sampler->loop, &sampler->watch);
	sampler->watch.fd = kbox_close(sampler->watch.fd);
	sampler->loop = NULL;
}
