/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One request while it is served, for the files of this folder.
 *
 * Side: host. An operation returns 0 or -errno and has then put its reply, if
 * any, with kbox_bind_reply().
 */
#ifndef KBOX_BIND_CALL_H
#define KBOX_BIND_CALL_H

#include <linux/fuse.h>
#include <sys/stat.h>

#include "bind.h"

struct kbox_bind_call {
	struct kbox_bind *bind;
	const struct fuse_in_header *header;
	struct kbox_bind_node *node;	/* that it is about */
	struct kbox_bind_request *request;
	bool now;			/* as kbox_bind_serve() */
};

/* An open file or folder; its address is FUSE's "fh". */
struct kbox_bind_handle {
	int fd;				/* owned */
	dev_t dev;
};

/* bind.c */

/* Argument @index, at least @size bytes of it; NULL when there is none. */
const void *kbox_bind_arg(const struct kbox_bind_call *call,
			  unsigned int index, size_t size);
/* Argument @index as a string; NULL when it is none. */
const char *kbox_bind_text(const struct kbox_bind_call *call,
			   unsigned int index);
/* ... as the name of a file in a folder. */
const char *kbox_bind_name(const struct kbox_bind_call *call,
			   unsigned int index);
/* Append to the reply. */
void kbox_bind_reply(struct kbox_bind_call *call, unsigned int index,
		     const void *bytes, size_t size);
struct kbox_bind_node *kbox_bind_find(struct kbox_bind *bind,
				      unsigned long long id);

/* "/proc/self/fd/N": what an O_PATH descriptor names, for calls with paths. */
struct kbox_bind_path {
	char text[32];
};
const char *kbox_bind_path(struct kbox_bind_path *path, int fd);

/* nodes.c */

/*
 * The node of what @fd, O_PATH, names; the descriptor is taken over. The kernel
 * knows it once more from now on. NULL: no memory.
 */
struct kbox_bind_node *kbox_bind_node_get(struct kbox_bind *bind, int fd,
					  const struct stat *st);
void kbox_bind_node_forget(struct kbox_bind *bind, struct kbox_bind_node *node,
			   unsigned long long lookups);

/* attributes.c */

/*
 * The bits of @mode, a type with it, that a guest can give to a file of the
 * host's. A program with a set-id bit would give the user's rights to whoever
 * starts it at the host, so files get none; the bit is left out in silence, as
 * chmod(2) does where a group is not the caller's.
 */
mode_t kbox_bind_mode(mode_t mode);
void kbox_bind_attributes(const struct kbox_bind *bind, const struct stat *st,
			  struct fuse_attr *ret_attr);
unsigned long long kbox_bind_ino(const struct kbox_bind *bind, dev_t dev,
				 ino_t ino);
int kbox_bind_getattr(struct kbox_bind_call *call);
int kbox_bind_setattr(struct kbox_bind_call *call);
int kbox_bind_statfs(struct kbox_bind_call *call);

/* names.c: what has to do with a name in a folder. */
int kbox_bind_lookup(struct kbox_bind_call *call);
int kbox_bind_readlink(struct kbox_bind_call *call);
int kbox_bind_mkdir(struct kbox_bind_call *call);
int kbox_bind_mknod(struct kbox_bind_call *call);
int kbox_bind_symlink(struct kbox_bind_call *call);
int kbox_bind_link(struct kbox_bind_call *call);
int kbox_bind_unlink(struct kbox_bind_call *call);
int kbox_bind_rmdir(struct kbox_bind_call *call);
int kbox_bind_rename(struct kbox_bind_call *call);
int kbox_bind_rename2(struct kbox_bind_call *call);
int kbox_bind_create(struct kbox_bind_call *call);
int kbox_bind_tmpfile(struct kbox_bind_call *call);

/* files.c */

/*
 * Open what @fd, O_PATH, names when it is a regular file or a folder, which it
 * stays: nothing at a path is opened. A descriptor or -errno.
 */
int kbox_bind_open_again(int fd, int flags);
/* Takes @fd over, also on failure. 0 or -ENOMEM. */
int kbox_bind_handle_new(int fd, dev_t dev, struct fuse_open_out *ret_out);
void kbox_bind_handle_free(uint64_t fh);
int kbox_bind_reply_open(struct kbox_bind_call *call, int flags);
int kbox_bind_open(struct kbox_bind_call *call);
int kbox_bind_release(struct kbox_bind_call *call);
int kbox_bind_read(struct kbox_bind_call *call);
int kbox_bind_write(struct kbox_bind_call *call);
int kbox_bind_fsync(struct kbox_bind_call *call);
int kbox_bind_fallocate(struct kbox_bind_call *call);
int kbox_bind_lseek(struct kbox_bind_call *call);
int kbox_bind_syncfs(struct kbox_bind_call *call);

/* dirs.c */
int kbox_bind_opendir(struct kbox_bind_call *call);
int kbox_bind_readdir(struct kbox_bind_call *call);

/* xattrs.c */
int kbox_bind_getxattr(struct kbox_bind_call *call);
int kbox_bind_setxattr(struct kbox_bind_call *call);
int kbox_bind_listxattr(struct kbox_bind_call *call);
int kbox_bind_removexattr(struct kbox_bind_call *call);

#endif
