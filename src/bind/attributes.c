/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attributes of the host's files, as guests see and set them.
 *
 * Side: host, in several threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "call.h"

#define NOBODY 65534U

/*
 * Numbers of inodes are unique within a file system only. Where another one is
 * mounted beneath the folder, its numbers are moved far up.
 */
unsigned long long kbox_bind_ino(const struct kbox_bind *bind, dev_t dev,
				 ino_t ino)
{
	unsigned long long which = dev ^ bind->root.dev;

	return ino ^ (which * 0x9e3779b97f4a7c15ULL >> 48 << 48);
}

mode_t kbox_bind_mode(mode_t mode)
{
	return mode & (S_ISDIR(mode) ? S_ISGID | 01777 : 01777);
}

static uid_t guest_uid(const struct kbox_bind_ids *ids, uid_t uid)
{
	if (ids->as_is)
		return uid;
	return uid == ids->host_uid ? ids->guest_uid : NOBODY;
}

static gid_t guest_gid(const struct kbox_bind_ids *ids, gid_t gid)
{
	if (ids->as_is)
		return gid;
	return gid == ids->host_gid ? ids->guest_gid : NOBODY;
}

void kbox_bind_attributes(const struct kbox_bind *bind, const struct stat *st,
			  struct fuse_attr *ret_attr)
{
	*ret_attr = (struct fuse_attr){
		.ino = kbox_bind_ino(bind, st->st_dev, st->st_ino),
		.size = (uint64_t)st->st_size,
		.blocks = (uint64_t)st->st_blocks,
		.atime = (uint64_t)st->st_atim.tv_sec,
		.mtime = (uint64_t)st->st_mtim.tv_sec,
		.ctime = (uint64_t)st->st_ctim.tv_sec,
		.atimensec = (uint32_t)st->st_atim.tv_nsec,
		.mtimensec = (uint32_t)st->st_mtim.tv_nsec,
		.ctimensec = (uint32_t)st->st_ctim.tv_nsec,
		.mode = st->st_mode,
		.nlink = (uint32_t)st->st_nlink,
		.uid = guest_uid(&bind->ids, st->st_uid),
		.gid = guest_gid(&bind->ids, st->st_gid),
		/* As the kernel's new_encode_dev(). */
		.rdev = (minor(st->st_rdev) & 0xff) |
			(major(st->st_rdev) << 8) |
			((minor(st->st_rdev) & ~0xffU) << 12),
		.blksize = (uint32_t)st->st_blksize,
	};
}

/* No time-outs: what is looked at is asked for, since the host may change it. */
static int reply_attributes(struct kbox_bind_call *call)
{
	struct fuse_attr_out out = { .attr_valid = 0 };
	struct stat st;

	if (fstat(call->node->fd, &st) < 0)
		return -errno;
	kbox_bind_attributes(call->bind, &st, &out.attr);
	kbox_bind_reply(call, 0, &out, sizeof(out));
	return 0;
}

int kbox_bind_getattr(struct kbox_bind_call *call)
{
	return reply_attributes(call);
}

/* To somebody whom the host does not know by another name: EPERM. */
static int set_owner(const struct kbox_bind_call *call,
		     const struct fuse_setattr_in *in)
{
	const struct kbox_bind_ids *ids = &call->bind->ids;
	uid_t uid = in->valid & FATTR_UID ? in->uid : (uid_t)-1;
	gid_t gid = in->valid & FATTR_GID ? in->gid : (gid_t)-1;
	struct stat st;

	if (!ids->as_is) {
		/* As it is shown now, it may stay. */
		if (fstat(call->node->fd, &st) < 0)
			return -errno;
		if (uid == guest_uid(ids, st.st_uid))
			uid = (uid_t)-1;
		if (gid == guest_gid(ids, st.st_gid))
			gid = (gid_t)-1;
		if ((uid != (uid_t)-1 && uid != ids->guest_uid) ||
		    (gid != (gid_t)-1 && gid != ids->guest_gid))
			return -EPERM;
		uid = uid == (uid_t)-1 ? uid : ids->host_uid;
		gid = gid == (gid_t)-1 ? gid : ids->host_gid;
	}
	if (fchownat(call->node->fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

static struct timespec wanted_time(uint32_t valid, uint32_t set, uint32_t now,
				   uint64_t sec, uint32_t nsec)
{
	if (!(valid & set))
		return (struct timespec){ .tv_nsec = UTIME_OMIT };
	if (valid & now)
		return (struct timespec){ .tv_nsec = UTIME_NOW };
	return (struct timespec){ (time_t)sec, (long)nsec };
}

static int set_times(const struct kbox_bind_call *call,
		     const struct fuse_setattr_in *in)
{
	const struct timespec times[2] = {
		wanted_time(in->valid, FATTR_ATIME, FATTR_ATIME_NOW, in->atime,
			    in->atimensec),
		wanted_time(in->valid, FATTR_MTIME, FATTR_MTIME_NOW, in->mtime,
			    in->mtimensec),
	};

	if (utimensat(call->node->fd, "", times, AT_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

static int set_size(const struct kbox_bind_call *call,
		    const struct fuse_setattr_in *in)
{
	const struct kbox_bind_handle *handle;
	struct kbox_bind_path path;

	if (!S_ISREG(call->node->type))
		return -EINVAL;
	if (in->valid & FATTR_FH) {
		handle = (const struct kbox_bind_handle *)(uintptr_t)in->fh;
		return ftruncate(handle->fd, (off_t)in->size) < 0 ? -errno : 0;
	}
	if (truncate(kbox_bind_path(&path, call->node->fd),
		     (off_t)in->size) < 0)
		return -errno;
	return 0;
}

static int set_mode(const struct kbox_bind_call *call, mode_t mode)
{
	struct kbox_bind_path path;

	if (S_ISLNK(call->node->type))
		return -EOPNOTSUPP;
	if (chmod(kbox_bind_path(&path, call->node->fd),
		  kbox_bind_mode(call->node->type | (mode & 07777))) < 0)
		return -errno;
	return 0;
}

int kbox_bind_setattr(struct kbox_bind_call *call)
{
	const struct fuse_setattr_in *in =
		kbox_bind_arg(call, 0, sizeof(*in));
	int err = in ? 0 : -EINVAL;

	if (!err && in->valid & (FATTR_UID | FATTR_GID))
		err = set_owner(call, in);
	if (!err && in->valid & FATTR_SIZE)
		err = set_size(call, in);
	/* The host takes set-id bits away when an owner changes. */
	if (!err && in->valid & FATTR_MODE)
		err = set_mode(call, in->mode);
	if (!err && in->valid & (FATTR_ATIME | FATTR_MTIME))
		err = set_times(call, in);
	return err ? err : reply_attributes(call);
}

int kbox_bind_statfs(struct kbox_bind_call *call)
{
	struct fuse_statfs_out out;
	struct statfs st;

	if (fstatfs(call->node->fd, &st) < 0)
		return -errno;
	out = (struct fuse_statfs_out){
		.st = {
			.blocks = st.f_blocks,
			.bfree = st.f_bfree,
			.bavail = st.f_bavail,
			.files = st.f_files,
			.ffree = st.f_ffree,
			.bsize = (uint32_t)st.f_bsize,
			.namelen = (uint32_t)st.f_namelen,
			.frsize = (uint32_t)st.f_frsize,
		},
	};
	kbox_bind_reply(call, 0, &out, sizeof(out));
	return 0;
}
