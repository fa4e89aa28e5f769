/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a command in a box, from the options to the exit status.
 *
 * Side: host.
 */
#include "start.h"

#include <string.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../launch/front.h"
#include "../launch/run.h"

/* In a process of its own: this one becomes its front. */
int kbox_cli_start(const struct kbox_options *options)
{
	struct kbox_front front;
	int err = kbox_front_start(&front);

	if (!err)
		return kbox_launch(options, &front);
	kbox_error("cannot start: %s", strerror(-err));
	return KBOX_EXIT_FAILED;
}
