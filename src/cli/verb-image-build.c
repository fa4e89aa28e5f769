/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image build
 *
 * Side: host.
 */
#include <locale.h>
#include <stddef.h>

#include "../base/check.h"
#include "making.h"
#include "usage.h"
#include "verb.h"

enum { OPT_REF = KBOX_MAKING_END };

static const struct option long_options[] = {
	KBOX_MAKING_WORDS,
	{ "ref", required_argument, NULL, OPT_REF },
	{ NULL, 0, NULL, 0 },
};

/* An exit status. */
static int parse(struct kbox_making *making, int argc, char **argv)
{
	int option, status = 0;

	optind = 0;
	while (!status &&
	       (option = kbox_cli_getopt(argc, argv, ":" KBOX_MAKING_LETTERS,
					 long_options)) != -1) {
		if (option == OPT_REF)
			making->options.choice.reference = optarg;
		else
			status = kbox_making_option(making, option);
	}
	if (status)
		return status;
	if (!making->output)
		return kbox_cli_bad("the image to be made is missing", "-o");
	if (argc - optind != 1)
		return kbox_cli_bad("one source is needed", "kbox image build");
	return 0;
}

static int run(int argc, char **argv)
{
	struct kbox_making making;
	int status;

	kbox_making_init(&making);
	status = parse(&making, argc, argv);
	if (status)
		return status;
	/* Names of archives that say so are UTF-8, whatever the user's are. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (kbox_source_open(&making.source, argv[optind], argv[optind],
			     &making.options))
		return KBOX_EXIT_FAILED;
	return kbox_making_run(&making);
}

const struct kbox_verb kbox_image_build_verb = {
	.name = "build",
	.summary = "make an image",
	.help = "Usage: kbox image build -o IMAGE [OPTION...] SOURCE\n"
		"Make the ext4 image IMAGE with the files of SOURCE: a folder, a tar archive,\n"
		"which may be compressed, an OCI layout as folder or archive, or what \"docker\n"
		"save\" writes. Owners, devices and attributes are kept, also without root.\n"
		"\n"
		"  -o, --output=IMAGE    the image; it appears when it is complete\n"
		"      --size=SIZE       its size; by default twice what is in it and 1G.\n"
		"                        The file is sparse: what is unused costs nothing\n"
		"      --limit=SIZE      how much SOURCE may contain (64G), and also archives\n"
		"                        that are much smaller than their contents\n"
		"      --platform=OS/ARCH[/VARIANT]\n"
		"                        which one of a container image (linux/amd64)\n"
		"      --ref=TAG         which container image, if there are several\n"
		"  -q, --quiet           no progress, only errors\n",
	.run = run,
};
