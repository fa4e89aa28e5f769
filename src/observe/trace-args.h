/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arguments and the result of a traced call as JSON, as kbox-trace(5) has
 * them.
 *
 * Side: host, on the writer's thread: from the record alone.
 */
#ifndef KBOX_OBSERVE_TRACE_ARGS_H
#define KBOX_OBSERVE_TRACE_ARGS_H

#include "json.h"
#include "trace-record.h"

/* An object with a member per argument. */
void kbox_trace_args(struct kbox_json *json,
		     const struct kbox_trace_record *record);

/*
 * Members "result" and, where they say more, "error", "outcome" and "cwd", of
 * the object that is open.
 */
void kbox_trace_result(struct kbox_json *json,
		       const struct kbox_trace_record *record);

/* Its name, or "#NUMBER" for a number that nobody has; @buf of 24 bytes. */
const char *kbox_trace_name(const struct kbox_trace_record *record, char *buf);

/* The class of call @nr: "KERNEL" ..., or "NONE". */
const char *kbox_trace_class(long nr);

#endif
