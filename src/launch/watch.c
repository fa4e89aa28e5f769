/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching a run, as --stats, --trace and --web ask for.
 *
 * Side: host.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../intercept/filter.h"
#include "../observe/stats-print.h"

static int open_trace(struct kbox_watcher *watcher)
{
	const struct kbox_options *options = watcher->options;
	const char *why;
	int err;

	if (!options->trace_file)
		return 0;
	err = kbox_trace_open(&watcher->trace, options->trace_file,
			      options->trace_filter, &why);
	if (err) {
		kbox_error("--trace: %s: %s", options->trace_file,
			   why ? why : strerror(-err));
		return KBOX_EXIT_FAILED;
	}
	watcher->observer.trace = &watcher->trace;
	return 0;
}

static int open_stats(struct kbox_watcher *watcher)
{
	const char *file = watcher->options->stats_file;

	if (watcher->options->stats != KBOX_STATS_NONE || watcher->options->web)
		watcher->observer.stats = &watcher->stats;
	if (!file)
		return 0;
	watcher->stats_fd = open(file, O_WRONLY | O_CREAT | O_TRUNC |
					       O_CLOEXEC | O_NOCTTY, 0666);
	if (watcher->stats_fd >= 0)
		return 0;
	kbox_error("--stats: %s: %s", file, strerror(errno));
	return KBOX_EXIT_FAILED;
}

static int open_web(struct kbox_watcher *watcher)
{
	const char *why;
	int err;

	if (!watcher->options->web)
		return 0;
	err = kbox_trace_window_init(&watcher->window);
	if (err)
		return KBOX_EXIT_FAILED;
	watcher->observer.window = &watcher->window;
	err = kbox_web_open(watcher->options->web_port, &watcher->web, &why);
	if (!err)
		return 0;
	kbox_error("--web: %s", why ? why : strerror(-err));
	return KBOX_EXIT_FAILED;
}

int kbox_watcher_open(struct kbox_watcher *watcher,
		      const struct kbox_options *options)
{
	int result;

	memset(watcher, 0, sizeof(*watcher));
	watcher->options = options;
	watcher->stats_fd = -1;
	watcher->trace.fd = -1;
	watcher->begin_ns = kbox_observe_clock();
	result = open_stats(watcher);
	if (!result)
		result = open_trace(watcher);
	if (!result)
		result = open_web(watcher);
	if (result)
		kbox_watcher_close(watcher);
	return result;
}

unsigned int kbox_watcher_filter_flags(const struct kbox_watcher *watcher)
{
	unsigned int flags = 0;

	if (watcher->observer.stats || watcher->observer.trace)
		flags |= KBOX_FILTER_SEE_DENIED;
	if (watcher->observer.trace && watcher->trace.filter.native)
		flags |= KBOX_FILTER_SEE_NATIVE;
	return flags;
}

/* What was counted; @disks, of KBOX_LK_DISKS_MAX, is filled and used in it. */
static struct kbox_stats_report
report_of(const struct kbox_watcher *watcher, struct kbox_disk_counters *disks)
{
	const struct kbox_host *host = watcher->host;

	for (unsigned int i = 0; i < host->disk_count; i++)
		disks[i] = host->disks[i].counters;
	return (struct kbox_stats_report){
		.stats = &watcher->stats,
		.counters = kbox_box_counters(watcher->box),
		.shadows = &host->shadows.stats,
		.disks = disks,
		.disk_count = host->disk_count,
		.run_ns = kbox_observe_clock() - watcher->begin_ns,
	};
}

/* The statistics so far, as --stats=json has them. */
static void stats_json(void *arg, struct kbox_json *json)
{
	const struct kbox_watcher *watcher = arg;
	struct kbox_disk_counters disks[KBOX_LK_DISKS_MAX];
	const struct kbox_stats_report report = report_of(watcher, disks);

	kbox_stats_json(json, &report);
}

static int start_trace(struct kbox_watcher *watcher, char *const *argv)
{
	const struct kbox_options *options = watcher->options;
	const struct kbox_trace_about about = {
		.begin_ns = kbox_host_monotonic_ns(),
		.begin_realtime_ns = kbox_host_realtime_ns(),
		.image = options->image,
		.argv = argv,
		.filter = options->trace_filter ? options->trace_filter : "",
		.native = watcher->trace.filter.native,
	};

	return watcher->observer.trace ?
		       kbox_trace_start(&watcher->trace, &about) : 0;
}

static int start_web(struct kbox_watcher *watcher, struct kbox_box *box,
		     char *const *argv)
{
	const struct kbox_web_sources sources = {
		.box = box,
		.host = watcher->host,
		.stats = &watcher->stats,
		.window = &watcher->window,
		.image = watcher->options->image,
		.argv = argv,
		.begin_ns = watcher->begin_ns,
		.stats_json = stats_json,
		.stats_arg = watcher,
	};
	int err;

	if (!watcher->web)
		return 0;
	err = kbox_web_start(watcher->web, &sources);
	/* Whatever the log level: nobody could find it otherwise. */
	if (!err)
		kbox_error("the box is at %s", kbox_web_url(watcher->web));
	return err;
}

int kbox_watcher_start(struct kbox_watcher *watcher, struct kbox_box *box,
		       const struct kbox_host *host, char *const *argv)
{
	int err;

	if (!watcher->observer.stats && !watcher->observer.trace)
		return 0;
	watcher->box = box;
	watcher->host = host;
	kbox_observe(box, &watcher->observer);
	err = start_trace(watcher, argv);
	return err ? err : start_web(watcher, box, argv);
}

static void print_stats(struct kbox_watcher *watcher)
{
	struct kbox_disk_counters disks[KBOX_LK_DISKS_MAX];
	const struct kbox_stats_report report = report_of(watcher, disks);
	int fd = watcher->stats_fd >= 0 ? watcher->stats_fd : STDERR_FILENO;
	struct kbox_json json = { 0 };

	if (watcher->options->stats == KBOX_STATS_TEXT) {
		kbox_stats_print(&report);
		return;
	}
	kbox_stats_json(&json, &report);
	if (json.failed || write(fd, json.text, json.len) != (ssize_t)json.len)
		kbox_error("the statistics could not be written");
	kbox_json_done(&json);
}

static void end_trace(struct kbox_watcher *watcher)
{
	int err = kbox_trace_close(&watcher->trace);

	watcher->observer.trace = NULL;
	if (err)
		kbox_error("--trace: %s: %s; the trace is not complete",
			   watcher->options->trace_file, strerror(-err));
	else if (watcher->trace.lost)
		kbox_warn("--trace: %llu of %llu events were lost",
			  (unsigned long long)watcher->trace.lost,
			  (unsigned long long)(watcher->trace.lost +
					       watcher->trace.written));
}

void kbox_watcher_stop(struct kbox_watcher *watcher)
{
	if (watcher->web)
		kbox_web_stop(watcher->web);
}

void kbox_watcher_report(struct kbox_watcher *watcher)
{
	kbox_watcher_stop(watcher);
	if (watcher->observer.trace)
		end_trace(watcher);
	if (watcher->options->stats != KBOX_STATS_NONE)
		print_stats(watcher);
}

void kbox_watcher_close(struct kbox_watcher *watcher)
{
	if (watcher->observer.trace)
		kbox_trace_close(&watcher->trace);
	kbox_web_close(watcher->web);
	watcher->web = NULL;
	if (watcher->observer.window)
		kbox_trace_window_done(&watcher->window);
	kbox_stats_done(&watcher->stats);
	watcher->stats_fd = kbox_close(watcher->stats_fd);
	watcher->observer = (struct kbox_observer){ 0 };
}
