/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a traced call's arguments point to, fetched from the guest and from
 * the library kernel.
 *
 * Side: host, on the supervisor's thread; before the call, and after it.
 *
 * What is fetched before a call is what the library kernel will see unless
 * another thread changes it in between, as with any tracer; the trace says so
 * in kbox-trace(5).
 */
#ifndef KBOX_OBSERVE_CAPTURE_H
#define KBOX_OBSERVE_CAPTURE_H

#include "../guest/box.h"
#include "trace-record.h"

struct kbox_capture {
	struct kbox_trace_builder *builder;
	struct kbox_task *task;		/* whose descriptors are meant; or NULL */
	int tid;			/* whose memory */
	unsigned int data_max;		/* bytes of a buffer that are kept */
};

/* Fetch what @capture->builder's record, a call, reads. */
void kbox_capture_before(const struct kbox_capture *capture);

/* Fetch what it gave; the record has its outcome. */
void kbox_capture_after(const struct kbox_capture *capture);

#endif
