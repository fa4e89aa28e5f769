/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names in the host's folders: found, made, moved and removed.
 *
 * Side: host, in several threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "call.h"

/* RENAME_WHITEOUT would leave a device. */
#define RENAME_FLAGS (RENAME_NOREPLACE | RENAME_EXCHANGE)

/*
 * Beneath @dir. A name is one component, so what RESOLVE_BENEATH refuses cannot
 * be in it; two locks on one door. The descriptor or -errno.
 */
static int open_beneath(int dir, const char *name, int flags, mode_t mode)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned int)flags | O_CLOEXEC | O_NOFOLLOW,
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* The entry of what @fd, O_PATH, names; the descriptor is taken over. */
static int entry_of(struct kbox_bind *bind, int fd,
		    struct fuse_entry_out *ret_entry)
{
	struct kbox_bind_node *node;
	struct stat st;

	if (fstat(fd, &st) < 0) {
		int err = -errno;

		kbox_close(fd);
		return err;
	}
	node = kbox_bind_node_get(bind, fd, &st);
	if (!node)
		return -ENOMEM;
	memset(ret_entry, 0, sizeof(*ret_entry));
	ret_entry->nodeid = node == &bind->root ? FUSE_ROOT_ID :
						  (uint64_t)(uintptr_t)node;
	kbox_bind_attributes(bind, &st, &ret_entry->attr);
	return 0;
}

/* The entry of @name, into the reply. */
static int reply_entry(struct kbox_bind_call *call, const char *name)
{
	int fd = open_beneath(call->node->fd, name, O_PATH, 0);
	struct fuse_entry_out entry;
	int err = fd < 0 ? fd : entry_of(call->bind, fd, &entry);

	if (!err)
		kbox_bind_reply(call, 0, &entry, sizeof(entry));
	return err;
}

int kbox_bind_lookup(struct kbox_bind_call *call)
{
	const char *name = kbox_bind_name(call, 0);

	return name ? reply_entry(call, name) : -EINVAL;
}

int kbox_bind_readlink(struct kbox_bind_call *call)
{
	const struct kbox_bind_request *request = call->request;
	ssize_t len;

	if (!request->out_count)
		return -EINVAL;
	len = readlinkat(call->node->fd, "", request->out[0].base,
			 request->out[0].len);
	if (len < 0)
		return -errno;
	call->request->out_bytes = (unsigned int)len;
	return 0;
}

/*
 * Give what we have just made to whom it belongs, where the host lets us. In a
 * folder with the set-group-id bit its group is the folder's.
 */
static int give(const struct kbox_bind_call *call, int fd,
		const struct stat *st)
{
	gid_t gid = call->header->gid;
	struct stat dir;

	if (!call->bind->ids.may_give)
		return 0;
	/* The host may have put another one in its place. */
	if (st->st_uid != geteuid() || (!S_ISDIR(st->st_mode) &&
					st->st_nlink > 1))
		return -EBUSY;
	if (fstat(call->node->fd, &dir) < 0)
		return -errno;
	if (dir.st_mode & S_ISGID)
		gid = (gid_t)-1;
	if (fchownat(fd, "", call->header->uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/*
 * What @fd names was made with @mode, to which the umask inside has been applied;
 * ours must not be.
 */
static int settle_new(const struct kbox_bind_call *call, int fd, mode_t mode)
{
	struct kbox_bind_path path;
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IFMT) != (mode & S_IFMT))
		return -EBUSY;
	err = give(call, fd, &st);
	if (err || S_ISLNK(mode) ||
	    !(mode & (call->bind->umask | S_ISGID)))
		return err;
	mode |= st.st_mode & S_ISGID;
	if (chmod(kbox_bind_path(&path, fd), kbox_bind_mode(mode)) < 0)
		return -errno;
	return 0;
}

static int reply_new(struct kbox_bind_call *call, const char *name, mode_t mode)
{
	int fd = open_beneath(call->node->fd, name, O_PATH, 0);
	struct fuse_entry_out entry;
	int err = fd < 0 ? fd : settle_new(call, fd, mode);

	if (err) {
		kbox_close(fd);
		return err;
	}
	err = entry_of(call->bind, fd, &entry);
	if (!err)
		kbox_bind_reply(call, 0, &entry, sizeof(entry));
	return err;
}

int kbox_bind_mkdir(struct kbox_bind_call *call)
{
	const struct fuse_mkdir_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	const char *name = kbox_bind_name(call, 1);

	if (!in || !name)
		return -EINVAL;
	if (mkdirat(call->node->fd, name, in->mode & 07777) < 0)
		return -errno;
	return reply_new(call, name, S_IFDIR | (in->mode & 01777));
}

/* Pipes and sockets are the kernel's inside; devices are nobody's. */
int kbox_bind_mknod(struct kbox_bind_call *call)
{
	const struct fuse_mknod_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	const char *name = kbox_bind_name(call, 1);

	if (!in || !name)
		return -EINVAL;
	if (!S_ISREG(in->mode) && !S_ISFIFO(in->mode) && !S_ISSOCK(in->mode))
		return -EPERM;
	if (mknodat(call->node->fd, name,
		    (in->mode & S_IFMT) | kbox_bind_mode(in->mode), 0) < 0)
		return -errno;
	return reply_new(call, name, in->mode);
}

int kbox_bind_symlink(struct kbox_bind_call *call)
{
	const char *name = kbox_bind_name(call, 0);
	const char *target = kbox_bind_text(call, 1);

	if (!name || !target)
		return -EINVAL;
	if (symlinkat(target, call->node->fd, name) < 0)
		return -errno;
	return reply_new(call, name, S_IFLNK);
}

int kbox_bind_link(struct kbox_bind_call *call)
{
	const struct fuse_link_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	const char *name = kbox_bind_name(call, 1);
	struct kbox_bind_path path;
	struct kbox_bind_node *old;

	if (!in || !name)
		return -EINVAL;
	old = kbox_bind_find(call->bind, in->oldnodeid);
	/* /proc/self/fd of a symbolic link is the link. */
	if (linkat(AT_FDCWD, kbox_bind_path(&path, old->fd), call->node->fd,
		   name, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	return reply_entry(call, name);
}

static int remove_name(struct kbox_bind_call *call, int flags)
{
	const char *name = kbox_bind_name(call, 0);

	if (!name)
		return -EINVAL;
	return unlinkat(call->node->fd, name, flags) < 0 ? -errno : 0;
}

int kbox_bind_unlink(struct kbox_bind_call *call)
{
	return remove_name(call, 0);
}

int kbox_bind_rmdir(struct kbox_bind_call *call)
{
	return remove_name(call, AT_REMOVEDIR);
}

static int move(struct kbox_bind_call *call, unsigned long long new_dir,
		unsigned int flags)
{
	const char *from = kbox_bind_name(call, 1);
	const char *to = kbox_bind_name(call, 2);

	if (!from || !to || flags & ~(unsigned int)RENAME_FLAGS)
		return -EINVAL;
	if (renameat2(call->node->fd, from,
		      kbox_bind_find(call->bind, new_dir)->fd, to, flags) < 0)
		return -errno;
	return 0;
}

int kbox_bind_rename(struct kbox_bind_call *call)
{
	const struct fuse_rename_in *in = kbox_bind_arg(call, 0, sizeof(*in));

	return in ? move(call, in->newdir, 0) : -EINVAL;
}

int kbox_bind_rename2(struct kbox_bind_call *call)
{
	const struct fuse_rename2_in *in = kbox_bind_arg(call, 0, sizeof(*in));

	return in ? move(call, in->newdir, in->flags) : -EINVAL;
}

/*
 * Open @name for the guest, and make it if need be. What is there already is
 * looked at before it is opened. @ret_path names it. A handle's descriptor or
 * -errno.
 */
static int create_file(const struct kbox_bind_call *call, const char *name,
		       const struct fuse_create_in *in, int *ret_path)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	KBOX_CLEANUP_CLOSE int path_fd = -1;
	struct kbox_bind_path path;
	int err = 0;

	fd = open_beneath(call->node->fd, name,
			  O_CREAT | O_EXCL | O_NONBLOCK |
				  ((int)in->flags & O_ACCMODE),
			  kbox_bind_mode(S_IFREG | in->mode));
	if (fd == -EEXIST && !(in->flags & O_EXCL)) {
		path_fd = open_beneath(call->node->fd, name, O_PATH, 0);
		if (path_fd < 0)
			return path_fd;
		fd = kbox_bind_open_again(path_fd, (int)in->flags);
	} else if (fd >= 0) {
		path_fd = open(kbox_bind_path(&path, fd), O_PATH | O_CLOEXEC);
		err = path_fd < 0 ? -errno :
				    settle_new(call, path_fd,
					       S_IFREG | (in->mode & 07777));
	}
	if (err || fd < 0)
		return err ? err : fd;
	*ret_path = KBOX_TAKE_FD(path_fd);
	return KBOX_TAKE_FD(fd);
}

/* A file without a name, in the folder. */
static int create_nameless(const struct kbox_bind_call *call,
			   const struct fuse_create_in *in, int *ret_path)
{
	KBOX_CLEANUP_CLOSE int path_fd = -1;
	KBOX_CLEANUP_CLOSE int fd = -1;
	struct kbox_bind_path path;
	int err;

	fd = openat(call->node->fd, ".",
		    O_TMPFILE | O_CLOEXEC |
			    ((int)in->flags & (O_ACCMODE | O_EXCL)),
		    kbox_bind_mode(S_IFREG | in->mode));
	if (fd < 0)
		return -errno;
	path_fd = open(kbox_bind_path(&path, fd), O_PATH | O_CLOEXEC);
	if (path_fd < 0)
		return -errno;
	err = settle_new(call, path_fd, S_IFREG | (in->mode & 07777));
	if (err)
		return err;
	*ret_path = KBOX_TAKE_FD(path_fd);
	return KBOX_TAKE_FD(fd);
}

/* Both descriptors are taken over. */
static int reply_created(struct kbox_bind_call *call, int fd, int path_fd)
{
	struct fuse_entry_out entry;
	struct fuse_open_out out;
	int err = kbox_bind_handle_new(fd, call->node->dev, &out);

	if (err) {
		kbox_close(path_fd);
		return err;
	}
	err = entry_of(call->bind, path_fd, &entry);
	if (err) {
		kbox_bind_handle_free(out.fh);
		return err;
	}
	kbox_bind_reply(call, 0, &entry, sizeof(entry));
	kbox_bind_reply(call, 1, &out, sizeof(out));
	return 0;
}

int kbox_bind_create(struct kbox_bind_call *call)
{
	const struct fuse_create_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	const char *name = kbox_bind_name(call, 1);
	int fd, path_fd = -1;

	if (!in || !name)
		return -EINVAL;
	fd = create_file(call, name, in, &path_fd);
	return fd < 0 ? fd : reply_created(call, fd, path_fd);
}

int kbox_bind_tmpfile(struct kbox_bind_call *call)
{
	const struct fuse_create_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	int fd, path_fd = -1;

	if (!in)
		return -EINVAL;
	fd = create_nameless(call, in, &path_fd);
	return fd < 0 ? fd : reply_created(call, fd, path_fd);
}
