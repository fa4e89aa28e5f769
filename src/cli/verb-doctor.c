/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox doctor [--json]
 *
 * Side: host.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../base/check.h"
#include "../launch/doctor.h"
#include "../observe/json.h"
#include "usage.h"
#include "verb.h"

static const char *const states[] = {
	[KBOX_FINDING_OK] = "ok",
	[KBOX_FINDING_WARN] = "warn",
	[KBOX_FINDING_BAD] = "BAD",
};

static void print_plain(const struct kbox_finding *findings,
			unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct kbox_finding *f = &findings[i];

		printf("%-5s %-20s %s (for: %s)\n", states[f->state], f->name,
		       f->found, f->use);
		if (f->cost)
			printf("      %-20s %s\n", "", f->cost);
	}
}

static void print_json(const struct kbox_finding *findings, unsigned int count,
		       bool runs)
{
	struct kbox_json json = { 0 };

	kbox_json_open(&json, '{');
	kbox_json_name_string(&json, "format", "kbox-doctor");
	kbox_json_name_int(&json, "version", 1);
	kbox_json_name_bool(&json, "runs", runs);
	kbox_json_name(&json, "findings");
	kbox_json_open(&json, '[');
	for (unsigned int i = 0; i < count; i++) {
		const struct kbox_finding *f = &findings[i];

		kbox_json_open(&json, '{');
		kbox_json_name_string(&json, "name", f->name);
		kbox_json_name_string(&json, "state",
				      f->state == KBOX_FINDING_BAD ?
					      "bad" : states[f->state]);
		kbox_json_name_string(&json, "found", f->found);
		kbox_json_name_string(&json, "use", f->use);
		kbox_json_name(&json, "cost");
		if (f->cost)
			kbox_json_string(&json, f->cost);
		else
			kbox_json_null(&json);
		kbox_json_close(&json, '}');
	}
	kbox_json_close(&json, ']');
	kbox_json_close(&json, '}');
	printf("%.*s\n", (int)json.len, json.text ? json.text : "");
	kbox_json_done(&json);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct kbox_finding findings[KBOX_FINDINGS_MAX];
	bool json = false, runs = true;
	unsigned int count;
	int option;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":", options)) != -1) {
		if (option != 'j')
			return KBOX_EXIT_USAGE;
		json = true;
	}
	if (optind < argc)
		return kbox_cli_bad("doctor takes no arguments", argv[optind]);
	count = kbox_doctor(findings);
	for (unsigned int i = 0; i < count; i++)
		runs &= findings[i].state != KBOX_FINDING_BAD;
	if (json)
		print_json(findings, count, runs);
	else
		print_plain(findings, count);
	if (fflush(stdout))
		return KBOX_EXIT_FAILED;
	return runs ? 0 : KBOX_EXIT_FAILED;
}

const struct kbox_verb kbox_doctor_verb = {
	.name = "doctor",
	.summary = "say what this host offers, and what is missing",
	.help = "Usage: kbox doctor [--json]\n"
		"Try what kbox needs of this host. Exit status 0 when kbox can run here.\n"
		"\n"
		"      --json            print one JSON object\n",
	.run = run,
};
