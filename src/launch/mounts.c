/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file systems that the guests see.
 *
 * Side: host. Invariants are in mounts.h. Sources: mount(8) for options;
 * switch_root(8) for the way the image becomes the root.
 */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../base/limits.h"
#include "../base/log.h"
#include "../base/macros.h"
#include "binds.h"
#include "fs-type.h"
#include "overlay.h"

#define DISK "/dev/kboxa"

/*
 * Recommended mounts, relative to the image's root. Together the tmpfs may
 * take three quarters of the kernel's RAM; with --ephemeral half of that is for
 * the upper layer.
 */
static const struct recommended {
	const char *target, *type, *options;
	unsigned long flags;
	unsigned int mode;
	unsigned int ram_percent;
} recommended[] = {
	{ "proc", "proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0555, 0 },
	{ "sys", "sysfs", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0555, 0 },
	{ "dev", "devtmpfs", "mode=0755", MS_NOSUID | MS_NOEXEC, 0755, 0 },
	{ "dev/pts", "devpts", "gid=5,mode=0620,ptmxmode=0666",
	  MS_NOSUID | MS_NOEXEC, 0755, 0 },
	{ "dev/shm", "tmpfs", "mode=1777", MS_NOSUID | MS_NODEV, 01777, 25 },
	{ "tmp", "tmpfs", "mode=1777", MS_NOSUID | MS_NODEV, 01777, 40 },
	{ "run", "tmpfs", "mode=0755", MS_NOSUID | MS_NODEV, 0755, 10 },
};

/* What programs expect in /dev beside the devices. */
static const struct {
	const char *path, *target;
} dev_links[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
};

/* Options that are flags of mount(2) rather than the file system's own. */
static const struct {
	const char *name;
	unsigned long set, clear;
} flag_options[] = {
	{ "defaults", 0, 0 },
	{ "ro", MS_RDONLY, 0 },
	{ "rw", 0, MS_RDONLY },
	{ "nosuid", MS_NOSUID, 0 },
	{ "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 },
	{ "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 },
	{ "exec", 0, MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS, 0 },
	{ "async", 0, MS_SYNCHRONOUS },
	{ "dirsync", MS_DIRSYNC, 0 },
	{ "noatime", MS_NOATIME, 0 },
	{ "atime", 0, MS_NOATIME },
	{ "nodiratime", MS_NODIRATIME, 0 },
	{ "relatime", MS_RELATIME, 0 },
	{ "strictatime", MS_STRICTATIME, 0 },
	{ "lazytime", MS_LAZYTIME, 0 },
};

struct mount_options {
	unsigned long flags;
	char data[KBOX_MOUNT_OPTIONS_MAX];
};

static bool take_flag(struct mount_options *options, const char *name,
		      size_t len)
{
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(flag_options); i++) {
		if (strlen(flag_options[i].name) != len ||
		    memcmp(flag_options[i].name, name, len))
			continue;
		options->flags |= flag_options[i].set;
		options->flags &= ~flag_options[i].clear;
		return true;
	}
	return false;
}

/* Split "ro,noatime,data=ordered" into flags and the rest. 0 or -E2BIG. */
static int parse_options(const char *text, struct mount_options *ret)
{
	size_t used = 0;

	ret->flags = 0;
	while (text && *text) {
		size_t len = strcspn(text, ",");

		if (len && !take_flag(ret, text, len)) {
			if (used + len + 2 > sizeof(ret->data))
				return -E2BIG;
			if (used)
				ret->data[used++] = ',';
			memcpy(ret->data + used, text, len);
			used += len;
		}
		text += len + (text[len] == ',');
	}
	ret->data[used] = '\0';
	return 0;
}

static int mount_at(struct kbox_caller *caller, const char *source,
		    const char *target, const char *type,
		    const struct mount_options *options)
{
	return (int)kbox_call5(caller, SYS_mount, source, target, type,
			       options->flags,
			       options->data[0] ? options->data : NULL);
}

static void report(const struct kbox_image *image,
		   const struct kbox_options *options, int err)
{
	if (err == -EINVAL && options->mount_options)
		kbox_error("%s: cannot be mounted as %s: bad option in -m %s, "
			   "or a damaged file system (-v shows more)",
			   options->image, image->fs_type,
			   options->mount_options);
	else if (err == -EINVAL)
		kbox_error("%s: cannot be mounted as %s: not that file system, "
			   "or damaged (-v shows more)", options->image,
			   image->fs_type);
	else if (err == -ENODEV)
		kbox_error("%s: the kernel in kbox has no file system %s",
			   options->image, image->fs_type);
	else
		kbox_error("%s: cannot be mounted as %s: %s (-v shows more)",
			   options->image, image->fs_type, strerror(-err));
}

/* At @target; the flags among -m's options go to *@ret_flags. */
static int mount_image(struct kbox_caller *caller,
		       const struct kbox_image *image,
		       const struct kbox_options *options, const char *target,
		       unsigned long *ret_flags)
{
	struct mount_options parsed;
	int err = parse_options(options->mount_options, &parsed);

	if (err) {
		kbox_error("the options of -m are too long");
		return err;
	}
	*ret_flags = parsed.flags;
	if (image->read_only)
		parsed.flags |= MS_RDONLY;
	err = mount_at(caller, DISK, target, image->fs_type, &parsed);
	if (err == -EROFS && !strcmp(image->fs_type, "ext4")) {
		/* A journal to be replayed, and nowhere to write to. */
		kbox_warn("%s: was not unmounted cleanly; mounted without the "
			  "last changes (start it once for writing)",
			  options->image);
		err = parse_options("noload", &parsed);
		parsed.flags |= MS_RDONLY;
		if (!err)
			err = mount_at(caller, DISK, target, image->fs_type,
				       &parsed);
	}
	if (err)
		report(image, options, err);
	return err;
}

/* The root of the guests, at /mnt. 0 or -errno after one line. */
static int mount_root(struct kbox_caller *caller, struct kbox_host *host,
		      const struct kbox_image *image,
		      const struct kbox_options *options)
{
	unsigned long flags;
	int err;

	if (!kbox_overlay_wanted(options))
		return mount_image(caller, image, options, "/mnt", &flags);
	kbox_call2(caller, SYS_mkdir, KBOX_OVERLAY_LOWER, 0700);
	err = mount_image(caller, image, options, KBOX_OVERLAY_LOWER, &flags);
	return err ? err : kbox_overlay_mount(caller, host, options, "/mnt",
					      flags);
}

static void mount_recommended(struct kbox_caller *caller,
			      const struct recommended *what, bool ephemeral)
{
	struct mount_options options = { .flags = what->flags };
	int err = (int)kbox_call2(caller, SYS_mkdir, what->target, what->mode);

	if (err && err != -EEXIST && err != -EROFS)
		kbox_info("/%s: cannot be made in the image: %s", what->target,
			  strerror(-err));
	/* The kernel takes a whole page of options, which this one has. */
	if (what->options)
		strcpy(options.data, what->options);
	if (what->ram_percent)
		snprintf(options.data, sizeof(options.data), "%s,size=%u%%",
			 what->options,
			 ephemeral ? what->ram_percent / 2 : what->ram_percent);
	err = mount_at(caller, what->type, what->target, what->type, &options);
	if (err)
		kbox_warn("/%s: cannot be mounted: %s%s", what->target,
			  strerror(-err), err == -ENOENT ?
			  " (the image has no such folder)" : "");
}

static void mount_all_recommended(struct kbox_caller *caller, bool ephemeral)
{
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(recommended); i++)
		mount_recommended(caller, &recommended[i], ephemeral);
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(dev_links); i++)
		kbox_call2(caller, SYS_symlink, dev_links[i].target,
			   dev_links[i].path);
}

int kbox_mounts_init(struct kbox_caller *supervisor, struct kbox_host *host,
		     const struct kbox_image *image,
		     const struct kbox_options *options)
{
	int err;

	/* For the disk's node; an earlier mount of it would do as well. */
	err = (int)kbox_call5(supervisor, SYS_mount, "devtmpfs", "/dev",
			      "devtmpfs", 0, NULL);
	if (err && err != -EBUSY) {
		kbox_error("cannot mount the kernel's devices: %s",
			   strerror(-err));
		return err;
	}
	err = mount_root(supervisor, host, image, options);
	if (err)
		return err;
	err = (int)kbox_call1(supervisor, SYS_chdir, "/mnt");
	if (!err)
		err = (int)kbox_call5(supervisor, SYS_mount, ".", "/", NULL,
				      MS_MOVE, NULL);
	if (err) {
		kbox_error("%s: cannot become the root: %s", options->image,
			   strerror(-err));
		return err;
	}
	/* From here on the working folder is the image's root. */
	if (options->mode != KBOX_MODE_RAW)
		mount_all_recommended(supervisor, options->ephemeral);
	return kbox_binds_mount(supervisor, options);
}

/* The disk that guests change. */
static unsigned int changing_disk(const struct kbox_options *options)
{
	return options->overlay ? KBOX_DISK_OVERLAY : KBOX_DISK_IMAGE;
}

/* An error that the kernel has found must not be forgotten. */
static bool found_error(struct kbox_host *host, unsigned int disk)
{
	unsigned char super[KBOX_EXT_SUPER_BYTES];

	return kbox_host_disk_peek(host, disk, super, sizeof(super),
				   KBOX_EXT_SUPER_OFFSET) ||
	       kbox_fs_type_ext_error(super);
}

void kbox_mounts_settle(struct kbox_caller *supervisor, struct kbox_host *host,
			const struct kbox_options *options)
{
	unsigned int disk = changing_disk(options);

	if (!kbox_host_disk_enter(host, disk, KBOX_DISK_LAUNCH))
		return;
	kbox_call1(supervisor, SYS_sync, 0);
	kbox_host_disk_enter(host, disk, found_error(host, disk) ? KBOX_DISK_DIRECT : KBOX_DISK_RUN);
}

/*
 * Whether the image's file is as it was before the launch, after everything
 * that guests did has been written back.
 */
static bool unchanged(struct kbox_caller *supervisor, struct kbox_host *host,
		      unsigned int disk)
{
	if (!kbox_host_disk_enter(host, disk, KBOX_DISK_END))
		return false;
	kbox_call1(supervisor, SYS_sync, 0);
	return kbox_host_disk_enter(host, disk, KBOX_DISK_END);
}

int kbox_mounts_done(struct kbox_caller *supervisor, struct kbox_host *host,
		     const struct kbox_options *options)
{
	int err;

	kbox_binds_unmount(supervisor, options);
	/* Only the mount itself would have to be taken back. */
	if (unchanged(supervisor, host, changing_disk(options))) {
		kbox_debug("the image is as it was before");
		return 0;
	}
	/* The recommended ones and whatever guests mounted on top of them. */
	for (unsigned int i = KBOX_ARRAY_SIZE(recommended); i--;)
		if (options->mode != KBOX_MODE_RAW)
			kbox_call2(supervisor, SYS_umount2,
				   recommended[i].target, MNT_DETACH);
	kbox_call1(supervisor, SYS_chdir, "/");
	err = (int)kbox_call2(supervisor, SYS_umount2, "/", 0);
	if (!err)
		return 0;
	/*
	 * A mount of a guest's own, or a file that is still held. Read-only
	 * is as clean for the file system, and the rest follows when the last
	 * user goes.
	 */
	kbox_debug("the image is busy (%s); detaching it", strerror(-err));
	kbox_call1(supervisor, SYS_chdir, "/..");
	err = (int)kbox_call5(supervisor, SYS_mount, NULL, ".", NULL,
			      MS_REMOUNT | MS_RDONLY, NULL);
	kbox_call1(supervisor, SYS_sync, 0);
	kbox_call1(supervisor, SYS_chdir, "/");
	kbox_call2(supervisor, SYS_umount2, "/", MNT_DETACH);
	if (err)
		kbox_warn("%s: could not be unmounted cleanly: %s; its journal "
			  "will be replayed", options->image, strerror(-err));
	return err;
}
