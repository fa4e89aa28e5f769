/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a container image says about running it.
 *
 * Side: host. Images that were made from a container image have its description
 * as a file; see docs/decisions/0080-config-in-the-image.md.
 *
 * Source: the OCI image specification, config.md.
 */
#ifndef KBOX_IMAGE_CONFIG_H
#define KBOX_IMAGE_CONFIG_H

#include <jansson.h>
#include <stddef.h>

/* Where it is, from the image's root. */
#define KBOX_CONFIG_FOLDER ".kbox"
#define KBOX_CONFIG_PATH KBOX_CONFIG_FOLDER "/config.json"

/* A list of strings. */
struct kbox_config_list {
	const char **items;	/* owned; the strings are the config's */
	unsigned int count;
};

struct kbox_config {
	json_t *json;		/* owned */
	struct kbox_config_list entrypoint, command, env;
	const char *work_dir;	/* NULL: none */
	const char *user;	/* NULL: none; else as config.md has it */
};

/*
 * Read a description. What it does not say stays empty; variables without a
 * value are left out. 0; -EINVAL when it is none; -ENOMEM.
 */
int kbox_config_parse(struct kbox_config *config, const char *text);
void kbox_config_done(struct kbox_config *config);

#endif
