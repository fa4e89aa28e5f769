// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest files in front of host descriptors: standard input, output, error.
 *
 * Side: kernel. A read or write of a guest ends here and goes on to the host
 * through kbox_host->fd_*().
 *
 * Theory of operation: each host descriptor gets an inode in a pseudo file
 * system, of the type that the host's descriptor has, so that fstat(2) and
 * opening /proc/self/fd/N (/dev/stdout) work; terminals get names beside
 * (terminal.c). The host's operations never
 * block; when one says -EAGAIN, a blocking caller asks the host to watch the
 * descriptor and sleeps on the inode's wait queue until kbox_lk_fd_ready().
 *
 * Invariants
 *  1. struct hostfd lives as long as its inode. Evicting the inode withdraws
 *     the watch, so no cookie of a freed one is left with the host.
 *  2. The host keeps one question per cookie, so `watched` holds all events
 *     that anybody waits for, and is asked again whenever it grows or after
 *     it was answered in part.
 *  3. The host descriptor belongs to the supervisor, which is told when the last
 *     file in front of it is gone.
 *
 * Not done: seeking (a regular file of the host is a stream here), and sockets
 * as sockets (they look like pipes, since no socket call would work on them).
 * Sources: fs/pipe.c for the semantics of partial and interrupted transfers.
 */
#include <linux/fs.h>
#include <linux/file.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/pseudo_fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <linux/wait.h>

#include "kbox-drivers.h"

#define HOSTFD_MAGIC	0x6b62686f	/* statfs(2) of such a file */
#define HOSTFD_PIECE	65536UL		/* bytes per operation of the host */

struct hostfd {
	struct kbox_fd_waiter waiter;
	int fd;			/* the host's */
	unsigned int mode;	/* O_ACCMODE part of what the host allows */
	bool is_null;		/* the host's /dev/null */
	int watched;		/* poll(2) events that the host watches */
	wait_queue_head_t wait;
};

static struct vfsmount *hostfd_mount __ro_after_init;

/* Ask the host to report @events, beside what is asked for already. */
static void hostfd_watch(struct hostfd *host, int events)
{
	host->watched |= events;
	kbox_host->fd_watch(host->fd, host->watched, &host->waiter);
}

static void hostfd_ready(struct kbox_fd_waiter *waiter, int events)
{
	struct hostfd *host = container_of(waiter, struct hostfd, waiter);
	__poll_t wake = (__force __poll_t)events;

	if (wake & (EPOLLERR | EPOLLHUP | EPOLLNVAL)) {
		wake |= EPOLLIN | EPOLLOUT;
		host->watched = 0;
	}
	if (wake & EPOLLIN)
		wake |= EPOLLRDNORM;
	if (wake & EPOLLOUT)
		wake |= EPOLLWRNORM;
	host->watched &= ~events;
	wake_up_poll(&host->wait, wake);
	if (host->watched)
		hostfd_watch(host, 0);
}

struct ready {
	struct kbox_fd_waiter *waiter;
	int events;
};

static void call_waiter(void *arg)
{
	struct ready *ready = arg;

	ready->waiter->ready(ready->waiter, ready->events);
}

void kbox_lk_fd_ready(void *cookie, int events)
{
	struct ready ready = { .waiter = cookie, .events = events };

	kbox_run_irq(call_waiter, &ready);
}

/* Sleep until @events may hold. 0, or -ERESTARTSYS after a signal. */
static int hostfd_wait(struct hostfd *host, int events)
{
	DEFINE_WAIT(wait);
	int err = 0;

	prepare_to_wait(&host->wait, &wait, TASK_INTERRUPTIBLE);
	hostfd_watch(host, events);
	if (signal_pending(current))
		err = -ERESTARTSYS;
	else
		schedule();
	finish_wait(&host->wait, &wait);
	return err;
}

/*
 * After an -EAGAIN that the caller is told about. An edge-triggered poller
 * depends on hearing of the next change.
 */
static void hostfd_would_block(struct hostfd *host, int events)
{
	if (waitqueue_active(&host->wait))
		hostfd_watch(host, events);
}

static bool hostfd_nonblock(struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK ||
	       iocb->ki_flags & IOCB_NOWAIT;
}

static ssize_t hostfd_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct hostfd *host = iocb->ki_filp->private_data;
	bool whole = S_ISREG(file_inode(iocb->ki_filp)->i_mode);
	size_t size = min(iov_iter_count(to), HOSTFD_PIECE);
	ssize_t done = 0;
	void *buf;
	long n;

	if (!size)
		return 0;
	buf = kmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	n = kbox_host->fd_job_control(host->fd, current->tgid, SIGTTIN);
	if (n) {
		kfree(buf);
		return n;
	}

	/* Regular files give all that was asked for, streams what is there. */
	do {
		size_t piece = min(iov_iter_count(to), size);
		size_t copied;

		n = kbox_host->fd_read(host->fd, buf, piece);
		if (n == -EAGAIN && done)
			break;
		if (n == -EAGAIN && hostfd_nonblock(iocb)) {
			hostfd_would_block(host, POLLIN);
			break;
		}
		if (n == -EAGAIN) {
			n = hostfd_wait(host, POLLIN);
			if (n)
				break;
			continue;
		}
		if (n <= 0)
			break;
		copied = copy_to_iter(buf, n, to);
		done += copied;
		if (copied < n) {
			n = -EFAULT;
			break;
		}
		if (!whole || n < piece)
			break;
	} while (iov_iter_count(to));

	kfree(buf);
	return done ? done : n;
}

/* All of @buf, or less than @len after a signal or error, left in @ret_err. */
static size_t hostfd_push(struct kiocb *iocb, const void *buf, size_t len,
			  long *ret_err)
{
	struct hostfd *host = iocb->ki_filp->private_data;
	size_t done = 0;

	while (done < len) {
		long n = kbox_host->fd_write(host->fd, buf + done, len - done);

		if (n > 0) {
			done += n;
			continue;
		}
		if (n == -EAGAIN && !hostfd_nonblock(iocb))
			n = hostfd_wait(host, POLLOUT);
		else if (n == -EAGAIN)
			hostfd_would_block(host, POLLOUT);
		else if (n == 0)
			n = -EIO;
		if (n) {
			*ret_err = n;
			break;
		}
	}
	return done;
}

static ssize_t hostfd_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	size_t size = min(iov_iter_count(from), HOSTFD_PIECE);
	ssize_t done = 0;
	long err = 0;
	void *buf;

	if (!size)
		return 0;
	buf = kmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	while (!err && iov_iter_count(from)) {
		size_t piece = min(iov_iter_count(from), size);
		size_t copied = copy_from_iter(buf, piece, from);

		if (copied)
			done += hostfd_push(iocb, buf, copied, &err);
		if (!err && copied < piece)
			err = -EFAULT;
	}
	kfree(buf);
	if (err == -EPIPE)
		send_sig(SIGPIPE, current, 0);
	return done ? done : err;
}

static __poll_t hostfd_poll(struct file *file, poll_table *table)
{
	struct hostfd *host = file->private_data;
	__poll_t asked = poll_requested_events(table);
	int want = 0, missing;
	__poll_t mask;

	if (file->f_mode & FMODE_READ && asked & (EPOLLIN | EPOLLRDNORM))
		want |= POLLIN;
	if (file->f_mode & FMODE_WRITE && asked & (EPOLLOUT | EPOLLWRNORM))
		want |= POLLOUT;
	want |= (__force int)(asked & (EPOLLPRI | EPOLLRDHUP));

	poll_wait(file, &host->wait, table);
	mask = (__force __poll_t)kbox_host->fd_poll(host->fd, want);
	if (mask & EPOLLIN)
		mask |= EPOLLRDNORM;
	if (mask & EPOLLOUT)
		mask |= EPOLLWRNORM;

	/*
	 * A table that does not wait belongs either to a caller that only
	 * looks, or to an epoll set, which then sits on the wait queue.
	 */
	missing = want & ~(__force int)mask;
	if (missing && !(mask & (EPOLLERR | EPOLLHUP | EPOLLNVAL)) &&
	    waitqueue_active(&host->wait))
		hostfd_watch(host, missing);
	return mask;
}

static long hostfd_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct hostfd *host = file->private_data;

	return kbox_hostfd_ioctl(host->fd, cmd, arg);
}

static int hostfd_fsync(struct file *file, loff_t start, loff_t end, int data)
{
	return S_ISREG(file_inode(file)->i_mode) ? 0 : -EINVAL;
}

static bool hostfd_allows(const struct hostfd *host, fmode_t mode)
{
	if (mode & FMODE_READ && host->mode == O_WRONLY)
		return false;
	return !(mode & FMODE_WRITE && host->mode == O_RDONLY);
}

/* Let @file work on the descriptor of @inode. 0, or -EACCES for its mode. */
int kbox_hostfd_attach(struct inode *inode, struct file *file)
{
	struct hostfd *host = inode->i_private;

	if (!hostfd_allows(host, file->f_mode))
		return -EACCES;
	file->private_data = host;
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

const struct file_operations kbox_hostfd_fops = {
	/* Again, through /proc/self/fd: /dev/stdin and its like. */
	.open		= kbox_hostfd_attach,
	.read_iter	= hostfd_read_iter,
	.write_iter	= hostfd_write_iter,
	.poll		= hostfd_poll,
	.unlocked_ioctl	= hostfd_ioctl,
	.fsync		= hostfd_fsync,
	.splice_read	= copy_splice_read,
	.splice_write	= iter_file_splice_write,
};

static void hostfd_evict_inode(struct inode *inode)
{
	struct hostfd *host = inode->i_private;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (host) {
		kbox_host->fd_watch(host->fd, 0, &host->waiter);
		kbox_host->fd_put(host->fd);
		kfree(host);
	}
}

static const struct super_operations hostfd_super_ops = {
	.statfs		= simple_statfs,
	.drop_inode	= generic_delete_inode,
	.evict_inode	= hostfd_evict_inode,
};

static char *hostfd_dname(struct dentry *dentry, char *buffer, int len)
{
	const struct hostfd *host = d_inode(dentry)->i_private;

	if (host->is_null)
		return dynamic_dname(buffer, len, "/dev/null");
	return dynamic_dname(buffer, len, "host:[%d]", host->fd);
}

static const struct dentry_operations hostfd_dentry_ops = {
	.d_dname	= hostfd_dname,
};

static int hostfd_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, HOSTFD_MAGIC);

	if (!ctx)
		return -ENOMEM;
	ctx->ops = &hostfd_super_ops;
	ctx->dops = &hostfd_dentry_ops;
	return 0;
}

static struct file_system_type hostfd_fs_type = {
	.name			= "kboxfd",
	.init_fs_context	= hostfd_init_fs_context,
	.kill_sb		= kill_anon_super,
};

/* An inode that looks like host descriptor @fd. */
static struct inode *hostfd_inode(int fd, unsigned int flags)
{
	struct kbox_host_stat st;
	struct hostfd *host;
	struct inode *inode;
	int err;

	err = kbox_host->fd_stat(fd, &st);
	if (err)
		return ERR_PTR(err);
	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host)
		return ERR_PTR(-ENOMEM);
	inode = new_inode(hostfd_mount->mnt_sb);
	if (!inode) {
		kfree(host);
		return ERR_PTR(-ENOMEM);
	}

	host->waiter.ready = hostfd_ready;
	host->fd = fd;
	host->mode = flags & O_ACCMODE;
	init_waitqueue_head(&host->wait);
	inode->i_ino = get_next_ino();
	inode->i_private = host;
	inode->i_fop = &kbox_hostfd_fops;
	/* Whoever holds the descriptor may open it again. */
	inode->i_mode = S_IFIFO | 0666;
	if (S_ISCHR(st.mode)) {
		inode->i_mode = S_IFCHR | 0666;
		inode->i_rdev = MKDEV(st.rdev_major, st.rdev_minor);
		host->is_null = inode->i_rdev == MKDEV(1, 3);
	} else if (S_ISREG(st.mode)) {
		inode->i_mode = S_IFREG | 0666;
	}
	simple_inode_init_ts(inode);
	return inode;
}

/*
 * Give current a file in front of @host_fd, at its lowest free descriptor.
 * @flags: O_ACCMODE, O_NONBLOCK, O_APPEND, O_CLOEXEC. The host descriptor
 * must stay open as long as any task has the file. Returns the guest's
 * descriptor, or -EBADF, -EMFILE, -ENOMEM ...
 */
long kbox_hostfd_open(int host_fd, unsigned int flags)
{
	struct inode *inode;
	struct file *file;
	int fd;

	inode = hostfd_inode(host_fd, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);

	fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd < 0) {
		iput(inode);
		return fd;
	}
	flags &= O_ACCMODE | O_NONBLOCK | O_APPEND;
	file = kbox_terminal_open(inode, host_fd, flags);
	if (file) {
		iput(inode);
		fd_install(fd, file);
		return fd;
	}
	file = alloc_file_pseudo(inode, hostfd_mount, "", flags,
				 &kbox_hostfd_fops);
	if (IS_ERR(file)) {
		iput(inode);
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	file->private_data = inode->i_private;
	file->f_mode |= FMODE_NOWAIT;
	stream_open(inode, file);
	fd_install(fd, file);
	return fd;
}

static int __init hostfd_init(void)
{
	hostfd_mount = kern_mount(&hostfd_fs_type);
	return PTR_ERR_OR_ZERO(hostfd_mount);
}
fs_initcall(hostfd_init);
