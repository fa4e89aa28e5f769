/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library kernel with an image mounted, and no guests: for what kbox itself
 * does with images.
 *
 * Side: host.
 */
#ifndef KBOX_LAUNCH_SESSION_H
#define KBOX_LAUNCH_SESSION_H

#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "image.h"
#include "options.h"

struct kbox_session {
	struct kbox_options options;
	struct kbox_image image;
	struct kbox_image upper;	/* of an overlay, else closed */
	struct kbox_loop loop;
	struct kbox_host host;
	/* The supervisor's own task, which stands in the image's root. */
	struct kbox_caller caller;
};

/*
 * Lock, boot and mount the image @path, which must outlive the session. Once
 * per process, since a kernel boots once. A new session in *@ret_session, or
 * -errno after one line.
 */
int kbox_session_open(const char *path, bool read_only,
		      struct kbox_session **ret_session);

/* Where a session with an overlay has the image itself, in the kernel's own root. */
#define KBOX_SESSION_BASE "/base"

/*
 * The same with the file @overlay of kbox run --overlay, which must exist: the
 * root is the image with the changes that are kept there.
 */
int kbox_session_open_overlay(const char *path, const char *overlay,
			      struct kbox_session **ret_session);

/*
 * Write everything back, unmount, free it. Its task must stand in the root.
 * 0, or -errno after one line when the image is not what it should be.
 */
int kbox_session_close(struct kbox_session *session);

#endif
