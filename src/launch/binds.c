/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folders and files of the host's that the user shows to guests (-b).
 *
 * Side: host. Invariants are in binds.h. Sources: openat2(2), fsopen(2),
 * move_mount(2).
 */
#include "binds.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "identity.h"

/* Where a mount goes to be unmounted, in the kernel's empty root. */
#define LEAVE_FOLDER "/leave"
#define LEAVE_FILE "/leave-file"

static void choose_ids(const struct kbox_options *options,
		       struct kbox_bind_ids *ret_ids)
{
	struct kbox_identity inside;

	kbox_identity_choose(options, &inside);
	*ret_ids = (struct kbox_bind_ids){
		.may_give = geteuid() == 0,
		.host_uid = geteuid(),
		.host_gid = getegid(),
		.guest_uid = inside.uid,
		.guest_gid = inside.gid,
	};
	ret_ids->as_is = ret_ids->may_give ||
			 (inside.uid == ret_ids->host_uid &&
			  inside.gid == ret_ids->host_gid);
}

static int open_one(struct kbox_host *host, const struct kbox_bind_option *bind,
		    const struct kbox_bind_ids *ids)
{
	KBOX_CLEANUP_CLOSE int fd = open(bind->source, O_PATH | O_CLOEXEC);
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err = -errno;
		kbox_error("%s: cannot be shown to guests: %s", bind->source,
			   strerror(-err));
		return err;
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		kbox_error("%s: neither a folder nor a regular file; -b shows "
			   "nothing else", bind->source);
		return -EINVAL;
	}
	err = kbox_host_add_bind(host, KBOX_TAKE_FD(fd), bind->read_only, ids);
	if (err < 0)
		kbox_error("%s: cannot be shown to guests: %s", bind->source,
			   strerror(-err));
	return err < 0 ? err : 0;
}

int kbox_binds_open(struct kbox_host *host, const struct kbox_options *options)
{
	struct kbox_bind_ids ids;
	int err = 0;

	choose_ids(options, &ids);
	for (unsigned int i = 0; i < options->bind_count && !err; i++)
		err = open_one(host, &options->binds[i], &ids);
	return err;
}

/* A descriptor of the kernel's, O_PATH, or -errno. */
static int open_inside(struct kbox_caller *caller, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)kbox_call4(caller, SYS_openat2, AT_FDCWD, path, &how,
			       sizeof(how));
}

static void close_inside(struct kbox_caller *caller, int fd)
{
	if (fd >= 0)
		kbox_call1(caller, SYS_close, fd);
}

/* Make the last component of @path, whose folder exists, and open it. */
static int make_inside(struct kbox_caller *caller, const char *path,
		       bool folder)
{
	char parent[PATH_MAX];
	const char *name = strrchr(path, '/') + 1;
	int err, dir;

	snprintf(parent, sizeof(parent), "%.*s", (int)(name - path), path);
	dir = open_inside(caller, parent);
	if (dir < 0)
		return dir;
	if (folder)
		err = (int)kbox_call3(caller, SYS_mkdirat, dir, name, 0755);
	else
		err = (int)kbox_call4(caller, SYS_mknodat, dir, name,
				      S_IFREG | 0644, 0);
	close_inside(caller, dir);
	return err ? err : open_inside(caller, path);
}

/* @path with all of its folders, opened. */
static int open_or_make(struct kbox_caller *caller, const char *path,
			bool folder)
{
	char part[PATH_MAX];
	const char *end = path;
	int fd = -1;

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	do {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		close_inside(caller, fd);
		fd = open_inside(caller, part);
		if (fd == -ENOENT)
			fd = make_inside(caller, part, *end || folder);
	} while (fd >= 0 && *end);
	return fd;
}

/* The mount, not yet anywhere: a descriptor of the kernel's, or -errno. */
static int new_mount(struct kbox_caller *caller, unsigned int index,
		     bool folder, bool read_only)
{
	const unsigned int attributes =
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		(read_only ? MOUNT_ATTR_RDONLY : 0);
	char source[16];
	int err, mount, fs;

	fs = (int)kbox_call2(caller, SYS_fsopen, "kboxbind", FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	snprintf(source, sizeof(source), "host%u", index);
	err = (int)kbox_call5(caller, SYS_fsconfig, fs, FSCONFIG_SET_STRING,
			      "source", source, 0);
	if (!err && !folder)
		err = (int)kbox_call5(caller, SYS_fsconfig, fs,
				      FSCONFIG_SET_FLAG, "file", NULL, 0);
	if (!err)
		err = (int)kbox_call5(caller, SYS_fsconfig, fs,
				      FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mount = err ? err : (int)kbox_call3(caller, SYS_fsmount, fs,
					    FSMOUNT_CLOEXEC, attributes);
	close_inside(caller, fs);
	return mount;
}

/* Whether @fd inside is a folder, or a file, as is shown there. */
static bool fits(struct kbox_caller *caller, int fd, bool folder)
{
	struct stat st;

	return !kbox_call2(caller, SYS_fstat, fd, &st) &&
	       S_ISDIR(st.st_mode) == folder;
}

static int mount_one(struct kbox_caller *caller, unsigned int index,
		     const struct kbox_bind_option *bind, bool folder)
{
	int target = open_or_make(caller, bind->target, folder);
	int mount, err;

	if (target < 0) {
		kbox_error("%s: cannot be made in the image: %s%s",
			   bind->target, strerror(-target), target == -EROFS ?
			   " (make it there, or use --ephemeral)" : "");
		return target;
	}
	if (!fits(caller, target, folder)) {
		close_inside(caller, target);
		kbox_error("%s: a folder is shown on a folder, a file on a "
			   "file; this is the other one", bind->target);
		return -ENOTDIR;
	}
	mount = new_mount(caller, index, folder, bind->read_only);
	err = mount < 0 ? mount :
			  (int)kbox_call5(caller, SYS_move_mount, mount, "",
					  target, "", MOVE_MOUNT_F_EMPTY_PATH |
						      MOVE_MOUNT_T_EMPTY_PATH);
	close_inside(caller, mount);
	close_inside(caller, target);
	if (err)
		kbox_error("%s: cannot be mounted: %s", bind->target,
			   strerror(-err));
	return err;
}

static bool is_folder(unsigned int index)
{
	return !kbox_host()->binds[index]->bind.single;
}

int kbox_binds_mount(struct kbox_caller *supervisor,
		     const struct kbox_options *options)
{
	int err = 0;

	for (unsigned int i = 0; i < options->bind_count && !err; i++)
		err = mount_one(supervisor, i, &options->binds[i],
				is_folder(i));
	return err;
}

/* A mount is taken out by its descriptor; a path from here would not find it. */
static void unmount_one(struct kbox_caller *caller, const char *target,
			const char *leave)
{
	int fd = open_inside(caller, target);

	if (fd < 0)
		return;
	if (!kbox_call5(caller, SYS_move_mount, fd, "", AT_FDCWD, leave,
			MOVE_MOUNT_F_EMPTY_PATH)) {
		close_inside(caller, fd);
		kbox_call2(caller, SYS_umount2, leave, MNT_DETACH);
		return;
	}
	close_inside(caller, fd);
}

void kbox_binds_unmount(struct kbox_caller *supervisor,
			const struct kbox_options *options)
{
	if (!options->bind_count)
		return;
	kbox_call2(supervisor, SYS_mkdir, LEAVE_FOLDER, 0700);
	kbox_call3(supervisor, SYS_mknod, LEAVE_FILE, S_IFREG | 0600, 0);
	for (unsigned int i = options->bind_count; i--;)
		unmount_one(supervisor, options->binds[i].target,
			    is_folder(i) ? LEAVE_FOLDER : LEAVE_FILE);
}
