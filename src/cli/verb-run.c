/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox run [OPTION...] IMAGE [--] [COMMAND [ARGUMENT...]]
 *
 * Side: host.
 */
#include "../base/check.h"
#include "parse.h"
#include "start.h"
#include "verb.h"

static int run(int argc, char **argv)
{
	struct kbox_options options;
	int status = KBOX_EXIT_USAGE;
	char *self = argv[0];

	switch (kbox_cli_parse_run(argc, argv, &options)) {
	case KBOX_CLI_RUN:
		status = kbox_cli_start(&options);
		break;
	case KBOX_CLI_HELP:
		status = kbox_verb_help(1, &self);
		break;
	case KBOX_CLI_VERSION:
	case KBOX_CLI_BAD:
		break;
	}
	kbox_cli_options_done(&options);
	return status;
}

const struct kbox_verb kbox_run_verb = {
	.name = "run",
	.summary = "run a command of an image",
	.help = "Usage: kbox run [OPTION...] IMAGE [--] [COMMAND [ARGUMENT...]]\n"
		"Run COMMAND in the image, as kbox -S IMAGE does. An image that was made of a\n"
		"container image says what to run, how, and as whom: its command is run when\n"
		"there is no COMMAND, and its entry point gets either as arguments.\n"
		"\n"
		"      --no-config       do without what the image says\n"
		"\n"
		"The other options are those of kbox, see kbox --help, but for -S, -R, -r and\n"
		"--version. They come before what the image says.\n",
	.run = run,
};
