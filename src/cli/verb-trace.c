/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox trace show|summary FILE
 *
 * Side: host.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../observe/trace-read.h"
#include "usage.h"
#include "verb.h"

#define MOST 20		/* lines of each table */
#define MOST_MAX 1000

/* What was read of @file ended with @err: the exit status. */
static int report(const char *file, int err, unsigned long lines)
{
	if (!err && (fflush(stdout) || ferror(stdout)))
		return KBOX_EXIT_FAILED;
	if (err == -EINVAL)
		kbox_error("%s: line %lu is not of a trace in JSON lines; a "
			   "trace for Perfetto (.json) cannot be read here",
			   file, lines ? lines : 1);
	else if (err == -EPROTONOSUPPORT)
		kbox_error("%s: a trace of another version of kbox", file);
	else if (err)
		kbox_error("%s: %s", file, strerror(-err));
	return err ? KBOX_EXIT_FAILED : 0;
}

/* The one file that @argv names from @optind on; NULL after a message. */
static FILE *open_file(int argc, char **argv)
{
	FILE *in;

	if (argc - optind != 1) {
		kbox_cli_bad("one FILE is needed", argv[0]);
		return NULL;
	}
	if (!strcmp(argv[optind], "-"))
		return fdopen(dup(STDIN_FILENO), "re");
	in = fopen(argv[optind], "re");
	if (!in)
		kbox_error("%s: %s", argv[optind], strerror(errno));
	return in;
}

static int no_file(int argc)
{
	return argc - optind == 1 ? KBOX_EXIT_FAILED : KBOX_EXIT_USAGE;
}

static int show(int argc, char **argv)
{
	static const struct option options[] = { { NULL, 0, NULL, 0 } };
	KBOX_CLEANUP_FILE FILE *in = NULL;
	unsigned long lines = 0;
	int err;

	optind = 0;
	if (kbox_cli_getopt(argc, argv, ":", options) != -1)
		return KBOX_EXIT_USAGE;
	in = open_file(argc, argv);
	if (!in)
		return no_file(argc);
	err = kbox_trace_show(in, stdout, &lines);
	return report(argv[optind], err, lines);
}

static int summary(int argc, char **argv)
{
	static const struct option options[] = {
		{ "number", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	KBOX_CLEANUP_FILE FILE *in = NULL;
	unsigned long lines = 0, most = MOST;
	int option, err;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":n:", options)) != -1) {
		char *end = NULL;

		if (option != 'n')
			return KBOX_EXIT_USAGE;
		most = strtoul(optarg, &end, 10);
		if (*optarg < '0' || *optarg > '9' || *end || most > MOST_MAX)
			return kbox_cli_bad("-n needs a number up to 1000",
					    optarg);
	}
	in = open_file(argc, argv);
	if (!in)
		return no_file(argc);
	err = kbox_trace_summary(in, stdout, (unsigned int)most, &lines);
	return report(argv[optind], err, lines);
}

static const struct kbox_verb show_verb = {
	.name = "show",
	.summary = "print every call, as strace does",
	.help = "Usage: kbox trace show FILE\n"
		"Print the calls of the trace FILE, \"-\" for standard input, one a line.\n",
	.run = show,
};

static const struct kbox_verb summary_verb = {
	.name = "summary",
	.summary = "programs, files, sockets, calls, the slowest",
	.help = "Usage: kbox trace summary [-n N] FILE\n"
		"Print what happened in the trace FILE, \"-\" for standard input.\n"
		"\n"
		"  -n, --number=N        at most N lines of each table (20)\n",
	.run = summary,
};

static const struct kbox_verb *const verbs[] = {
	&show_verb,
	&summary_verb,
	NULL,
};

const struct kbox_verb kbox_trace_verb = {
	.name = "trace",
	.summary = "read what --trace has written",
	.help = "Usage: kbox trace VERB [ARGUMENT...] FILE\n"
		"Read a trace that kbox --trace=FILE has written, in JSON lines.\n",
	.verbs = verbs,
};
