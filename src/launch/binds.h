/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folders and files of the host's that the user shows to guests (-b).
 *
 * Side: host; the mounts happen in the library kernel, with the supervisor's
 * task.
 *
 * Invariants
 *  1. The host's side is opened once, as the user names it, before anything of
 *     the image runs; from there on src/bind goes by descriptors only.
 *  2. The path inside is walked within the image: its symbolic links lead to the
 *     image, never to the kernel's empty root.
 */
#ifndef KBOX_LAUNCH_BINDS_H
#define KBOX_LAUNCH_BINDS_H

#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "options.h"

/* Open them all. 0, or -errno after one line that says what is wrong. */
int kbox_binds_open(struct kbox_host *host, const struct kbox_options *options);

/*
 * Mount them, in their order, beneath the working folder of the supervisor's
 * task. What they are mounted on is made when it is missing. 0, or -errno after
 * one line.
 */
int kbox_binds_mount(struct kbox_caller *supervisor,
		     const struct kbox_options *options);

/* Unmount those that are still where they were mounted. */
void kbox_binds_unmount(struct kbox_caller *supervisor,
			const struct kbox_options *options);

#endif
