/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the page, and their answers.
 *
 * Side: host, on a thread of the server's own, but for starting and stopping.
 *
 * Invariants
 *  1. Only requests for 127.0.0.1 or localhost and our port are served: a name
 *     that somebody else's server made to mean this machine is not.
 *  2. /api/ is served only with the token in the Authorization header, which no
 *     foreign page can send, and which is compared in constant time.
 *  3. Every answer forbids scripts, styles and connections from elsewhere.
 */
#ifndef KBOX_WEB_HTTP_H
#define KBOX_WEB_HTTP_H

#include "../observe/json.h"
#include "http-library.h"

/* 128 bits, in hexadecimal digits and a NUL. */
#define KBOX_WEB_TOKEN_CHARS 33

/* What a request asks of something below /api/. */
struct kbox_http_query {
	uint64_t after;		/* 0 without */
	const char *filter;	/* NULL without */
};

/* Something below /api/; all run on the server's thread. */
struct kbox_http_source {
	const char *path;
	/*
	 * Fill @json. 0; -EINVAL with what is wrong with the query in
	 * *@ret_why, a constant; or another -errno: nobody answers.
	 */
	int (*get)(void *arg, unsigned int what,
		   const struct kbox_http_query *query, struct kbox_json *json,
		   const char **ret_why);
	unsigned int what;
};

struct kbox_http {
	struct kbox_http_library library;
	struct MHD_Daemon *daemon;
	int fd;				/* owned: listens; -1: none */
	unsigned int port;
	char token[KBOX_WEB_TOKEN_CHARS];
	const struct kbox_http_source *sources;	/* path NULL ends them */
	void *arg;
};

/*
 * Listen on @port of 127.0.0.1, 0: any. 0 or -errno with what to do in
 * *@ret_why, or NULL there.
 */
int kbox_http_open(struct kbox_http *http, unsigned int port,
		   const char **ret_why);
/* 0 or -errno. @sources and @arg must live until kbox_http_stop(). */
int kbox_http_start(struct kbox_http *http,
		    const struct kbox_http_source *sources, void *arg);
/* Waits for an answer under way. */
void kbox_http_stop(struct kbox_http *http);
void kbox_http_close(struct kbox_http *http);

#endif
