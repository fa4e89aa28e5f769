/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Overlays: the image stays as it is, and what guests write goes elsewhere.
 *
 * Side: host; the mounts happen in the library kernel, with the supervisor's
 * task.
 *
 * With --ephemeral the upper layer is a tmpfs of the library kernel and ends
 * with it; with --overlay FILE it is a second image, ext4, made when it does not
 * exist. The kernel's own overlayfs joins them.
 *
 * Invariants
 *  1. The image is opened read-only, with a shared lock: any number of boxes
 *     can use it at once. The second image belongs to one box at a time.
 *  2. A second image is for one state of one image: it holds a copy of the
 *     image's superblock, and is refused when that differs.
 *  3. A second image has its final name only when it is complete.
 */
#ifndef KBOX_LAUNCH_OVERLAY_H
#define KBOX_LAUNCH_OVERLAY_H

#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "image.h"
#include "options.h"

/* Where they are mounted meanwhile, in the kernel's empty root. */
#define KBOX_OVERLAY_LOWER "/lower"
#define KBOX_OVERLAY_UPPER "/upper"

static inline bool kbox_overlay_wanted(const struct kbox_options *options)
{
	return options->ephemeral || options->overlay;
}

/*
 * Make --overlay's FILE if need be, open and lock it, as kbox_image_open() does
 * with the image. Without that option *@upper is closed. 0, or -errno after one
 * line that says what is wrong.
 */
int kbox_overlay_open(struct kbox_image *upper,
		      const struct kbox_options *options);

/*
 * The image is mounted at KBOX_OVERLAY_LOWER: mount the upper layer, and both
 * together at @target with @flags of mount(2). 0 or -errno after one line.
 */
int kbox_overlay_mount(struct kbox_caller *supervisor, struct kbox_host *host,
		       const struct kbox_options *options, const char *target,
		       unsigned long flags);

#endif
