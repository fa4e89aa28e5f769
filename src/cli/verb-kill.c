/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox kill [-s SIGNAL] SANDBOX...
 *
 * Side: host.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../control/client.h"
#include "usage.h"
#include "verb.h"

/* "TERM", "SIGTERM" or "15"; 0 for what is none. */
static int signal_of(const char *text)
{
	unsigned long number;
	char *end;

	if (*text >= '0' && *text <= '9') {
		number = strtoul(text, &end, 10);
		return *end || number >= NSIG ? 0 : (int)number;
	}
	if (!strncasecmp(text, "SIG", 3))
		text += 3;
	for (int sig = 1; sig < NSIG; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && !strcasecmp(name, text))
			return sig;
	}
	return 0;
}

static int kill_one(const char *name, int sig)
{
	KBOX_CLEANUP_CLOSE int fd = kbox_client_connect(name);
	int err;

	if (fd < 0)
		return fd;
	err = kbox_client_kill(fd, sig);
	if (err)
		kbox_error("%s: %s", name, strerror(-err));
	return err;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "signal", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0, sig = SIGTERM;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":s:", options)) != -1) {
		if (option != 's')
			return KBOX_EXIT_USAGE;
		sig = signal_of(optarg);
		if (!sig)
			return kbox_cli_bad("not a signal, such as TERM or 15",
					    optarg);
	}
	if (optind == argc)
		return kbox_cli_bad("a sandbox's name is needed", argv[0]);
	for (; optind < argc; optind++)
		if (kill_one(argv[optind], sig))
			status = KBOX_EXIT_FAILED;
	return status;
}

const struct kbox_verb kbox_kill_verb = {
	.name = "kill",
	.summary = "end sandboxes, or signal them",
	.help = "Usage: kbox kill [-s SIGNAL] SANDBOX...\n"
		"Send a signal to the first program of each SANDBOX, as to its kbox: TERM, INT\n"
		"and HUP ask it to end, and end it by force when it has not after a while; KILL\n"
		"ends all programs of the sandbox at once.\n"
		"\n"
		"  -s, --signal=SIGNAL   its name or number (TERM)\n",
	.run = run,
};
