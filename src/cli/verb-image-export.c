/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image export
 *
 * Side: host.
 */
#include <errno.h>
#include <locale.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../image/new-file.h"
#include "../image/tar.h"
#include "../image/walk.h"
#include "../launch/session.h"
#include "usage.h"
#include "verb.h"

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "compress", required_argument, NULL, 'c' },
	{ NULL, 0, NULL, 0 },
};

struct export {
	const char *output;		/* NULL: standard output */
	const char *compression;	/* NULL: none */
	const char *image;
};

/* An exit status. */
static int parse(struct export *export, int argc, char **argv)
{
	int option;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":o:c:",
					 long_options)) != -1) {
		if (option == 'o')
			export->output = optarg;
		else if (option == 'c')
			export->compression = optarg;
		else
			return KBOX_EXIT_USAGE;
	}
	if (argc - optind != 1)
		return kbox_cli_bad("one image is needed", "kbox image export");
	if (!kbox_tar_compresses(export->compression))
		return kbox_cli_bad("not gzip, xz or zstd",
				    export->compression);
	export->image = argv[optind];
	if (!export->output && isatty(STDOUT_FILENO))
		return kbox_cli_bad("an archive does not go to a terminal; "
				    "name a file", "-o");
	return 0;
}

static int send_image(const struct export *export, struct kbox_tar *tar)
{
	struct kbox_session *session;
	int err = kbox_session_open(export->image, true, &session);
	int closed;

	if (err)
		return err;
	err = kbox_walk_send(&session->caller, &tar->sink);
	closed = kbox_session_close(session);
	if (!err)
		err = closed;
	return err ? err : kbox_tar_finish(tar);
}

/* An exit status. */
static int write_archive(const struct export *export, int fd, const char *name)
{
	struct kbox_tar tar;
	int err = kbox_tar_init(&tar, fd, name, export->compression);

	if (err)
		return KBOX_EXIT_FAILED;
	err = send_image(export, &tar);
	kbox_tar_done(&tar);
	return err ? KBOX_EXIT_FAILED : 0;
}

static int run(int argc, char **argv)
{
	struct export export = { 0 };
	struct kbox_new_file file;
	int status = parse(&export, argc, argv);

	if (status)
		return status;
	/* Names in the archive are UTF-8, where they can be. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (!export.output)
		return write_archive(&export, STDOUT_FILENO, "standard output");
	if (kbox_new_file_create(&file, export.output))
		return KBOX_EXIT_FAILED;
	status = write_archive(&export, file.fd, export.output);
	if (!status && kbox_new_file_keep(&file))
		status = KBOX_EXIT_FAILED;
	kbox_new_file_drop(&file);
	return status;
}

const struct kbox_verb kbox_image_export_verb = {
	.name = "export",
	.summary = "write an image's files as an archive",
	.help = "Usage: kbox image export [OPTION...] IMAGE\n"
		"Write all files of IMAGE as a tar archive, with owners, devices and attributes,\n"
		"to standard output or to a file.\n"
		"\n"
		"  -o, --output=FILE     the archive; it appears when it is complete\n"
		"  -c, --compress=HOW    gzip, xz or zstd\n",
	.run = run,
};
