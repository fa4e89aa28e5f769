/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of verbs, and what they share.
 *
 * Side: host.
 */
#include "verb.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../base/check.h"
#include "help.h"
#include "usage.h"

const struct kbox_verb *const kbox_verbs[] = {
	&kbox_help_verb,
	&kbox_image_verb,
	&kbox_run_verb,
	&kbox_ps_verb,
	&kbox_exec_verb,
	&kbox_kill_verb,
	&kbox_top_verb,
	&kbox_trace_verb,
	&kbox_doctor_verb,
	NULL,
};

int kbox_verb_print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? KBOX_EXIT_FAILED : 0;
}

static const struct kbox_verb *find(const struct kbox_verb *const *verbs,
				    const char *name)
{
	while (*verbs && strcmp((*verbs)->name, name))
		verbs++;
	return *verbs;
}

static int list(const struct kbox_verb *const *verbs, const char *title)
{
	printf("\n%s\n", title);
	for (; *verbs; verbs++)
		printf("  %-21s %s\n", (*verbs)->name, (*verbs)->summary);
	return kbox_verb_print("");
}

static int print_help(const struct kbox_verb *verb)
{
	int status = kbox_verb_print(verb->help);

	return status || !verb->verbs ? status : list(verb->verbs, "Verbs:");
}

int kbox_verb_help(int count, char **words)
{
	const struct kbox_verb *const *verbs = kbox_verbs;
	const struct kbox_verb *verb = NULL;

	for (int i = 0; i < count; i++) {
		verb = verbs ? find(verbs, words[i]) : NULL;
		if (!verb)
			return kbox_cli_bad("no such verb", words[i]);
		verbs = verb->verbs;
	}
	if (verb)
		return print_help(verb);
	if (kbox_verb_print(kbox_help_text))
		return KBOX_EXIT_FAILED;
	return list(kbox_verbs, "Verbs, \"kbox help VERB\" tells more:");
}

static bool asks_for_help(int argc, char **argv)
{
	return argc == 2 &&
	       (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
}

int kbox_verb_run(const struct kbox_verb *const *verbs, int argc, char **argv)
{
	const struct kbox_verb *verb = find(verbs, argv[0]);

	if (!verb)
		return kbox_cli_bad("no such verb", argv[0]);
	if (asks_for_help(argc, argv))
		return print_help(verb);
	if (!verb->verbs)
		return verb->run(argc, argv);
	if (argc < 2)
		return kbox_cli_bad("a verb is missing", argv[0]);
	return kbox_verb_run(verb->verbs, argc - 1, argv + 1);
}
