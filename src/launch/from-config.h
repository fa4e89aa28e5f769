/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an image's own description adds to what the user asked for.
 *
 * Side: host. As with other programs that run container images: arguments of the
 * user's take the place of the image's command, and follow its entry point. What
 * the user says about identity, variables and working folder comes first; -c and
 * --no-config leave the entry point out.
 */
#ifndef KBOX_LAUNCH_FROM_CONFIG_H
#define KBOX_LAUNCH_FROM_CONFIG_H

#include "../image/config.h"
#include "../lkernel/calls.h"
#include "child.h"
#include "options.h"

struct kbox_from_config {
	struct kbox_options options;	/* what to go by */
	struct kbox_config config;
	char **argv, **env;		/* owned, when there is a config */
};

/*
 * Read the description in the image that is the root of @first, when @options want
 * that and there is one. 0, or -errno after one line.
 */
int kbox_from_config_init(struct kbox_from_config *from,
			  struct kbox_caller *first, struct kbox_child *child,
			  const struct kbox_options *options);
void kbox_from_config_done(struct kbox_from_config *from);

#endif
