/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image commit
 *
 * Side: host. A kernel boots once in a process: a child reads the changes into a
 * file without a name, and this process puts them on a copy of the image.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "../image/archive.h"
#include "../image/copy.h"
#include "../image/new-file.h"
#include "../image/writer.h"
#include "../launch/session.h"
#include "overlay-layer.h"
#include "usage.h"
#include "verb.h"

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ NULL, 0, NULL, 0 },
};

struct commit {
	const char *output, *image, *overlay;
	struct kbox_new_file file;	/* the new image */
	struct kbox_new_file layer;	/* never kept */
};

/* An exit status. */
static int parse(struct commit *commit, int argc, char **argv)
{
	int option;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, ":o:",
					 long_options)) != -1) {
		if (option != 'o')
			return KBOX_EXIT_USAGE;
		commit->output = optarg;
	}
	if (!commit->output)
		return kbox_cli_bad("the image to be made is missing", "-o");
	if (argc - optind != 2)
		return kbox_cli_bad("an image and its overlay are needed",
				    "kbox image commit");
	commit->image = argv[optind];
	commit->overlay = argv[optind + 1];
	return 0;
}

/* In a child, which says itself what went wrong. 0 or -errno. */
static int read_changes(struct commit *commit)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(kbox_overlay_layer_write(commit->image, commit->overlay,
					       commit->layer.fd,
					       commit->output, NULL) ?
			      KBOX_EXIT_FAILED : 0);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			child = -1;
	if (child < 0) {
		kbox_error("%s: %s", commit->output, strerror(errno));
		return -errno;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status) ? -EIO : 0;
	kbox_error("%s: reading the changes ended with signal %d",
		   commit->overlay, WTERMSIG(status));
	return -EIO;
}

static int put(struct commit *commit, struct kbox_session *session)
{
	struct kbox_guard guard = {
		.source = commit->overlay,
		.max_bytes = KBOX_IMAGE_LIMIT_BYTES,
	};
	struct kbox_blob layer = { .fd = commit->layer.fd };
	struct kbox_writer writer;
	struct stat st;
	int err, left;

	if (fstat(layer.fd, &st) < 0)
		return -errno;
	layer.bytes = (unsigned long long)st.st_size;
	err = kbox_writer_init(&writer, &session->caller, &guard.made);
	if (err)
		return err;
	guard.sink = &writer.sink;
	err = kbox_guard_layer(&guard);
	if (!err)
		err = kbox_archive_send(&layer, &guard, false);
	left = kbox_writer_done(&writer);
	kbox_guard_done(&guard);
	return err ? err : left;
}

static int put_changes(struct commit *commit)
{
	struct kbox_session *session;
	int err = kbox_session_open(commit->file.name, false, &session);
	int closed;

	if (err)
		return err;
	err = put(commit, session);
	closed = kbox_session_close(session);
	return err ? err : closed;
}

static int make(struct commit *commit)
{
	int err = read_changes(commit);

	if (!err)
		err = kbox_copy_sparse(commit->image, commit->file.fd,
				       commit->output);
	if (!err)
		err = put_changes(commit);
	return err ? err : kbox_new_file_keep(&commit->file);
}

static int run(int argc, char **argv)
{
	struct commit commit = { .file.fd = -1, .layer.fd = -1 };
	int status = parse(&commit, argc, argv);

	if (status)
		return status;
	setlocale(LC_CTYPE, "C.UTF-8");
	if (kbox_new_file_create(&commit.file, commit.output) ||
	    kbox_new_file_create(&commit.layer, commit.output) ||
	    make(&commit))
		status = KBOX_EXIT_FAILED;
	kbox_new_file_drop(&commit.layer);
	kbox_new_file_drop(&commit.file);
	return status;
}

const struct kbox_verb kbox_image_commit_verb = {
	.name = "commit",
	.summary = "make an image of an image and its overlay",
	.help = "Usage: kbox image commit -o NEW IMAGE OVERLAY\n"
		"Make the image NEW: a copy of the ext4 image IMAGE with what programs have\n"
		"changed that ran with --overlay OVERLAY on it. Both stay as they are.\n"
		"\n"
		"  -o, --output=NEW      the image; it appears when it is complete\n",
	.run = run,
};
