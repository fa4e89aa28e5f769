// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file system "kboxbind": a folder or file of the host's.
 *
 * Side: kernel. Under the VFS, beside ext4; a guest's call comes here by way of
 * the stock fs/fuse, which knows inodes, caches and permissions and speaks FUSE's
 * protocol. This file carries its requests to the supervisor, as virtiofs
 * carries them to a virtual machine's host, and src/bind/ answers them.
 *
 * Invariants
 *  1. Only the supervisor mounts it, so a guest can not mount one of the host's
 *     folders a second time, with other options.
 *  2. Every request is ended once. One that somebody waits for ends where the
 *     host has done it: in bind_send(), or in kbox_bind_reap(). One that nobody
 *     waits for ends in a work item, since its end may sleep, and it may have
 *     been sent under a lock that its end takes.
 *  3. What the host is given stays as it is until then: FUSE waits for the end
 *     of what was sent, whatever signals come.
 *
 * Sources: fs/fuse/virtio_fs.c for how a transport is to behave.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../../../fs/fuse/fuse_i.h"
#include "kbox-drivers.h"

#define SOURCE_PREFIX "host"	/* and the number of the bind mount */

struct bind_request {
	struct fuse_req *fuse;
	struct kbox_bind_request host;
	struct kbox_iovec iov[];
};

struct bind {
	unsigned int index;	/* as the host counts them */
};

static LIST_HEAD(ended);

/* The pages of a request, of which it means the first @bytes. */
static unsigned int add_pages(struct kbox_iovec *iov, unsigned int count,
			      const struct fuse_args *args, unsigned int bytes)
{
	const struct fuse_args_pages *ap =
		container_of(args, const struct fuse_args_pages, args);
	unsigned int i;

	for (i = 0; bytes && !ap->uses_folios && i < ap->num_pages; i++) {
		unsigned int len = min(ap->descs[i].length, bytes);

		count = kbox_iov_add(iov, count, page_address(ap->pages[i]) +
						 ap->descs[i].offset, len);
		bytes -= len;
	}
	for (i = 0; bytes && ap->uses_folios && i < ap->num_folios; i++) {
		unsigned int len = min(ap->folio_descs[i].length, bytes);

		count = kbox_iov_add(iov, count,
				     folio_address(ap->folios[i]) +
				     ap->folio_descs[i].offset, len);
		bytes -= len;
	}
	return count;
}

static unsigned int add_in(struct kbox_iovec *iov, struct fuse_req *fuse)
{
	const struct fuse_args *args = fuse->args;
	unsigned int plain = args->in_numargs - args->in_pages;
	unsigned int i, count = 0;

	iov[count++] = (struct kbox_iovec) { &fuse->in.h, sizeof(fuse->in.h) };
	for (i = 0; i < plain; i++)
		iov[count++] = (struct kbox_iovec) {
			(void *)args->in_args[i].value, args->in_args[i].size
		};
	if (!args->in_pages)
		return count;
	return count + add_pages(iov + count, 0, args,
				 args->in_args[plain].size);
}

static unsigned int add_out(struct kbox_iovec *iov, struct fuse_req *fuse)
{
	const struct fuse_args *args = fuse->args;
	unsigned int plain = args->out_numargs - args->out_pages;
	unsigned int i, count = 0;

	for (i = 0; i < plain; i++)
		iov[count++] = (struct kbox_iovec) {
			args->out_args[i].value, args->out_args[i].size
		};
	if (!args->out_pages)
		return count;
	return count + add_pages(iov + count, 0, args,
				 args->out_args[plain].size);
}

static struct bind_request *request_new(unsigned int bind,
					struct fuse_req *fuse)
{
	const struct fuse_args *args = fuse->args;
	unsigned int pieces = 1 + args->in_numargs + args->out_numargs;
	struct bind_request *request;

	if (args->in_pages || args->out_pages)
		pieces += container_of(args, struct fuse_args_pages,
				       args)->num_pages;
	request = kzalloc(struct_size(request, iov, pieces), GFP_ATOMIC);
	if (!request)
		return NULL;
	request->fuse = fuse;
	request->host.bind = bind;
	request->host.in = request->iov;
	request->host.in_count = add_in(request->iov, fuse);
	request->host.out = request->iov + request->host.in_count;
	if (test_bit(FR_ISREPLY, &fuse->flags))
		request->host.out_count = add_out(request->iov +
						  request->host.in_count, fuse);
	return request;
}

/* What a page was not filled with is zero. */
static void zero_rest(const struct fuse_args *args, unsigned int bytes)
{
	const struct fuse_args_pages *ap =
		container_of(args, const struct fuse_args_pages, args);
	unsigned int i;

	for (i = 0; !ap->uses_folios && i < ap->num_pages; i++) {
		unsigned int len = ap->descs[i].length;
		unsigned int have = min(len, bytes);

		memset(page_address(ap->pages[i]) + ap->descs[i].offset + have,
		       0, len - have);
		bytes -= have;
	}
}

/* The reply, as fs/fuse expects it. */
static void take_reply(struct bind_request *request)
{
	struct fuse_req *fuse = request->fuse;
	struct fuse_args *args = fuse->args;
	unsigned int i, rest = request->host.out_bytes;

	fuse->out.h.error = request->host.error;
	fuse->out.h.len = sizeof(fuse->out.h) + rest;
	if (request->host.error || !args->out_numargs)
		return;
	for (i = 0; i + 1 < args->out_numargs; i++)
		rest -= min(rest, args->out_args[i].size);
	if (args->out_argvar)
		args->out_args[args->out_numargs - 1].size = rest;
	if (args->out_pages && args->page_zeroing)
		zero_rest(args, rest);
}

static void end_all(struct work_struct *work)
{
	struct fuse_req *fuse;

	while ((fuse = list_first_entry_or_null(&ended, struct fuse_req,
						list))) {
		list_del_init(&fuse->list);
		fuse_request_end(fuse);
	}
}
static DECLARE_WORK(end_work, end_all);

static void end(struct fuse_req *fuse)
{
	if (!test_bit(FR_BACKGROUND, &fuse->flags)) {
		fuse_request_end(fuse);
		return;
	}
	list_add_tail(&fuse->list, &ended);
	schedule_work(&end_work);
}

static void done(struct bind_request *request)
{
	struct fuse_req *fuse = request->fuse;

	take_reply(request);
	kfree(request);
	end(fuse);
}

static void bind_send(struct fuse_iqueue *fiq, struct fuse_req *fuse)
{
	const struct bind *bind = fiq->priv;
	struct bind_request *request;

	fuse->in.h.unique = fuse_get_unique(fiq);
	clear_bit(FR_PENDING, &fuse->flags);
	request = request_new(bind->index, fuse);
	if (!request) {
		fuse->out.h.error = -ENOMEM;
		end(fuse);
		return;
	}
	if (kbox_host->bind_submit(&request->host) != KBOX_BIND_LATER)
		done(request);
}

static void reaped(void *arg)
{
	struct kbox_bind_request *host = arg;

	done(container_of(host, struct bind_request, host));
}

void kbox_bind_reap(void)
{
	struct kbox_bind_request *host;

	while ((host = kbox_host->bind_reap()))
		kbox_run_irq(reaped, host);
}

static void bind_forget(struct fuse_iqueue *fiq, struct fuse_forget_link *link)
{
	const struct bind *bind = fiq->priv;
	struct fuse_forget_in arg = { .nlookup = link->forget_one.nlookup };
	struct fuse_in_header header = {
		.opcode = FUSE_FORGET,
		.nodeid = link->forget_one.nodeid,
		.unique = fuse_get_unique(fiq),
		.len = sizeof(header) + sizeof(arg),
	};
	const struct kbox_iovec in[] = {
		{ &header, sizeof(header) }, { &arg, sizeof(arg) },
	};
	struct kbox_bind_request host = {
		.bind = bind->index, .in = in, .in_count = ARRAY_SIZE(in),
	};

	kfree(link);
	kbox_host->bind_submit(&host);
}

/* What was sent is waited for. */
static void bind_interrupt(struct fuse_iqueue *fiq, struct fuse_req *fuse)
{
}

static void bind_release(struct fuse_iqueue *fiq)
{
	kfree(fiq->priv);
}

static const struct fuse_iqueue_ops bind_queue_ops = {
	.send_forget	= bind_forget,
	.send_interrupt	= bind_interrupt,
	.send_req	= bind_send,
	.release	= bind_release,
};

enum { OPT_FILE };

/* "file": what is mounted is a regular file. */
static const struct fs_parameter_spec bind_params[] = {
	fsparam_flag("file", OPT_FILE),
	{}
};

static int bind_parse_param(struct fs_context *fsc, struct fs_parameter *param)
{
	struct fuse_fs_context *ctx = fsc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fsc, bind_params, param, &result);

	if (opt < 0)
		return opt == -ENOPARAM ? vfs_parse_fs_param_source(fsc, param) :
					  opt;
	ctx->rootmode = S_IFREG;
	return 0;
}

static struct bind *bind_new(const char *source)
{
	struct bind *bind;
	unsigned int index;

	if (!source || strncmp(source, SOURCE_PREFIX, strlen(SOURCE_PREFIX)) ||
	    kstrtouint(source + strlen(SOURCE_PREFIX), 10, &index))
		return ERR_PTR(-EINVAL);
	bind = kzalloc(sizeof(*bind), GFP_KERNEL);
	if (!bind)
		return ERR_PTR(-ENOMEM);
	bind->index = index;
	return bind;
}

/* A connection of its own for each mount. */
static struct fuse_mount *mount_new(struct fs_context *fsc)
{
	struct fuse_mount *fm = kzalloc(sizeof(*fm), GFP_KERNEL);
	struct fuse_conn *fc = kzalloc(sizeof(*fc), GFP_KERNEL);
	struct bind *bind = bind_new(fsc->source);

	if (!fm || !fc || IS_ERR(bind)) {
		kfree(fm);
		kfree(fc);
		if (IS_ERR(bind))
			return ERR_CAST(bind);
		kfree(bind);
		return ERR_PTR(-ENOMEM);
	}
	fuse_conn_init(fc, fm, fsc->user_ns, &bind_queue_ops, bind);
	fc->release = fuse_free_conn;
	fc->delete_stale = true;
	fc->no_interrupt = true;
	fc->sync_fs = true;
	return fm;
}

static int bind_get_tree(struct fs_context *fsc)
{
	struct fuse_fs_context *ctx = fsc->fs_private;
	struct super_block *sb;
	struct fuse_mount *fm;
	int err;

	if (!current->thread.local_mem)
		return -EPERM;
	fm = mount_new(fsc);
	if (IS_ERR(fm))
		return PTR_ERR(fm);
	fsc->s_fs_info = fm;
	sb = sget_fc(fsc, NULL, set_anon_super_fc);
	if (fsc->s_fs_info)
		fuse_mount_destroy(fm);
	if (IS_ERR(sb))
		return PTR_ERR(sb);
	err = fuse_fill_super_common(sb, ctx);
	if (err) {
		deactivate_locked_super(sb);
		return err;
	}
	fuse_send_init(fm);
	sb->s_flags |= SB_ACTIVE;
	fsc->root = dget(sb->s_root);
	return 0;
}

static void bind_free_context(struct fs_context *fsc)
{
	kfree(fsc->fs_private);
}

static const struct fs_context_operations bind_context_ops = {
	.free		= bind_free_context,
	.parse_param	= bind_parse_param,
	.get_tree	= bind_get_tree,
};

static int bind_init_fs_context(struct fs_context *fsc)
{
	struct fuse_fs_context *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return -ENOMEM;
	ctx->rootmode = S_IFDIR;
	ctx->default_permissions = true;
	ctx->allow_other = true;
	ctx->max_read = UINT_MAX;
	ctx->destroy = true;
	ctx->no_control = true;
	ctx->no_force_umount = true;
	fsc->fs_private = ctx;
	fsc->ops = &bind_context_ops;
	return 0;
}

static void bind_kill_sb(struct super_block *sb)
{
	struct fuse_mount *fm = get_fuse_mount_super(sb);

	if (sb->s_root && fuse_mount_remove(fm))
		fuse_conn_destroy(fm);
	kill_anon_super(sb);
	fuse_mount_destroy(fm);
}

static struct file_system_type bind_type = {
	.owner			= THIS_MODULE,
	.name			= "kboxbind",
	.init_fs_context	= bind_init_fs_context,
	.kill_sb		= bind_kill_sb,
};

bool kbox_is_bind(const struct inode *inode)
{
	return inode->i_sb->s_type == &bind_type;
}

static int __init bind_init(void)
{
	return register_filesystem(&bind_type);
}
module_init(bind_init);
