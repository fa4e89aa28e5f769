/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image export
 *
 * Side: host. A layout wants to know the layer's size and digest before it names
 * it: so the layer goes to a file without a name first.
 */
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../image/kept-config.h"
#include "../image/layout.h"
#include "../image/new-file.h"
#include "../image/new-folder.h"
#include "../image/tar.h"
#include "../image/walk.h"
#include "../launch/session.h"
#include "usage.h"
#include "verb.h"

enum { OPT_REF = 256 };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "compress", required_argument, NULL, 'c' },
	{ "format", required_argument, NULL, 'f' },
	{ "ref", required_argument, NULL, OPT_REF },
	{ NULL, 0, NULL, 0 },
};

enum format { FORMAT_TAR, FORMAT_OCI, FORMAT_OCI_ARCHIVE, FORMATS };

static const char *const formats[FORMATS] = { "tar", "oci", "oci-archive" };

struct export {
	char *output;			/* NULL: standard output */
	const char *compression;	/* NULL: none */
	enum format format;
	const char *reference;		/* the tag in a layout; NULL: not said */
	const char *image;
};

/* An exit status. */
static int parse_format(struct export *export, const char *name)
{
	for (int i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i], name))
			continue;
		export->format = (enum format)i;
		return 0;
	}
	return kbox_cli_bad("not tar, oci or oci-archive", name);
}

/* What the options mean together. An exit status. */
static int check(const struct export *export)
{
	bool is_layout = export->format != FORMAT_TAR;

	if (!kbox_tar_compresses(export->compression))
		return kbox_cli_bad("not gzip, xz or zstd",
				    export->compression);
	if (is_layout && !kbox_layout_compresses(export->compression))
		return kbox_cli_bad("layers are not compressed with that, only "
				    "with gzip or zstd", export->compression);
	if (is_layout && !export->output)
		return kbox_cli_bad("where the layout is to be is missing",
				    "-o");
	if (export->reference && !is_layout)
		return kbox_cli_bad("is for a layout, -f oci or oci-archive",
				    "--ref");
	if (export->reference && !kbox_layout_tags(export->reference))
		return kbox_cli_bad("not a tag: letters and digits, with single "
				    "characters of -._:@+/ among them",
				    export->reference);
	if (!export->output && isatty(STDOUT_FILENO))
		return kbox_cli_bad("an archive does not go to a terminal; "
				    "name a file", "-o");
	return 0;
}

/* As the name of a folder may have them. */
static void cut_slashes(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

/* An exit status. */
static int parse(struct export *export, int argc, char **argv)
{
	int option, status = 0;

	optind = 0;
	while (!status && (option = kbox_cli_getopt(argc, argv, ":o:c:f:",
						    long_options)) != -1) {
		if (option == 'o')
			export->output = optarg;
		else if (option == 'c')
			export->compression = optarg;
		else if (option == 'f')
			status = parse_format(export, optarg);
		else if (option == OPT_REF)
			export->reference = optarg;
		else
			return KBOX_EXIT_USAGE;
	}
	if (status)
		return status;
	if (argc - optind != 1)
		return kbox_cli_bad("one image is needed", "kbox image export");
	export->image = argv[optind];
	if (export->output && export->format == FORMAT_OCI)
		cut_slashes(export->output);
	return check(export);
}

/* And what it says about running it, when @ret_config is not NULL. */
static int send_image(const struct export *export, struct kbox_tar *tar,
		      json_t **ret_config)
{
	struct kbox_session *session;
	int err = kbox_session_open(export->image, true, &session);
	int closed;

	if (err)
		return err;
	if (ret_config)
		err = kbox_kept_config_read(&session->caller, ret_config);
	if (!err)
		err = kbox_walk_send(&session->caller, &tar->sink);
	closed = kbox_session_close(session);
	if (!err)
		err = closed;
	return err ? err : kbox_tar_finish(tar);
}

static int write_archive(const struct export *export, int fd, const char *name)
{
	struct kbox_tar tar;
	int err = kbox_tar_init(&tar, fd, name, export->compression);

	if (err)
		return err;
	err = send_image(export, &tar, NULL);
	kbox_tar_done(&tar);
	return err;
}

/* The image as a layer, in the file @fd, and its description, the caller's. */
static int write_layer(const struct export *export, int fd,
		       struct kbox_layout *layout)
{
	struct sha256_ctx digest;
	struct kbox_tar tar;
	struct stat st;
	int err = kbox_tar_init(&tar, fd, export->output, export->compression);

	if (err)
		return err;
	sha256_init(&digest);
	tar.digest = &digest;
	err = send_image(export, &tar, &layout->config);
	if (!err && fstat(fd, &st) < 0)
		err = -errno;
	if (!err) {
		kbox_digest_print(&digest, layout->content_digest);
		layout->layer.fd = fd;
		layout->layer.bytes = (unsigned long long)st.st_size;
	}
	kbox_tar_done(&tar);
	return err;
}

static int write_folder(const struct kbox_layout *layout)
{
	struct kbox_new_folder folder;
	int err = kbox_new_folder_create(&folder, layout->name);

	if (err)
		return err;
	err = kbox_layout_send(layout, &folder.sink);
	if (!err)
		err = kbox_new_folder_keep(&folder);
	kbox_new_folder_drop(&folder);
	return err;
}

static int write_layout_archive(const struct kbox_layout *layout, int fd)
{
	struct kbox_tar tar;
	int err = kbox_tar_init(&tar, fd, layout->name, NULL);

	if (err)
		return err;
	err = kbox_layout_send(layout, &tar.sink);
	if (!err)
		err = kbox_tar_finish(&tar);
	kbox_tar_done(&tar);
	return err;
}

static int write_layout(const struct export *export,
			const struct kbox_layout *layout)
{
	struct kbox_new_file file;
	int err;

	if (export->format == FORMAT_OCI)
		return write_folder(layout);
	err = kbox_new_file_create(&file, export->output);
	if (err)
		return err;
	err = write_layout_archive(layout, file.fd);
	if (!err)
		err = kbox_new_file_keep(&file);
	kbox_new_file_drop(&file);
	return err;
}

static int export_layout(const struct export *export)
{
	struct kbox_layout layout = {
		.name = export->output,
		.reference = export->reference ? export->reference : "latest",
		.compression = export->compression,
	};
	struct kbox_new_file layer;	/* never kept */
	int err = 0;

	/* Before the work is done. */
	if (export->format == FORMAT_OCI)
		err = kbox_new_folder_check(export->output);
	if (!err)
		err = kbox_new_file_create(&layer, export->output);
	if (err)
		return err;
	err = write_layer(export, layer.fd, &layout);
	if (!err)
		err = write_layout(export, &layout);
	json_decref(layout.config);
	kbox_new_file_drop(&layer);
	return err;
}

static int export_tar(const struct export *export)
{
	struct kbox_new_file file;
	int err;

	if (!export->output)
		return write_archive(export, STDOUT_FILENO, "standard output");
	err = kbox_new_file_create(&file, export->output);
	if (err)
		return err;
	err = write_archive(export, file.fd, export->output);
	if (!err)
		err = kbox_new_file_keep(&file);
	kbox_new_file_drop(&file);
	return err;
}

static int run(int argc, char **argv)
{
	struct export export = { 0 };
	int status = parse(&export, argc, argv);

	if (status)
		return status;
	/* Names in the archive are UTF-8, where they can be. */
	setlocale(LC_CTYPE, "C.UTF-8");
	return (export.format == FORMAT_TAR ? export_tar(&export) :
					      export_layout(&export)) ?
		       KBOX_EXIT_FAILED : 0;
}

const struct kbox_verb kbox_image_export_verb = {
	.name = "export",
	.summary = "write an image's files as an archive",
	.help = "Usage: kbox image export [OPTION...] IMAGE\n"
		"Write all files of IMAGE as a tar archive, with owners, devices and attributes,\n"
		"to standard output or to a file; or as a container image.\n"
		"\n"
		"  -o, --output=FILE     the archive; it appears when it is complete\n"
		"  -c, --compress=HOW    gzip, xz or zstd\n"
		"  -f, --format=FORMAT   tar; or oci, an OCI layout as a new folder; or\n"
		"                        oci-archive, the same as a file\n"
		"      --ref=TAG         the tag of the image in a layout (latest)\n",
	.run = run,
};
