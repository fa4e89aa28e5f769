/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line.
 *
 * Side: host.
 */
#ifndef KBOX_CLI_PARSE_H
#define KBOX_CLI_PARSE_H

#include "../launch/options.h"

enum kbox_cli_action {
	KBOX_CLI_RUN,		/* the options are complete */
	KBOX_CLI_HELP,		/* --help */
	KBOX_CLI_VERSION,	/* --version */
	KBOX_CLI_BAD,		/* one line was logged */
};

/*
 * Read @argv into *@ret_options, whose strings point into @argv or are
 * allocated and belong to it. Also sets the log level.
 */
enum kbox_cli_action kbox_cli_parse(int argc, char **argv,
				    struct kbox_options *ret_options);

/*
 * The same for "kbox run", whose name is @argv[0]: the image is the first word
 * that is no option.
 */
enum kbox_cli_action kbox_cli_parse_run(int argc, char **argv,
					struct kbox_options *ret_options);
void kbox_cli_options_done(struct kbox_options *options);

/*
 * "64M" and the like in bytes: a number, then nothing, K, M or G. 0 or
 * -EINVAL.
 */
int kbox_cli_parse_size(const char *text, unsigned long long *ret_bytes);

/*
 * Take the last mem=SIZE out of a kernel command line. A new string in
 * *@ret_rest, owned by the caller; *@ret_bytes is untouched without mem=. 0,
 * -EINVAL for a bad size, or -ENOMEM.
 */
int kbox_cli_split_mem(const char *command_line, char **ret_rest,
		       unsigned long long *ret_bytes);

#endif
