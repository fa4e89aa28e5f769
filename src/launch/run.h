/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole run of kbox, from the image to the exit status.
 *
 * Side: host.
 */
#ifndef KBOX_LAUNCH_RUN_H
#define KBOX_LAUNCH_RUN_H

#include "front.h"
#include "options.h"

/*
 * Run the command of @options in a box and return kbox's exit status: the
 * command's own, 128 plus the signal's number when a signal ended it, or one
 * of enum kbox_exit. Once per process, since a kernel boots once. In the
 * supervisor's process; @front is told what it has to know.
 */
int kbox_launch(const struct kbox_options *options, struct kbox_front *front);

#endif
