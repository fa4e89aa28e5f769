/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image diff
 *
 * Side: host.
 */
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../image/changes.h"
#include "../image/new-file.h"
#include "../image/tar.h"
#include "../launch/session.h"
#include "overlay-layer.h"
#include "usage.h"
#include "verb.h"

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "compress", required_argument, NULL, 'c' },
	{ NULL, 0, NULL, 0 },
};

struct diff {
	const char *layer;		/* NULL: a list to standard output */
	const char *compression;	/* NULL: none */
	const char *image, *overlay;
};

/* An exit status. */
static int parse(struct diff *diff, int argc, char **argv)
{
	int option;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":o:c:",
					 long_options)) != -1) {
		if (option == 'o')
			diff->layer = optarg;
		else if (option == 'c')
			diff->compression = optarg;
		else
			return KBOX_EXIT_USAGE;
	}
	if (argc - optind != 2)
		return kbox_cli_bad("an image and its overlay are needed",
				    "kbox image diff");
	if (diff->compression && !diff->layer)
		return kbox_cli_bad("is for a layer, which needs -o", "-c");
	if (!kbox_tar_compresses(diff->compression))
		return kbox_cli_bad("not gzip, xz or zstd", diff->compression);
	diff->image = argv[optind];
	diff->overlay = argv[optind + 1];
	return 0;
}

static int print(const struct diff *diff)
{
	struct kbox_session *session;
	int err, closed;

	err = kbox_session_open_overlay(diff->image, diff->overlay, &session);
	if (err)
		return err;
	err = kbox_changes_print(&session->caller, KBOX_SESSION_BASE, stdout);
	closed = kbox_session_close(session);
	return err ? err : closed;
}

static int write_layer(const struct diff *diff)
{
	struct kbox_new_file file;
	int err = kbox_new_file_create(&file, diff->layer);

	if (err)
		return err;
	err = kbox_overlay_layer_write(diff->image, diff->overlay, file.fd,
				       diff->layer, diff->compression);
	if (!err)
		err = kbox_new_file_keep(&file);
	kbox_new_file_drop(&file);
	return err;
}

static int run(int argc, char **argv)
{
	struct diff diff = { 0 };
	int status = parse(&diff, argc, argv);

	if (status)
		return status;
	setlocale(LC_CTYPE, "C.UTF-8");
	return (diff.layer ? write_layer(&diff) : print(&diff)) ?
		       KBOX_EXIT_FAILED : 0;
}

const struct kbox_verb kbox_image_diff_verb = {
	.name = "diff",
	.summary = "what an overlay changes in its image",
	.help = "Usage: kbox image diff [OPTION...] IMAGE OVERLAY\n"
		"List what programs have changed that ran with --overlay OVERLAY on IMAGE: A for\n"
		"added, M for modified, D for deleted, and the path.\n"
		"\n"
		"  -o, --output=FILE     write it as a layer instead: a tar archive of what was\n"
		"                        added and modified, with whiteouts for what was deleted\n"
		"  -c, --compress=HOW    the layer with gzip, xz or zstd\n",
	.run = run,
};
