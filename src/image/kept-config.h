/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The description of a container image that is kept in an image.
 *
 * Side: host. See docs/decisions/0080-config-in-the-image.md.
 */
#ifndef KBOX_IMAGE_KEPT_CONFIG_H
#define KBOX_IMAGE_KEPT_CONFIG_H

#include <jansson.h>

#include "../lkernel/calls.h"

/*
 * Read it from the image in whose root the task of @caller stands: an object in
 * *@ret_config, the caller's, or NULL when the image has none. 0, or -errno after
 * one line; -EINVAL when what is there is no description.
 */
int kbox_kept_config_read(struct kbox_caller *caller, json_t **ret_config);

#endif
