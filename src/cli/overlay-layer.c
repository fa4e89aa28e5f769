/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The changes of an overlay as a layer, for the verbs that need it.
 *
 * Side: host.
 */
#include "overlay-layer.h"

#include "../image/changes.h"
#include "../image/tar.h"
#include "../launch/session.h"

static int send_changes(const char *image, const char *overlay,
			struct kbox_tar *tar)
{
	struct kbox_session *session;
	int err = kbox_session_open_overlay(image, overlay, &session);
	int closed;

	if (err)
		return err;
	err = kbox_changes_send(&session->caller, KBOX_SESSION_BASE,
				&tar->sink);
	closed = kbox_session_close(session);
	if (!err)
		err = closed;
	return err ? err : kbox_tar_finish(tar);
}

int kbox_overlay_layer_write(const char *image, const char *overlay, int fd,
			     const char *name, const char *compression)
{
	struct kbox_tar tar;
	int err = kbox_tar_init(&tar, fd, name, compression);

	if (err)
		return err;
	err = send_changes(image, overlay, &tar);
	kbox_tar_done(&tar);
	return err;
}
