/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to bind mounts: what is asked, and who answers.
 *
 * Side: host. Invariants are in bind.h.
 */
#include "bind.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../base/cleanup.h"
#include "../base/macros.h"
#include "call.h"

/* What is asked of the kernel inside; what it does not have it leaves out. */
#define INIT_FLAGS                                                            \
	(FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES |            \
	 FUSE_AUTO_INVAL_DATA | FUSE_ASYNC_DIO | FUSE_PARALLEL_DIROPS |       \
	 FUSE_MAX_PAGES)
#define INIT_PAGES 256
#define INIT_BACKGROUND 64	/* requests that nobody waits for, at once */

const void *kbox_bind_arg(const struct kbox_bind_call *call,
			  unsigned int index, size_t size)
{
	const struct kbox_bind_request *request = call->request;

	if (index + 1 >= request->in_count ||
	    request->in[index + 1].len < size)
		return NULL;
	return request->in[index + 1].base;
}

const char *kbox_bind_text(const struct kbox_bind_call *call,
			   unsigned int index)
{
	const char *text = kbox_bind_arg(call, index, 1);

	if (!text || !memchr(text, '\0', call->request->in[index + 1].len))
		return NULL;
	return text;
}

const char *kbox_bind_name(const struct kbox_bind_call *call,
			   unsigned int index)
{
	const char *name = kbox_bind_text(call, index);

	if (!name || !*name || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return NULL;
	return name;
}

void kbox_bind_reply(struct kbox_bind_call *call, unsigned int index,
		     const void *bytes, size_t size)
{
	struct kbox_bind_request *request = call->request;

	if (index >= request->out_count)
		return;
	if (size > request->out[index].len)
		size = request->out[index].len;
	memcpy(request->out[index].base, bytes, size);
	request->out_bytes += (unsigned int)size;
}

struct kbox_bind_node *kbox_bind_find(struct kbox_bind *bind,
				      unsigned long long id)
{
	return id == FUSE_ROOT_ID ? &bind->root :
				    (struct kbox_bind_node *)(uintptr_t)id;
}

const char *kbox_bind_path(struct kbox_bind_path *path, int fd)
{
	snprintf(path->text, sizeof(path->text), "/proc/self/fd/%d", fd);
	return path->text;
}

static int init(struct kbox_bind_call *call)
{
	const struct fuse_init_in *in = kbox_bind_arg(call, 0, 16);
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_background = INIT_BACKGROUND,
		.congestion_threshold = INIT_BACKGROUND,
		.max_write = INIT_PAGES * 4096,
		.max_pages = INIT_PAGES,
		.time_gran = 1,
	};

	if (!in || in->major != FUSE_KERNEL_VERSION)
		return -EPROTO;
	if (in->minor < out.minor)
		out.minor = in->minor;
	out.max_readahead = in->max_readahead;
	out.flags = in->flags & INIT_FLAGS;
	kbox_bind_reply(call, 0, &out, sizeof(out));
	return 0;
}

static int nothing(struct kbox_bind_call *call)
{
	(void)call;
	return 0;
}

static int forget(struct kbox_bind_call *call)
{
	const struct fuse_forget_in *in =
		kbox_bind_arg(call, 0, sizeof(*in));

	if (in)
		kbox_bind_node_forget(call->bind, call->node, in->nlookup);
	return 0;
}

static const struct {
	int (*serve)(struct kbox_bind_call *call);
	bool changes;
} table[] = {
	[FUSE_INIT] = { init, false },
	[FUSE_DESTROY] = { nothing, false },
	[FUSE_FORGET] = { forget, false },
	[FUSE_LOOKUP] = { kbox_bind_lookup, false },
	[FUSE_GETATTR] = { kbox_bind_getattr, false },
	[FUSE_SETATTR] = { kbox_bind_setattr, true },
	[FUSE_STATFS] = { kbox_bind_statfs, false },
	[FUSE_READLINK] = { kbox_bind_readlink, false },
	[FUSE_MKDIR] = { kbox_bind_mkdir, true },
	[FUSE_MKNOD] = { kbox_bind_mknod, true },
	[FUSE_SYMLINK] = { kbox_bind_symlink, true },
	[FUSE_LINK] = { kbox_bind_link, true },
	[FUSE_UNLINK] = { kbox_bind_unlink, true },
	[FUSE_RMDIR] = { kbox_bind_rmdir, true },
	[FUSE_RENAME] = { kbox_bind_rename, true },
	[FUSE_RENAME2] = { kbox_bind_rename2, true },
	[FUSE_CREATE] = { kbox_bind_create, true },
	[FUSE_TMPFILE] = { kbox_bind_tmpfile, true },
	[FUSE_OPEN] = { kbox_bind_open, false },
	[FUSE_RELEASE] = { kbox_bind_release, false },
	[FUSE_READ] = { kbox_bind_read, false },
	[FUSE_WRITE] = { kbox_bind_write, true },
	[FUSE_FSYNC] = { kbox_bind_fsync, false },
	[FUSE_FALLOCATE] = { kbox_bind_fallocate, true },
	[FUSE_LSEEK] = { kbox_bind_lseek, false },
	[FUSE_SYNCFS] = { kbox_bind_syncfs, false },
	[FUSE_OPENDIR] = { kbox_bind_opendir, false },
	[FUSE_READDIR] = { kbox_bind_readdir, false },
	[FUSE_RELEASEDIR] = { kbox_bind_release, false },
	[FUSE_FSYNCDIR] = { kbox_bind_fsync, false },
	[FUSE_GETXATTR] = { kbox_bind_getxattr, false },
	[FUSE_SETXATTR] = { kbox_bind_setxattr, true },
	[FUSE_LISTXATTR] = { kbox_bind_listxattr, false },
	[FUSE_REMOVEXATTR] = { kbox_bind_removexattr, true },
};

static int serve(struct kbox_bind_call *call)
{
	unsigned int op = call->header->opcode;

	if (op >= KBOX_ARRAY_SIZE(table) || !table[op].serve)
		return -ENOSYS;
	if (table[op].changes && call->bind->read_only)
		return -EROFS;
	return table[op].serve(call);
}

void kbox_bind_serve(struct kbox_bind *bind, struct kbox_bind_request *request,
		     bool now)
{
	struct kbox_bind_call call = {
		.bind = bind,
		.header = request->in[0].base,
		.request = request,
		.now = now,
	};

	call.node = kbox_bind_find(bind, call.header->nodeid);
	request->out_bytes = 0;
	request->error = serve(&call);
	/* Whose limit it is, no process inside can know. */
	if (request->error == -EMFILE)
		request->error = -ENFILE;
	if (request->error)
		request->out_bytes = 0;
}
