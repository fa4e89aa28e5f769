/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox image VERB
 *
 * Side: host. Each of its verbs is a file verb-image-NAME.c.
 */
#include <stddef.h>

#include "verb.h"

static const struct kbox_verb *const verbs[] = {
	&kbox_image_build_verb,
	&kbox_image_pull_verb,
	&kbox_image_export_verb,
	&kbox_image_diff_verb,
	&kbox_image_commit_verb,
	NULL,
};

const struct kbox_verb kbox_image_verb = {
	.name = "image",
	.summary = "make images, and archives of them",
	.help = "Usage: kbox image VERB [ARGUMENT...]\n"
		"\"kbox help image VERB\" tells more about a verb.\n",
	.verbs = verbs,
};
