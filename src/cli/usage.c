/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading options, and saying what is wrong with them.
 *
 * Side: host.
 */
#include "usage.h"

#include "../base/check.h"
#include "../base/log.h"

int kbox_cli_bad(const char *why, const char *what)
{
	kbox_error("%s: %s; see kbox --help", what, why);
	return KBOX_EXIT_USAGE;
}

int kbox_cli_getopt(int argc, char **argv, const char *short_options,
		    const struct option *long_options)
{
	int option = getopt_long(argc, argv, short_options, long_options,
				 NULL);
	const char letter[3] = { '-', (char)optopt, '\0' };
	const char *what;

	if (option != ':' && option != '?')
		return option;
	what = optopt > 0 && optopt < 256 ? letter : argv[optind - 1];
	kbox_cli_bad(option == ':' ? "needs a value" : "unknown option", what);
	return '?';
}
