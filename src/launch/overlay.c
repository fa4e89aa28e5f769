/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Overlays: the image stays as it is, and what guests write goes elsewhere.
 *
 * Side: host. Invariants are in overlay.h. Sources: overlayfs.rst of the kernel.
 */
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../base/log.h"
#include "overlay-file.h"

#define LOWER KBOX_OVERLAY_LOWER
#define UPPER KBOX_OVERLAY_UPPER
#define DATA UPPER "/data"	/* the upper layer itself */
#define STATE UPPER "/base"	/* of which state of which image it is */

/*
 * Inode numbers and renamed folders as on one file system, hard links kept.
 */
#define OVERLAY_OPTIONS "lowerdir=" LOWER ",upperdir=" DATA ","               \
			"workdir=" UPPER "/work,xino=on,redirect_dir=on,"      \
			"index=on"

/* Where superblocks lie, in every file system that can be mounted. */
#define HEAD_BYTES 4096

int kbox_overlay_open(struct kbox_image *upper,
		      const struct kbox_options *options)
{
	struct kbox_options own = *options;
	int err;

	upper->fd = -1;
	if (!options->overlay)
		return 0;
	own.image = options->overlay;
	own.read_only = false;
	own.partition = 0;
	own.fs_type = NULL;
	err = kbox_overlay_file_make(own.image);
	if (!err)
		err = kbox_image_open(upper, &own);
	if (err)
		return err;
	if (kbox_overlay_file_known(upper->fd))
		return 0;
	kbox_error("%s: is not an overlay that kbox has made; name a new file",
		   own.image);
	kbox_image_close(upper);
	return -EINVAL;
}

static int read_state(struct kbox_caller *caller, char *buf)
{
	long fd = kbox_call2(caller, SYS_open, STATE, O_RDONLY);
	long len;

	if (fd < 0)
		return (int)fd;
	len = kbox_call3(caller, SYS_read, fd, buf, HEAD_BYTES);
	kbox_call1(caller, SYS_close, fd);
	return len == HEAD_BYTES ? 0 : len < 0 ? (int)len : -EIO;
}

static int write_state(struct kbox_caller *caller, const char *buf)
{
	long fd = kbox_call3(caller, SYS_open, STATE, O_WRONLY | O_CREAT, 0600);
	long len;

	if (fd < 0)
		return (int)fd;
	len = kbox_call3(caller, SYS_write, fd, buf, HEAD_BYTES);
	kbox_call1(caller, SYS_close, fd);
	return len == HEAD_BYTES ? 0 : len < 0 ? (int)len : -EIO;
}

/* Whether the upper layer is of this image, as it is now. 0 or -errno. */
static int check_state(struct kbox_caller *caller, struct kbox_host *host,
		       const struct kbox_options *options)
{
	char now[HEAD_BYTES], then[HEAD_BYTES];
	int err = kbox_host_disk_peek(host, KBOX_DISK_IMAGE, now, sizeof(now), 0);

	if (!err)
		err = read_state(caller, then);
	if (err == -ENOENT)
		err = write_state(caller, now);
	else if (!err && memcmp(now, then, sizeof(now)))
		err = -ESTALE;
	if (err == -ESTALE)
		kbox_error("%s: is an overlay of another image, or %s has been "
			   "changed since; name a new file", options->overlay,
			   options->image);
	else if (err)
		kbox_error("%s: cannot be used: %s", options->overlay,
			   strerror(-err));
	return err;
}

/* A new upper layer's root is what the image's is. 0 or -errno. */
static int make_root(struct kbox_caller *caller)
{
	struct stat st;
	long err = kbox_call2(caller, SYS_mkdir, DATA, 0700);

	if (err)
		return err == -EEXIST ? 0 : (int)err;
	err = kbox_call2(caller, SYS_stat, LOWER, &st);
	if (!err)
		err = kbox_call3(caller, SYS_chown, DATA, st.st_uid, st.st_gid);
	if (!err)
		err = kbox_call2(caller, SYS_chmod, DATA, st.st_mode & 07777);
	if (!err) {
		const struct timespec times[2] = { st.st_atim, st.st_mtim };

		err = kbox_call4(caller, SYS_utimensat, AT_FDCWD, DATA, times,
				 0);
	}
	return (int)err;
}

static int mount_upper(struct kbox_caller *caller, struct kbox_host *host,
		       const struct kbox_options *options)
{
	int err;

	kbox_call2(caller, SYS_mkdir, UPPER, 0700);
	/* What mke2fs has left to be written is never written. */
	if (options->overlay)
		err = (int)kbox_call5(caller, SYS_mount, "/dev/kboxb", UPPER,
				      "ext4", 0, "noinit_itable");
	else
		err = (int)kbox_call5(caller, SYS_mount, "tmpfs", UPPER,
				      "tmpfs", 0, "mode=0755,size=38%");
	if (err) {
		kbox_error("%s: cannot be mounted: %s",
			   options->overlay ? options->overlay : "--ephemeral",
			   strerror(-err));
		return err;
	}
	if (options->overlay)
		err = check_state(caller, host, options);
	if (err)
		return err;
	err = make_root(caller);
	if (err)
		kbox_error("%s: the overlay cannot be set up: %s",
			   options->image, strerror(-err));
	kbox_call2(caller, SYS_mkdir, UPPER "/work", 0700);
	return err;
}

int kbox_overlay_mount(struct kbox_caller *caller, struct kbox_host *host,
		       const struct kbox_options *options, const char *target,
		       unsigned long flags)
{
	int err = mount_upper(caller, host, options);

	if (!err) {
		err = (int)kbox_call5(caller, SYS_mount, "overlay", target,
				      "overlay", flags, OVERLAY_OPTIONS);
		if (err)
			kbox_error("%s: the overlay cannot be mounted: %s (-v "
				   "shows more)", options->image,
				   strerror(-err));
	}
	/* It has mounts of its own of both, and ends them with itself. */
	kbox_call2(caller, SYS_umount2, UPPER, MNT_DETACH);
	kbox_call2(caller, SYS_umount2, LOWER, MNT_DETACH);
	return err;
}
