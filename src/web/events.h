/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event stream of the page: the last events seen through a window
 * (src/observe/trace-window.h), as lines of kbox-trace(5).
 *
 * Side: host, on the server's thread.
 */
#ifndef KBOX_WEB_EVENTS_H
#define KBOX_WEB_EVENTS_H

#include "../observe/json.h"
#include "../observe/trace-format.h"
#include "../observe/trace-window.h"

struct kbox_events {
	struct kbox_trace_window *window;	/* not owned */
	struct kbox_trace_about about;
	char *filter;			/* owned: the text in use; NULL: none */
	uint64_t next;			/* number of the event to come */
	struct kbox_json texts[KBOX_WEB_EVENTS];	/* owned, by number */
};

void kbox_events_done(struct kbox_events *events);

/*
 * An object with the events from number @after on that are still kept, and
 * keep looking for a while. @filter, if not NULL, is what to look for from now
 * on. 0; -EINVAL with what is wrong with the filter in *@ret_why; -ENOMEM.
 */
int kbox_events_json(struct kbox_events *events, uint64_t after,
		     const char *filter, struct kbox_json *json,
		     const char **ret_why);

#endif
