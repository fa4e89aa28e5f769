/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kbox program.
 *
 * Side: host.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../base/check.h"
#include "parse.h"
#include "start.h"
#include "verb.h"

/*
 * A closed standard file becomes /dev/null, before anything else is opened:
 * otherwise the image could end up as somebody's standard output.
 */
static int open_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The lowest free number, which is this one. */
		if (open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct kbox_options options;
	int status = KBOX_EXIT_USAGE;

	if (open_standard_files() < 0)
		return KBOX_EXIT_FAILED;
	if (argc > 1 && argv[1][0] != '-')
		return kbox_verb_run(kbox_verbs, argc - 1, argv + 1);
	switch (kbox_cli_parse(argc, argv, &options)) {
	case KBOX_CLI_RUN:
		status = kbox_cli_start(&options);
		break;
	case KBOX_CLI_HELP:
		status = kbox_verb_help(0, NULL);
		break;
	case KBOX_CLI_VERSION:
		status = kbox_verb_print("kbox " KBOX_VERSION "\n");
		break;
	case KBOX_CLI_BAD:
		break;
	}
	kbox_cli_options_done(&options);
	return status;
}
