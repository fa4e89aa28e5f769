/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event stream of the page.
 *
 * Side: host, on the server's thread.
 */
#include "events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../observe/observe.h"

void kbox_events_done(struct kbox_events *events)
{
	for (unsigned int i = 0; i < KBOX_WEB_EVENTS; i++)
		kbox_json_done(&events->texts[i]);
	free(events->filter);
	events->filter = NULL;
}

/* What the window shall be given: NULL when @text is in use already. */
static int new_filter(struct kbox_events *events, const char *text,
		      struct kbox_trace_filter **ret_filter,
		      const char **ret_why)
{
	struct kbox_trace_filter *filter;
	char *copy;
	int err;

	*ret_filter = NULL;
	if (!text || (events->filter && !strcmp(events->filter, text)))
		return 0;
	filter = calloc(1, sizeof(*filter));
	copy = strdup(text);
	err = filter && copy ? kbox_trace_filter_parse(
				       filter, *text ? text : NULL, ret_why) :
			       -ENOMEM;
	if (err) {
		free(filter);
		free(copy);
		return err;
	}
	free(events->filter);
	events->filter = copy;
	*ret_filter = filter;
	return 0;
}

/* Take over what has come through the window. */
static void collect(struct kbox_events *events)
{
	const struct kbox_trace_record *record;

	while ((record = kbox_trace_window_take(events->window))) {
		struct kbox_json *text =
			&events->texts[events->next++ % KBOX_WEB_EVENTS];

		text->len = 0;
		text->failed = false;
		kbox_trace_lines.event(text, &events->about, record);
		kbox_trace_window_drop(events->window, record);
	}
}

int kbox_events_json(struct kbox_events *events, uint64_t after,
		     const char *filter, struct kbox_json *json,
		     const char **ret_why)
{
	struct kbox_trace_filter *wanted;
	int err = new_filter(events, filter, &wanted, ret_why);
	bool first = true;

	if (err)
		return err;
	kbox_trace_window_look(events->window,
			       kbox_observe_clock() + KBOX_WEB_LOOK_NS, wanted);
	collect(events);
	/* What has come so far was chosen by another filter. */
	if (wanted)
		after = events->next;
	if (after > events->next)
		after = events->next;
	if (events->next - after > KBOX_WEB_EVENTS)
		after = events->next - KBOX_WEB_EVENTS;
	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "first", after);
	kbox_json_name_uint(json, "next", events->next);
	kbox_json_name_uint(json, "passed_over",
			    atomic_load(&events->window->passed_over));
	kbox_json_name_int(json, "calls_max", KBOX_WINDOW_PER_SECOND);
	kbox_json_name_string(json, "filter",
			      events->filter ? events->filter : "");
	kbox_json_name(json, "events");
	kbox_json_open(json, '[');
	for (; after < events->next; after++, first = false) {
		const struct kbox_json *text =
			&events->texts[after % KBOX_WEB_EVENTS];

		if (!first)
			kbox_json_raw(json, ",", 1);
		kbox_json_raw(json, text->text, text->len);
	}
	kbox_json_close(json, ']');
	kbox_json_close(json, '}');
	return 0;
}
