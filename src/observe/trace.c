/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace: records from the supervisor, written by a thread of its own.
 *
 * Side: host. Invariants are in trace.h.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int kbox_trace_open(struct kbox_trace *trace, const char *file,
		    const char *filter_text, const char **ret_why)
{
	int err;

	memset(trace, 0, sizeof(*trace));
	trace->fd = -1;
	*ret_why = NULL;
	err = kbox_trace_filter_parse(&trace->filter, filter_text, ret_why);
	if (err)
		return err;
	trace->fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
				       O_NOCTTY, 0600);
	if (trace->fd < 0) {
		err = -errno;
		kbox_trace_filter_done(&trace->filter);
		return err;
	}
	trace->format = kbox_trace_format_of(file);
	return 0;
}

/* Write what is in the buffer; on failure the ring is given up. */
static void flush(struct kbox_trace *trace)
{
	size_t done = 0;

	while (!trace->error && done < trace->text.len) {
		ssize_t n = write(trace->fd, trace->text.text + done,
				  trace->text.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			trace->error = n ? errno : EIO;
		else
			done += (size_t)n;
	}
	if (trace->text.failed)
		trace->error = ENOMEM;
	if (trace->error)
		kbox_trace_ring_break(&trace->ring);
	trace->text.len = 0;
}

static void note_lost(struct kbox_trace *trace, uint64_t next_seq,
		      uint64_t time_ns)
{
	uint64_t count = next_seq - trace->awaited_seq;

	if (!count)
		return;
	trace->lost += count;
	trace->format->lost(&trace->text, &trace->about, count, time_ns);
}

static void write_record(struct kbox_trace *trace,
			 const struct kbox_trace_record *record)
{
	note_lost(trace, record->seq, record->begin_ns);
	trace->awaited_seq = record->seq + 1;
	trace->format->event(&trace->text, &trace->about, record);
	trace->written++;
	if (trace->text.len >= KBOX_TRACE_WRITE_BYTES)
		flush(trace);
}

/* Let some records gather: a wake-up costs more than writing one. */
static void nap(void)
{
	struct timespec time = { .tv_nsec = KBOX_TRACE_NAP_NS };

	nanosleep(&time, NULL);
}

static void *writer(void *arg)
{
	struct kbox_trace *trace = arg;
	const struct kbox_trace_record *record;

	while (!trace->error &&
	       (record = kbox_trace_ring_take(&trace->ring))) {
		write_record(trace, record);
		kbox_trace_ring_drop(&trace->ring, record);
		if (kbox_trace_ring_is_empty(&trace->ring)) {
			flush(trace);
			if (!atomic_load(&trace->ring.ended))
				nap();
		}
	}
	flush(trace);
	return NULL;
}

int kbox_trace_start(struct kbox_trace *trace,
		     const struct kbox_trace_about *about)
{
	sigset_t all, before;
	int err;

	trace->about = *about;
	err = kbox_trace_ring_init(&trace->ring, KBOX_TRACE_RING_BYTES);
	if (err)
		return err;
	trace->format->begin(&trace->text, &trace->about);
	flush(trace);
	/* Signals are the supervisor's own business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&trace->thread, NULL, writer, trace);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		kbox_trace_ring_done(&trace->ring);
		return err;
	}
	trace->started = true;
	return 0;
}

void kbox_trace_put(struct kbox_trace *trace, struct kbox_trace_record *record)
{
	if (!kbox_trace_filter_takes(&trace->filter, record))
		return;
	record->seq = trace->next_seq++;
	kbox_trace_ring_put(&trace->ring, record, !trace->filter.drop);
}

int kbox_trace_close(struct kbox_trace *trace)
{
	if (trace->started) {
		uint64_t end_ns = now_ns();

		kbox_trace_ring_end(&trace->ring);
		pthread_join(trace->thread, NULL);
		note_lost(trace, trace->next_seq, end_ns);
		trace->format->end(&trace->text, &trace->about, trace->written,
				   trace->lost, end_ns);
		flush(trace);
		kbox_trace_ring_done(&trace->ring);
		trace->started = false;
	}
	if (trace->fd >= 0 && close(trace->fd) < 0 && !trace->error)
		trace->error = errno;
	trace->fd = -1;
	kbox_json_done(&trace->text);
	kbox_trace_filter_done(&trace->filter);
	return -trace->error;
}
