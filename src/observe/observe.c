/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching the calls of a box.
 *
 * Side: host. See observe.h.
 */
#include "observe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../abi/loader.h"
#include "../base/syscalls.h"
#include "capture.h"

uint64_t kbox_observe_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct kbox_capture capture_of(const struct kbox_observer *observer,
				      struct kbox_thread *thread)
{
	return (struct kbox_capture){
		.builder = &thread->seen->builder,
		.task = thread->task,
		.tid = thread->tid,
		.data_max = observer->trace ? observer->trace->filter.data_max :
					      KBOX_TRACE_DATA_BYTES,
	};
}

/* A record about @thread; NULL when there is no memory for it. */
static struct kbox_trace_record *begin_record(struct kbox_thread *thread,
					      enum kbox_trace_type type)
{
	struct kbox_trace_record *record =
		kbox_trace_builder_begin(&thread->seen->builder);

	if (!record)
		return NULL;
	record->type = type;
	record->begin_ns = thread->seen->begin_ns;
	record->pid = thread->process->tgid;
	record->tid = thread->tid;
	record->parent = thread->process->parent_tgid;
	kbox_lk_task_comm(thread->task, record->comm);
	return record;
}

static void put_event(struct kbox_observer *observer,
		      struct kbox_thread *thread, enum kbox_trace_type type)
{
	struct kbox_trace_window *window = observer->window;
	struct kbox_trace_record *record;

	if (window &&
	    !kbox_trace_window_is_open(window, thread->seen->begin_ns))
		window = NULL;
	if (!observer->trace && !window)
		return;
	record = begin_record(thread, type);
	if (record && observer->trace)
		kbox_trace_put(observer->trace, record);
	if (record && window)
		kbox_trace_window_put(window, record);
}

/*
 * A guest that launch has started executes the loader by its name; what it
 * shall run was decided there.
 */
static void name_first_program(const char *program,
			       struct kbox_trace_builder *builder)
{
	size_t len = strlen(program);
	struct kbox_trace_piece *piece = kbox_trace_builder_piece(
		builder, 0, KBOX_TRACE_BYTES, len);

	if (!piece)
		return;
	memcpy(piece->data, program, len);
	kbox_trace_builder_end(builder, piece, len);
}

static void trace_call(struct kbox_observer *observer,
		       struct kbox_thread *thread)
{
	const struct kbox_call *call = &thread->call;
	struct kbox_capture capture = capture_of(observer, thread);
	struct kbox_seen *seen = thread->seen;
	struct kbox_trace_record *record;

	seen->traced = observer->trace &&
		       kbox_trace_filter_begins(&observer->trace->filter,
						call->nr, thread->process->tgid);
	seen->shown = observer->window &&
		      kbox_trace_window_begins(observer->window, call->nr,
					       thread->process->tgid,
					       seen->begin_ns);
	if (!seen->traced && !seen->shown)
		return;
	record = begin_record(thread, KBOX_TRACE_CALL);
	if (!record) {
		seen->traced = seen->shown = false;
		return;
	}
	record->nr = call->nr;
	for (unsigned int i = 0; i < KBOX_TRACE_ARGS; i++)
		record->args[i] = call->args[i];
	/* The first piece of an argument counts. */
	if (thread->first_exec)
		name_first_program(thread->first_exec, capture.builder);
	kbox_capture_before(&capture);
}

void kbox_observe_call(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_observer *observer = box->observer;
	struct kbox_seen *seen = thread->seen;
	bool first = !seen;

	if (first)
		seen = thread->seen = calloc(1, sizeof(*seen));
	if (!seen)
		return;
	seen->begin_ns = kbox_observe_clock();
	seen->kernel_ns = 0;
	seen->native = false;
	if (first)
		put_event(observer, thread, KBOX_TRACE_THREAD);
	/* The loader's own calls are no guest's. */
	seen->open = thread->call.nr != KBOX_NR_LOADER_PLAN &&
		     thread->call.nr != KBOX_NR_LOADER_LAYOUT;
	seen->traced = seen->shown = false;
	if (thread->call.nr == KBOX_NR_LOADER_LAYOUT)
		put_event(observer, thread, KBOX_TRACE_EXEC);
	if (seen->open && (observer->trace || observer->window))
		trace_call(observer, thread);
}

void kbox_observe_native(struct kbox_thread *thread)
{
	if (thread->seen)
		thread->seen->native = true;
}

/* -errno when the call is one that kbox does not offer, or 0. */
static int refusal(const struct kbox_call *call, enum kbox_verdict verdict,
		   long value)
{
	const struct kbox_syscall_info *info = kbox_syscall_info(call->nr);

	if (verdict != KBOX_REPLY || value >= 0)
		return 0;
	return !info || info->class == KBOX_SYSCALL_DENY || value == -ENOSYS ?
		       (int)value : 0;
}

static void count_call(struct kbox_stats *stats, struct kbox_thread *thread,
		       enum kbox_verdict verdict, long value, uint64_t total_ns)
{
	struct kbox_stats_event event = {
		.nr = thread->call.nr,
		.value = value,
		.at_host = verdict != KBOX_REPLY,
		.bytes = kbox_trace_call(thread->call.nr)->result ==
			 KBOX_TRACE_RESULT_BYTES,
		.refused = refusal(&thread->call, verdict, value),
		.kernel_ns = thread->seen->kernel_ns,
		.total_ns = total_ns,
	};
	char comm[16];

	if (event.refused) {
		kbox_lk_task_comm(thread->task, comm);
		event.comm = comm;
	}
	kbox_stats_add(stats, &event);
}

static void end_record(struct kbox_observer *observer,
		       struct kbox_thread *thread, enum kbox_verdict verdict,
		       long value, uint64_t total_ns)
{
	struct kbox_capture capture = capture_of(observer, thread);
	struct kbox_trace_record *record = capture.builder->record;

	record->outcome = verdict == KBOX_REPLY	   ? KBOX_TRACE_VALUE :
			  verdict == KBOX_CONTINUE ? KBOX_TRACE_HOST :
						     KBOX_TRACE_UNFINISHED;
	record->native = thread->seen->native;
	record->value = value;
	record->duration_ns = total_ns;
	record->kernel_ns = thread->seen->kernel_ns;
	kbox_capture_after(&capture);
	record = capture.builder->record;
	if (thread->seen->traced)
		kbox_trace_put(observer->trace, record);
	if (thread->seen->shown)
		kbox_trace_window_put(observer->window, record);
}

void kbox_observe_end(struct kbox_box *box, struct kbox_thread *thread,
		      enum kbox_verdict verdict, long value)
{
	struct kbox_observer *observer = box->observer;
	struct kbox_seen *seen = thread->seen;
	uint64_t total_ns;

	if (!seen || !seen->open)
		return;
	seen->open = false;
	total_ns = kbox_observe_clock() - seen->begin_ns;
	if (observer->stats)
		count_call(observer->stats, thread, verdict, value, total_ns);
	if (seen->traced || seen->shown)
		end_record(observer, thread, verdict, value, total_ns);
}

void kbox_observe_kernel(struct kbox_thread *thread, uint64_t begin_ns)
{
	if (thread->seen)
		thread->seen->kernel_ns += kbox_observe_clock() - begin_ns;
}

/* A thread leaves the box, maybe in the middle of a call. */
static void thread_gone(struct kbox_box *box, struct kbox_thread *thread)
{
	if (!thread->seen)
		return;
	kbox_observe_end(box, thread, KBOX_GONE, 0);
	kbox_trace_builder_done(&thread->seen->builder);
	free(thread->seen);
	thread->seen = NULL;
}

void kbox_observe(struct kbox_box *box, struct kbox_observer *observer)
{
	box->observer = observer;
	box->thread_gone = thread_gone;
}
