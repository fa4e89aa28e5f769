/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a command in a box, from the options to the exit status.
 *
 * Side: host.
 */
#ifndef KBOX_CLI_START_H
#define KBOX_CLI_START_H

#include "../launch/options.h"

/* Once per process, since a kernel boots once. Returns the exit status. */
int kbox_cli_start(const struct kbox_options *options);

#endif
