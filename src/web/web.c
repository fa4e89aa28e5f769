/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page of --web: its parts put together.
 *
 * Side: host. Invariants are in web.h.
 */
#include "web.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk.h"
#include "events.h"
#include "facts.h"
#include "history.h"
#include "http.h"
#include "proc-files.h"
#include "sampler.h"

struct kbox_web {
	struct kbox_http http;
	char url[80];
	struct kbox_web_sources sources;
	struct kbox_desk desk;
	struct kbox_proc_files proc;
	struct kbox_sampler sampler;
	struct kbox_facts facts;
	struct kbox_events events;
	struct kbox_web_history history;
};

static int get_about(void *arg, unsigned int what,
		     const struct kbox_http_query *query, struct kbox_json *json,
		     const char **ret_why)
{
	const struct kbox_web *web = arg;
	const struct kbox_box *box = web->sources.box;

	(void)what;
	(void)query;
	(void)ret_why;
	kbox_json_open(json, '{');
	kbox_json_name_string(json, "format", "kbox-web");
	kbox_json_name_int(json, "version", 1);
	kbox_json_name_string(json, "kbox", KBOX_VERSION);
	kbox_json_name_int(json, "pid", box->supervisor_pid);
	kbox_json_name_string(json, "image", web->sources.image);
	kbox_json_name(json, "argv");
	kbox_json_open(json, '[');
	for (char *const *word = web->sources.argv; *word; word++)
		kbox_json_string(json, *word);
	kbox_json_close(json, ']');
	kbox_json_name_uint(json, "interval_ns", KBOX_WEB_SAMPLE_NS);
	kbox_json_name_uint(json, "samples", KBOX_WEB_SAMPLES);
	kbox_json_name(json, "latencies_ns");
	kbox_json_open(json, '[');
	for (unsigned int i = 0; i < KBOX_WEB_LATENCIES; i++)
		kbox_json_uint(json, kbox_web_latency_ns(i));
	kbox_json_close(json, ']');
	kbox_json_name(json, "families");
	kbox_json_open(json, '[');
	for (unsigned int i = 0; i < KBOX_FAMILIES; i++)
		kbox_json_string(json, kbox_family_name(i));
	kbox_json_close(json, ']');
	kbox_json_close(json, '}');
	return 0;
}

static int get_samples(void *arg, unsigned int what,
		       const struct kbox_http_query *query, struct kbox_json *json,
		       const char **ret_why)
{
	struct kbox_web *web = arg;

	(void)what;
	(void)ret_why;
	kbox_web_history_json(&web->history, query->after, json);
	return 0;
}

static int get_fact(void *arg, unsigned int what,
		    const struct kbox_http_query *query, struct kbox_json *json,
		    const char **ret_why)
{
	struct kbox_web *web = arg;

	(void)query;
	(void)ret_why;
	return kbox_desk_ask(&web->desk, what, json);
}

static int get_events(void *arg, unsigned int what,
		      const struct kbox_http_query *query,
		      struct kbox_json *json, const char **ret_why)
{
	struct kbox_web *web = arg;

	(void)what;
	return kbox_events_json(&web->events, query->after, query->filter, json,
				ret_why);
}

static const struct kbox_http_source sources[] = {
	{ "/api/about", get_about, 0 },
	{ "/api/samples", get_samples, 0 },
	{ "/api/events", get_events, 0 },
	{ "/api/calls", get_fact, KBOX_WEB_CALLS },
	{ "/api/processes", get_fact, KBOX_WEB_PROCESSES },
	{ "/api/kernel", get_fact, KBOX_WEB_KERNEL },
	{ "/api/shadows", get_fact, KBOX_WEB_SHADOWS },
	{ NULL, NULL, 0 },
};

int kbox_web_open(unsigned int port, struct kbox_web **ret_web,
		  const char **ret_why)
{
	struct kbox_web *web = calloc(1, sizeof(*web));
	int err;

	*ret_why = NULL;
	if (!web)
		return -ENOMEM;
	web->proc.fd = -1;
	err = kbox_desk_init(&web->desk);
	if (err) {
		free(web);
		return err;
	}
	err = kbox_http_open(&web->http, port, ret_why);
	if (err) {
		kbox_desk_done(&web->desk);
		free(web);
		return err;
	}
	snprintf(web->url, sizeof(web->url), "http://127.0.0.1:%u/#%s",
		 web->http.port, web->http.token);
	*ret_web = web;
	return 0;
}

const char *kbox_web_url(const struct kbox_web *web)
{
	return web->url;
}

int kbox_web_start(struct kbox_web *web,
		   const struct kbox_web_sources *from)
{
	struct kbox_loop *loop = from->box->loop;
	int err;

	web->sources = *from;
	web->facts.sources = &web->sources;
	web->facts.proc = &web->proc;
	web->events.window = from->window;
	web->events.about.begin_ns = from->begin_ns;
	err = kbox_proc_files_open(&web->proc, from->box);
	if (!err)
		err = kbox_sampler_start(&web->sampler, loop, &web->sources,
					 &web->proc, &web->history);
	if (!err)
		err = kbox_desk_open(&web->desk, loop, kbox_facts_answer,
				     &web->facts);
	if (!err)
		err = kbox_http_start(&web->http, sources, web);
	if (err)
		kbox_web_stop(web);
	return err;
}

void kbox_web_stop(struct kbox_web *web)
{
	/* First the desk: the server may wait for an answer. */
	kbox_desk_close(&web->desk);
	kbox_http_stop(&web->http);
	kbox_sampler_stop(&web->sampler);
	kbox_proc_files_close(&web->proc);
}

void kbox_web_close(struct kbox_web *web)
{
	if (!web)
		return;
	kbox_web_stop(web);
	kbox_http_close(&web->http);
	kbox_events_done(&web->events);
	kbox_desk_done(&web->desk);
	free(web);
}
