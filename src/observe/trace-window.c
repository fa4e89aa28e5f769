/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A window onto what happens now.
 *
 * Side: host. Invariants are in trace-window.h.
 */
#include "trace-window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_filter(struct kbox_trace_filter *filter)
{
	if (filter)
		kbox_trace_filter_done(filter);
	free(filter);
}

int kbox_trace_window_init(struct kbox_trace_window *window)
{
	memset(window, 0, sizeof(*window));
	return kbox_trace_ring_init(&window->ring, KBOX_WINDOW_RING_BYTES);
}

void kbox_trace_window_done(struct kbox_trace_window *window)
{
	free_filter(atomic_exchange(&window->next, NULL));
	free_filter(window->filter);
	window->filter = NULL;
	kbox_trace_ring_done(&window->ring);
}

bool kbox_trace_window_is_open(struct kbox_trace_window *window,
			       uint64_t now_ns)
{
	return now_ns < atomic_load_explicit(&window->until_ns,
					     memory_order_relaxed);
}

static void take_filter(struct kbox_trace_window *window)
{
	struct kbox_trace_filter *filter;

	if (!atomic_load_explicit(&window->next, memory_order_relaxed))
		return;
	filter = atomic_exchange(&window->next, NULL);
	if (!filter)
		return;
	free_filter(window->filter);
	window->filter = filter;
}

bool kbox_trace_window_begins(struct kbox_trace_window *window, long nr,
			      int pid, uint64_t now_ns)
{
	if (!kbox_trace_window_is_open(window, now_ns))
		return false;
	take_filter(window);
	if (window->filter && !kbox_trace_filter_begins(window->filter, nr, pid))
		return false;
	if (now_ns - window->second_ns >= 1000000000) {
		window->second_ns = now_ns;
		window->taken = 0;
	}
	if (window->taken == KBOX_WINDOW_PER_SECOND) {
		atomic_fetch_add_explicit(&window->passed_over, 1,
					  memory_order_relaxed);
		return false;
	}
	window->taken++;
	return true;
}

void kbox_trace_window_put(struct kbox_trace_window *window,
			   struct kbox_trace_record *record)
{
	/* The call may have begun before the filter came. */
	take_filter(window);
	if (window->filter &&
	    ((record->type == KBOX_TRACE_CALL &&
	      !kbox_trace_filter_begins(window->filter, (long)record->nr,
					record->pid)) ||
	     !kbox_trace_filter_takes(window->filter, record)))
		return;
	record->seq = window->next_seq++;
	if (!kbox_trace_ring_put(&window->ring, record, false))
		atomic_fetch_add_explicit(&window->passed_over, 1,
					  memory_order_relaxed);
}

void kbox_trace_window_look(struct kbox_trace_window *window,
			    uint64_t until_ns,
			    struct kbox_trace_filter *filter)
{
	if (filter)
		free_filter(atomic_exchange(&window->next, filter));
	atomic_store(&window->until_ns, until_ns);
}

const struct kbox_trace_record *
kbox_trace_window_take(struct kbox_trace_window *window)
{
	if (kbox_trace_ring_is_empty(&window->ring))
		return NULL;
	return kbox_trace_ring_take(&window->ring);
}

void kbox_trace_window_drop(struct kbox_trace_window *window,
			    const struct kbox_trace_record *record)
{
	kbox_trace_ring_drop(&window->ring, record);
}
