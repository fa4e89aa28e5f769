/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library kernel with an image mounted, and no guests.
 *
 * Side: host. The phases are those of run.c that need no guests.
 */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/limits.h"
#include "../base/log.h"
#include "boot.h"
#include "mounts.h"
#include "overlay.h"

static int failed(const char *what, int err)
{
	kbox_error("%s: %s", what, strerror(-err));
	return err;
}

static int boot_and_mount(struct kbox_session *session)
{
	int err = kbox_boot(&session->host, &session->image, &session->upper,
			    &session->options, &session->caller.task);

	if (err)
		return err;
	err = kbox_mounts_init(&session->caller, &session->host,
			       &session->image, &session->options);
	kbox_mounts_settle(&session->caller, &session->host,
			   &session->options);
	if (err)
		kbox_lk_halt();
	return err;
}

static int with_loop(struct kbox_session *session)
{
	int err = kbox_host_init(&session->host, &session->loop, 0);

	if (err)
		return failed("cannot set up the host operations", err);
	session->caller.loop = &session->loop;
	err = boot_and_mount(session);
	if (err)
		kbox_host_done(&session->host);
	return err;
}

static int with_kernel(struct kbox_session *session)
{
	int err = kbox_loop_init(&session->loop);

	if (err)
		return failed("cannot make the event loop", err);
	err = with_loop(session);
	if (err)
		kbox_loop_done(&session->loop);
	return err;
}

static int with_images(struct kbox_session *session)
{
	int err = kbox_image_open(&session->image, &session->options);

	if (err)
		return err;
	err = kbox_overlay_open(&session->upper, &session->options);
	if (!err) {
		err = with_kernel(session);
		if (err)
			kbox_image_close(&session->upper);
	}
	if (err)
		kbox_image_close(&session->image);
	return err;
}

static int open_session(const struct kbox_options *options,
			struct kbox_session **ret_session)
{
	struct kbox_session *session = calloc(1, sizeof(*session));
	int err;

	if (!session)
		return failed(options->image, -ENOMEM);
	session->options = *options;
	session->options.mode = KBOX_MODE_RAW;
	session->options.lock_wait_ns = KBOX_LOCK_WAIT_NS;
	session->options.kernel_command_line = "";
	session->options.ram_bytes = KBOX_RAM_DEFAULT_BYTES;
	err = with_images(session);
	if (err)
		free(session);
	else
		*ret_session = session;
	return err;
}

int kbox_session_open(const char *path, bool read_only,
		      struct kbox_session **ret_session)
{
	const struct kbox_options options = {
		.image = path, .read_only = read_only,
	};

	return open_session(&options, ret_session);
}

static int mount_base(struct kbox_session *session)
{
	long err;

	kbox_call2(&session->caller, SYS_mkdir, KBOX_SESSION_BASE, 0700);
	err = kbox_call5(&session->caller, SYS_mount, "/dev/kboxa",
			 KBOX_SESSION_BASE, session->image.fs_type, MS_RDONLY,
			 NULL);
	return err ? failed(session->options.image, (int)err) : 0;
}

int kbox_session_open_overlay(const char *path, const char *overlay,
			      struct kbox_session **ret_session)
{
	const struct kbox_options options = {
		.image = path, .read_only = true, .overlay = overlay,
	};

	struct kbox_session *session;
	int err;

	if (access(overlay, F_OK) < 0)
		return failed(overlay, -errno);
	err = open_session(&options, &session);
	if (err)
		return err;
	err = mount_base(session);
	if (err)
		kbox_session_close(session);
	else
		*ret_session = session;
	return err;
}

int kbox_session_close(struct kbox_session *session)
{
	int err;

	if (session->options.overlay)
		kbox_call2(&session->caller, SYS_umount2, KBOX_SESSION_BASE, 0);
	err = kbox_mounts_done(&session->caller, &session->host,
			       &session->options);
	kbox_lk_halt();
	kbox_host_done(&session->host);
	kbox_loop_done(&session->loop);
	kbox_image_close(&session->upper);
	kbox_image_close(&session->image);
	free(session);
	return err;
}
