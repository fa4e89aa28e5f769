/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image pull
 *
 * Side: host.
 */
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../image/pull.h"
#include "making.h"
#include "usage.h"
#include "verb.h"

#define TRANSPORT "docker://"

enum { OPT_INSECURE = KBOX_MAKING_END };

static const struct option long_options[] = {
	KBOX_MAKING_WORDS,
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ NULL, 0, NULL, 0 },
};

/* An exit status. */
static int parse(struct kbox_making *making, struct kbox_pull *pull, int argc,
		 char **argv)
{
	int option, status = 0;

	optind = 0;
	while (!status &&
	       (option = kbox_cli_getopt(argc, argv, ":" KBOX_MAKING_LETTERS,
					 long_options)) != -1) {
		if (option == OPT_INSECURE)
			pull->insecure = true;
		else
			status = kbox_making_option(making, option);
	}
	if (status)
		return status;
	if (argc - optind != 1)
		return kbox_cli_bad("one image is needed", "kbox image pull");
	pull->reference = argv[optind];
	/* As skopeo has it. */
	if (!strncmp(pull->reference, TRANSPORT, strlen(TRANSPORT)))
		pull->reference += strlen(TRANSPORT);
	return 0;
}

/* NAME.ext4 of HOST/FOLDER/NAME:TAG; never in place of another. An exit status. */
static int find_name(struct kbox_making *making, const char *reference,
		     char *name, size_t size)
{
	const char *slash = strrchr(reference, '/');
	const char *last = slash ? slash + 1 : reference;
	size_t len = strcspn(last, ":@");

	if (!len || snprintf(name, size, "%.*s.ext4", (int)len, last) >=
			    (int)size)
		return kbox_cli_bad("not the name of an image", reference);
	making->output = name;
	if (access(name, F_OK))
		return 0;
	kbox_error("%s: exists; name the image with -o", name);
	return KBOX_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	struct kbox_pull pull = { 0 };
	struct kbox_making making;
	char name[NAME_MAX + 1];
	int status;

	kbox_making_init(&making);
	status = parse(&making, &pull, argc, argv);
	if (!status && !making.output)
		status = find_name(&making, pull.reference, name, sizeof(name));
	if (status)
		return status;
	/* Names of archives that say so are UTF-8, whatever the user's are. */
	setlocale(LC_CTYPE, "C.UTF-8");
	pull.beside = making.output;
	kbox_progress_say(&making.progress, "fetching");
	status = kbox_pull(&pull, &making.options, &making.source);
	kbox_progress_end(&making.progress);
	return status ? KBOX_EXIT_FAILED : kbox_making_run(&making);
}

const struct kbox_verb kbox_image_pull_verb = {
	.name = "pull",
	.summary = "make an image of a container image in a registry",
	.help = "Usage: kbox image pull [OPTION...] REF\n"
		"Make an ext4 image of the container image REF, [HOST[:PORT]/]NAME[:TAG] or\n"
		"[HOST[:PORT]/]NAME@DIGEST, which skopeo fetches from its registry.\n"
		"\n"
		"  -o, --output=IMAGE    the image; it appears when it is complete (NAME.ext4)\n"
		"      --size=SIZE       its size; by default twice what is in it and 1G\n"
		"      --limit=SIZE      how much REF may contain (64G), and also layers that\n"
		"                        are much smaller than their contents\n"
		"      --platform=OS/ARCH[/VARIANT]\n"
		"                        which one, if there are several (linux/amd64)\n"
		"      --insecure        HTTP, or a certificate that nobody knows, will do\n"
		"  -q, --quiet           no progress, only errors\n",
	.run = run,
};
