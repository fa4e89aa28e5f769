/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox help [VERB...]
 *
 * Side: host.
 */
#include "verb.h"

static int run(int argc, char **argv)
{
	return kbox_verb_help(argc - 1, argv + 1);
}

const struct kbox_verb kbox_help_verb = {
	.name = "help",
	.summary = "say what kbox, or a verb, does",
	.help = "Usage: kbox help [VERB...]\n"
		"Print what --help prints: of kbox, or of a verb.\n",
	.run = run,
};
