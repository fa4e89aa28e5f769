/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox ps [--json]
 *
 * Side: host.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../control/client.h"
#include "../control/usage.h"
#include "../observe/json.h"
#include "usage.h"
#include "verb.h"

struct listing {
	struct kbox_json json;
	bool as_json;
};

/* "2026-01-31T12:00:00Z" */
static void format_time(uint64_t ns, char *buf, size_t size)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
}

static void print_row(const struct kbox_control_info *info)
{
	char since[32];

	format_time(info->since_ns, since, sizeof(since));
	printf("%-24s %8d  %s %9u %8.1f  %s\n", info->name, info->pid, since,
	       info->processes, (double)kbox_usage_memory(info) / (1 << 20),
	       info->image);
}

static void add_object(struct kbox_json *json,
		       const struct kbox_control_info *info)
{
	char since[32];

	format_time(info->since_ns, since, sizeof(since));
	kbox_json_open(json, '{');
	kbox_json_name_string(json, "name", info->name);
	kbox_json_name_int(json, "pid", info->pid);
	kbox_json_name_int(json, "supervisor", info->supervisor);
	kbox_json_name(json, "image");
	kbox_json_bytes(json, info->image, strlen(info->image));
	kbox_json_name_string(json, "since", since);
	kbox_json_name_uint(json, "processes", info->processes);
	kbox_json_name_uint(json, "memory_bytes", kbox_usage_memory(info));
	kbox_json_name_uint(json, "calls", info->calls);
	kbox_json_close(json, '}');
}

static void list_one(const char *name, int fd, void *arg)
{
	struct listing *listing = arg;
	struct kbox_control_info info;
	int err = kbox_client_info(fd, &info);

	/* One that is just ending has said so by its silence. */
	if (err && err != -ECONNRESET)
		kbox_warn("%s: %s", name, strerror(-err));
	if (err)
		return;
	if (listing->as_json)
		add_object(&listing->json, &info);
	else
		print_row(&info);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct listing listing = { .as_json = false };
	int option, err;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":", options)) != -1) {
		if (option != 'j')
			return KBOX_EXIT_USAGE;
		listing.as_json = true;
	}
	if (optind < argc)
		return kbox_cli_bad("ps takes no arguments", argv[optind]);
	if (listing.as_json)
		kbox_json_open(&listing.json, '[');
	else
		printf("%-24s %8s  %-20s %9s %8s  %s\n", "NAME", "PID", "SINCE",
		       "PROCESSES", "MIB", "IMAGE");
	err = kbox_client_each(list_one, &listing);
	if (listing.as_json) {
		kbox_json_close(&listing.json, ']');
		printf("%.*s\n", (int)listing.json.len, listing.json.text);
		kbox_json_done(&listing.json);
	}
	return err || fflush(stdout) ? KBOX_EXIT_FAILED : 0;
}

const struct kbox_verb kbox_ps_verb = {
	.name = "ps",
	.summary = "list the sandboxes that you run",
	.help = "Usage: kbox ps [--json]\n"
		"List the sandboxes of this user that run: name, number of the process that was\n"
		"started, since when (UTC), processes inside, memory, image.\n"
		"\n"
		"      --json            print one JSON array\n",
	.run = run,
};
