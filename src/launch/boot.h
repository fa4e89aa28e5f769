/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Booting the library kernel.
 *
 * Side: host, third phase of a launch.
 */
#ifndef KBOX_LAUNCH_BOOT_H
#define KBOX_LAUNCH_BOOT_H

#include "../lkernel/host.h"
#include "image.h"
#include "options.h"

/*
 * Boot with the image as the first disk, and @upper, if it is open, as the
 * second. *@ret_task is the supervisor's own
 * task. 0, or -errno after one line that says what failed.
 */
int kbox_boot(struct kbox_host *host, const struct kbox_image *image,
	      const struct kbox_image *upper,
	      const struct kbox_options *options,
	      struct kbox_task **ret_task);

#endif
