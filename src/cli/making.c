/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What verbs share that make an image from a source.
 *
 * Side: host. The source is read twice: the first time to judge it and to find
 * out how much it is, the second time into the new image.
 */
#include "making.h"

#include <string.h>

#include "../base/check.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "../image/config.h"
#include "../image/ext4.h"
#include "../image/writer.h"
#include "../launch/session.h"
#include "parse.h"
#include "usage.h"

void kbox_making_init(struct kbox_making *making)
{
	*making = (struct kbox_making){
		.source.fd = -1,
		.file.fd = -1,
		.options = {
			.choice.platform = "linux/amd64",
			.max_bytes = KBOX_IMAGE_LIMIT_BYTES,
			.bounded = true,
		},
	};
}

static int set_size(unsigned long long *bytes, const char *name,
		    const char *text)
{
	if (!kbox_cli_parse_size(text, bytes) && *bytes)
		return 0;
	return kbox_cli_bad("needs a size such as 2G", name);
}

int kbox_making_option(struct kbox_making *making, int option)
{
	switch (option) {
	case 'o':
		making->output = optarg;
		return 0;
	case KBOX_MAKING_SIZE:
		return set_size(&making->size_bytes, "--size", optarg);
	case KBOX_MAKING_LIMIT:
		making->options.bounded = false;
		return set_size(&making->options.max_bytes, "--limit", optarg);
	case KBOX_MAKING_PLATFORM:
		making->options.choice.platform = optarg;
		return strchr(optarg, '/') ? 0 :
			       kbox_cli_bad("needs OS/ARCH, such as linux/amd64",
					    "--platform");
	case 'q':
		kbox_log_set_level(KBOX_LOG_ERROR);
		return 0;
	default:
		return KBOX_EXIT_USAGE;
	}
}

/* Send all of the source to @sink. 0 or -errno. */
static int send(struct kbox_making *making, const char *what,
		struct kbox_sink *sink)
{
	int err;

	making->guard.sink = sink;
	kbox_progress_start(&making->progress, what);
	err = kbox_source_send(&making->source, &making->guard);
	kbox_progress_end(&making->progress);
	return err;
}

static void start_guard(struct kbox_making *making)
{
	kbox_guard_done(&making->guard);
	making->guard = (struct kbox_guard){
		.source = making->source.name,
		.max_bytes = making->options.max_bytes,
		.progress = kbox_progress_show,
		.progress_arg = &making->progress,
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
static int judge(struct kbox_making *making)
{
	struct kbox_sink nothing = {
		.entry = ignore_entry,
		.data = ignore_data,
		.end = ignore_end,
	};
	int err;

	start_guard(making);
	err = send(making, "reading", &nothing);
	making->amount = making->guard.amount;
	return err;
}

static int fill(struct kbox_making *making, struct kbox_session *session)
{
	const char *config = kbox_source_config(&making->source);
	struct kbox_writer writer;
	int err, left;

	start_guard(making);
	err = kbox_writer_init(&writer, &session->caller, &making->guard.made);
	if (err)
		return err;
	err = send(making, "writing", &writer.sink);
	if (!err && config)
		err = kbox_writer_put(&writer, KBOX_CONFIG_PATH, config,
				      strlen(config));
	left = kbox_writer_done(&writer);
	return err ? err : left;
}

static int make(struct kbox_making *making)
{
	struct kbox_session *session;
	int err, closed;

	if (!making->size_bytes)
		making->size_bytes = kbox_ext4_size(&making->amount);
	err = kbox_ext4_make(&making->file, making->size_bytes, &making->amount);
	if (!err)
		err = kbox_session_open(making->file.name, false, &session);
	if (err)
		return err;
	err = fill(making, session);
	closed = kbox_session_close(session);
	return err ? err : closed;
}

static int judge_and_make(struct kbox_making *making)
{
	int err = judge(making);

	if (!err)
		err = kbox_new_file_create(&making->file, making->output);
	if (err)
		return err;
	err = make(making);
	if (!err)
		err = kbox_new_file_keep(&making->file);
	kbox_new_file_drop(&making->file);
	return err;
}

int kbox_making_run(struct kbox_making *making)
{
	int err = judge_and_make(making);

	kbox_guard_done(&making->guard);
	kbox_source_close(&making->source);
	return err ? KBOX_EXIT_FAILED : 0;
}
