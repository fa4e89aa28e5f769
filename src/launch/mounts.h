/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file systems that the guests see.
 *
 * Side: host, fourth phase of a launch; everything happens in the library
 * kernel, with the supervisor's task.
 *
 * Invariants
 *  1. The image is mounted over the kernel's empty root. The supervisor's task
 *     keeps that empty root as its own root, so guests' files never resolve
 *     for it and it can unmount theirs; its working folder is the image's
 *     root until kbox_mounts_done().
 *  2. Until kbox_mounts_settle() nothing of what is done with the image
 *     reaches its file, if it was clean.
 *  3. After kbox_mounts_done() the image is unmounted, or at least written
 *     back and read-only; or its file is as it was before.
 */
#ifndef KBOX_LAUNCH_MOUNTS_H
#define KBOX_LAUNCH_MOUNTS_H

#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "image.h"
#include "options.h"

/* 0, or -errno after one line that says what failed. */
int kbox_mounts_init(struct kbox_caller *supervisor, struct kbox_host *host,
		     const struct kbox_image *image,
		     const struct kbox_options *options);

/*
 * Launching is over: complete what it writes to the image, so that whatever
 * is written from here on comes from guests.
 */
void kbox_mounts_settle(struct kbox_caller *supervisor, struct kbox_host *host,
			const struct kbox_options *options);

/*
 * Write everything back, and unmount when anything was written at all;
 * complains in one line when it cannot. Guests must have ended. 0 or -errno.
 */
int kbox_mounts_done(struct kbox_caller *supervisor, struct kbox_host *host,
		     const struct kbox_options *options);

#endif
