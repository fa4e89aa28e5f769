/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading options, and saying what is wrong with them.
 *
 * Side: host.
 */
#ifndef KBOX_CLI_USAGE_H
#define KBOX_CLI_USAGE_H

#include <getopt.h>

/*
 * getopt_long(), but an option that is wrong is reported in one line, and
 * gives '?'. @short_options begins with ":", or "+:".
 */
int kbox_cli_getopt(int argc, char **argv, const char *short_options,
		    const struct option *long_options);

/* One line that says what is wrong in the command line: KBOX_EXIT_USAGE. */
int kbox_cli_bad(const char *why, const char *what);

#endif
