/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page of --web: a box, seen live in a browser of the same machine.
 *
 * Side: host. One more reader of what src/observe counts and traces.
 *
 *	supervisor's thread			server's thread (libmicrohttpd)
 *	sampler.c: a sample a second	-->	history.c: /api/samples
 *	(src/observe/trace-window.c)	-->	events.c: /api/events
 *	facts.c: answers questions	<->	desk.c: /api/calls, /api/kernel ...
 *						http.c: requests, the page's files
 *
 * Invariants
 *  1. The supervisor waits for nobody here: it leaves what it has to say in
 *     memory, and the other thread alone talks to clients.
 *  2. The server's thread touches nothing of the box, of the library kernel
 *     or of the statistics.
 *  3. Nothing about the box is said without the token; what the page itself
 *     is made of is no secret.
 *
 * docs/decisions/0093-live-page.md says why a thread, and why libmicrohttpd is
 * loaded when it is asked for; kbox-web(7) describes the interface.
 */
#ifndef KBOX_WEB_WEB_H
#define KBOX_WEB_WEB_H

#include "../lkernel/host.h"
#include "../observe/json.h"
#include "../observe/stats.h"
#include "../observe/trace-window.h"

struct kbox_web;

/* What is looked at; all of it outlives kbox_web_stop(). */
struct kbox_web_sources {
	struct kbox_box *box;
	const struct kbox_host *host;
	const struct kbox_stats *stats;
	struct kbox_trace_window *window;	/* the page looks through it */
	const char *image;
	char *const *argv;		/* NULL ends it */
	uint64_t begin_ns;		/* CLOCK_MONOTONIC, of kbox */
	/* The statistics as --stats=json has them. */
	void (*stats_json)(void *arg, struct kbox_json *json);
	void *stats_arg;
};

/*
 * Take a port of 127.0.0.1, @port or with 0 any that is free, and load what
 * serves it. A new page in *@ret_web; or -errno with what to do in *@ret_why,
 * a constant, or NULL when the error says it all.
 */
int kbox_web_open(unsigned int port, struct kbox_web **ret_web,
		  const char **ret_why);

/* Where it is, with the token: valid as long as @web. */
const char *kbox_web_url(const struct kbox_web *web);

/*
 * Start to serve. Makes a thread, so it comes after all forks that are not
 * followed by an exec. 0 or -errno.
 */
int kbox_web_start(struct kbox_web *web,
		   const struct kbox_web_sources *sources);

/* Nothing is served any more; harmless when nothing was. */
void kbox_web_stop(struct kbox_web *web);

/* Stop, and free it; @web may be NULL. */
void kbox_web_close(struct kbox_web *web);

#endif
