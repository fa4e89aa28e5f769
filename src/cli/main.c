/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kbox program.
 *
 * Side: host.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../launch/front.h"
#include "../launch/run.h"
#include "help.h"
#include "parse.h"

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

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? KBOX_EXIT_FAILED : 0;
}

/* In a process of its own: this one becomes its front. */
static int run(const struct kbox_options *options)
{
	struct kbox_front front;
	int err = kbox_front_start(&front);

	if (!err)
		return kbox_launch(options, &front);
	kbox_error("cannot start: %s", strerror(-err));
	return KBOX_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct kbox_options options;
	int status = KBOX_EXIT_USAGE;

	if (open_standard_files() < 0)
		return KBOX_EXIT_FAILED;
	switch (kbox_cli_parse(argc, argv, &options)) {
	case KBOX_CLI_RUN:
		status = run(&options);
		break;
	case KBOX_CLI_HELP:
		status = print(kbox_help_text);
		break;
	case KBOX_CLI_VERSION:
		status = print("kbox " KBOX_VERSION "\n");
		break;
	case KBOX_CLI_BAD:
		break;
	}
	kbox_cli_options_done(&options);
	return status;
}
