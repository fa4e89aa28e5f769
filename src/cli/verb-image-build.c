/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image build
 *
 * Side: host. The source is read twice: the first time to judge it and to find
 * out how much it is, the second time into the new image.
 */
#include <errno.h>
#include <locale.h>
#include <string.h>

#include "../base/check.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "../image/config.h"
#include "../image/ext4.h"
#include "../image/new-file.h"
#include "../image/progress.h"
#include "../image/source.h"
#include "../image/writer.h"
#include "../launch/session.h"
#include "parse.h"
#include "usage.h"
#include "verb.h"

enum {
	OPT_SIZE = 256,
	OPT_LIMIT,
	OPT_PLATFORM,
	OPT_REF,
};

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "platform", required_argument, NULL, OPT_PLATFORM },
	{ "ref", required_argument, NULL, OPT_REF },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

struct build {
	const char *output;
	unsigned long long size_bytes;	/* 0: found out */
	struct kbox_source_options options;
	struct kbox_source source;
	struct kbox_guard guard;
	struct kbox_amount amount;	/* of all that is in the source */
	struct kbox_new_file file;
	struct kbox_progress progress;
};

static int set_size(unsigned long long *bytes, const char *name,
		    const char *text)
{
	if (!kbox_cli_parse_size(text, bytes) && *bytes)
		return 0;
	return kbox_cli_bad("needs a size such as 2G", name);
}

/* An exit status. */
static int parse(struct build *build, int argc, char **argv)
{
	int option, status = 0;

	optind = 0;
	while (!status && (option = kbox_cli_getopt(argc, argv, ":o:q",
						    long_options)) != -1) {
		switch (option) {
		case 'o':
			build->output = optarg;
			break;
		case OPT_SIZE:
			status = set_size(&build->size_bytes, "--size", optarg);
			break;
		case OPT_LIMIT:
			status = set_size(&build->options.max_bytes, "--limit",
					  optarg);
			build->options.bounded = false;
			break;
		case OPT_PLATFORM:
			build->options.choice.platform = optarg;
			break;
		case OPT_REF:
			build->options.choice.reference = optarg;
			break;
		case 'q':
			kbox_log_set_level(KBOX_LOG_ERROR);
			break;
		default:
			return KBOX_EXIT_USAGE;
		}
	}
	if (status)
		return status;
	if (!build->output)
		return kbox_cli_bad("the image to be made is missing", "-o");
	if (argc - optind != 1)
		return kbox_cli_bad("one source is needed", "kbox image build");
	return 0;
}

/* Send all of the source to @sink. 0 or -errno. */
static int send(struct build *build, const char *what, struct kbox_sink *sink)
{
	int err;

	build->guard.sink = sink;
	kbox_progress_start(&build->progress, what);
	err = kbox_source_send(&build->source, &build->guard);
	kbox_progress_end(&build->progress);
	return err;
}

static void start_guard(struct build *build)
{
	kbox_guard_done(&build->guard);
	build->guard = (struct kbox_guard){
		.source = build->source.path,
		.max_bytes = build->options.max_bytes,
		.progress = kbox_progress_show,
		.progress_arg = &build->progress,
	};
}

static int ignore_entry(struct kbox_sink *sink, struct archive_entry *entry)
{
	(void)sink;
	(void)entry;
	return 0;
}

static int ignore_data(struct kbox_sink *sink, const void *data, size_t len,
		       unsigned long long offset)
{
	(void)sink;
	(void)data;
	(void)len;
	(void)offset;
	return 0;
}

static int ignore_end(struct kbox_sink *sink)
{
	(void)sink;
	return 0;
}

/* The guard does what is to be done. */
static int judge(struct build *build)
{
	struct kbox_sink nothing = {
		.entry = ignore_entry,
		.data = ignore_data,
		.end = ignore_end,
	};
	int err;

	start_guard(build);
	err = send(build, "reading", &nothing);
	build->amount = build->guard.amount;
	return err;
}

static int fill(struct build *build, struct kbox_session *session)
{
	const char *config = kbox_source_config(&build->source);
	struct kbox_writer writer;
	int err, left;

	start_guard(build);
	err = kbox_writer_init(&writer, &session->caller, &build->guard.made);
	if (err)
		return err;
	err = send(build, "writing", &writer.sink);
	if (!err && config)
		err = kbox_writer_put(&writer, KBOX_CONFIG_PATH, config,
				      strlen(config));
	left = kbox_writer_done(&writer);
	return err ? err : left;
}

static int make(struct build *build)
{
	struct kbox_session *session;
	int err, closed;

	if (!build->size_bytes)
		build->size_bytes = kbox_ext4_size(&build->amount);
	err = kbox_ext4_make(&build->file, build->size_bytes, &build->amount);
	if (!err)
		err = kbox_session_open(build->file.name, false, &session);
	if (err)
		return err;
	err = fill(build, session);
	closed = kbox_session_close(session);
	return err ? err : closed;
}

static int run_build(struct build *build)
{
	int err = judge(build);

	if (!err)
		err = kbox_new_file_create(&build->file, build->output);
	if (err)
		return err;
	err = make(build);
	if (!err)
		err = kbox_new_file_keep(&build->file);
	kbox_new_file_drop(&build->file);
	return err;
}

static int run(int argc, char **argv)
{
	struct build build = {
		.file.fd = -1,
		.options = {
			.choice.platform = "linux/amd64",
			.max_bytes = KBOX_IMAGE_LIMIT_BYTES,
			.bounded = true,
		},
	};
	int status = parse(&build, argc, argv);

	if (status)
		return status;
	/* Names of archives that say so are UTF-8, whatever the user's are. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (kbox_source_open(&build.source, argv[optind], &build.options))
		return KBOX_EXIT_FAILED;
	if (run_build(&build))
		status = KBOX_EXIT_FAILED;
	kbox_guard_done(&build.guard);
	kbox_source_close(&build.source);
	return status;
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
