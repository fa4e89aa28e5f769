/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the page asks for now and then: lists of what is there at that moment.
 *
 * Side: host, on the supervisor's thread. Each is bounded by limits.h, so that
 * guests wait for it less than a millisecond.
 */
#ifndef KBOX_WEB_FACTS_H
#define KBOX_WEB_FACTS_H

#include "desk.h"
#include "proc-files.h"
#include "web.h"

struct kbox_facts {
	const struct kbox_web_sources *sources;	/* not owned */
	struct kbox_proc_files *proc;		/* not owned */
};

/* A kbox_desk_answer; @arg is the struct kbox_facts. */
void kbox_facts_answer(void *arg, enum kbox_web_question question,
		       struct kbox_json *json);

#endif
