/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extended attributes of the host's files: those of users, "user.*".
 *
 * Side: host, in several threads.
 *
 * The others belong to the host (labels, capabilities, lists of access), and
 * mean nothing inside.
 */
#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "call.h"

#define PREFIX "user."

static bool is_users(const char *name)
{
	return name && !strncmp(name, PREFIX, strlen(PREFIX));
}

static bool has_xattrs(const struct kbox_bind_node *node)
{
	return S_ISREG(node->type) || S_ISDIR(node->type);
}

/* A size that was asked for, or the bytes themselves. */
static int reply_bytes(struct kbox_bind_call *call, uint32_t asked, ssize_t len)
{
	const struct fuse_getxattr_out out = { .size = (uint32_t)len };

	if (len < 0)
		return -errno;
	if (asked)
		call->request->out_bytes = (unsigned int)len;
	else
		kbox_bind_reply(call, 0, &out, sizeof(out));
	return 0;
}

int kbox_bind_getxattr(struct kbox_bind_call *call)
{
	const struct fuse_getxattr_in *in =
		kbox_bind_arg(call, 0, sizeof(*in));
	const char *name = kbox_bind_text(call, 1);
	const struct kbox_iovec *out = call->request->out;
	struct kbox_bind_path path;

	if (!in || !call->request->out_count)
		return -EINVAL;
	if (!is_users(name) || !has_xattrs(call->node))
		return -EOPNOTSUPP;
	return reply_bytes(call, in->size,
			   getxattr(kbox_bind_path(&path, call->node->fd),
				    name, in->size ? out->base : NULL,
				    in->size ? out->len : 0));
}

/* Of @len bytes of names, those of users, moved together. */
static ssize_t keep_users(char *names, ssize_t len)
{
	ssize_t kept = 0;

	for (ssize_t at = 0; at < len;) {
		size_t size = strlen(names + at) + 1;

		if (is_users(names + at)) {
			memmove(names + kept, names + at, size);
			kept += (ssize_t)size;
		}
		at += (ssize_t)size;
	}
	return kept;
}

int kbox_bind_listxattr(struct kbox_bind_call *call)
{
	const struct fuse_getxattr_in *in =
		kbox_bind_arg(call, 0, sizeof(*in));
	struct kbox_bind_path path;
	char *names;
	ssize_t len;

	if (!in || !call->request->out_count)
		return -EINVAL;
	if (!has_xattrs(call->node))
		return reply_bytes(call, in->size, 0);
	/* Room for all is at least room for the users'. */
	names = in->size ? call->request->out[0].base : NULL;
	len = listxattr(kbox_bind_path(&path, call->node->fd), names,
			names ? call->request->out[0].len : 0);
	if (names && len > 0)
		len = keep_users(names, len);
	return reply_bytes(call, in->size, len);
}

int kbox_bind_setxattr(struct kbox_bind_call *call)
{
	const struct fuse_setxattr_in *in =
		kbox_bind_arg(call, 0, FUSE_COMPAT_SETXATTR_IN_SIZE);
	const char *name = kbox_bind_text(call, 1);
	const void *value = kbox_bind_arg(call, 2, in ? in->size : 0);
	struct kbox_bind_path path;

	if (!in || (in->size && !value))
		return -EINVAL;
	if (!is_users(name) || !has_xattrs(call->node))
		return -EOPNOTSUPP;
	if (setxattr(kbox_bind_path(&path, call->node->fd), name,
		     in->size ? value : "", in->size, (int)in->flags) < 0)
		return -errno;
	return 0;
}

int kbox_bind_removexattr(struct kbox_bind_call *call)
{
	const char *name = kbox_bind_text(call, 0);
	struct kbox_bind_path path;

	if (!is_users(name) || !has_xattrs(call->node))
		return -EOPNOTSUPP;
	if (removexattr(kbox_bind_path(&path, call->node->fd), name) < 0)
		return -errno;
	return 0;
}
