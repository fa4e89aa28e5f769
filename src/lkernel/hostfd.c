/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host descriptors behind files of guests: standard input and the like.
 *
 * Side: host, on kernel tasks' stacks.
 *
 * Invariants
 *  1. No operation blocks, and none changes O_NONBLOCK of a description that
 *     other programs share: a terminal or a pipe is opened anew through
 *     /proc/self/fd where the host allows that; a socket takes MSG_DONTWAIT;
 *     for the rest poll(2) is asked first, and then no more is written than a
 *     pipe takes that poll(2) calls writable.
 *  2. A file keeps the shared description, so that its offset moves on for
 *     whoever uses it after kbox.
 *  3. Each descriptor has one watch in the loop, made of all questions about
 *     it; a question is answered once.
 *  4. A line that is held gives no input and is not watched for any: what the
 *     user types then is for others. It may still be written to.
 *
 * Sources: pipe(7), poll(2), preadv2(2); tty_check_change() in the kernel's
 * drivers/tty/tty_jobctrl.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "host.h"

/* epoll's events have poll(2)'s values. */
_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
		       EPOLLPRI == POLLPRI && EPOLLERR == POLLERR &&
		       EPOLLHUP == POLLHUP,
	       "poll and epoll events are the same");

struct kbox_host_fd *kbox_host_find_fd(int fd)
{
	struct kbox_host *host = kbox_host();

	for (unsigned int i = 0; i < KBOX_HOST_FDS_MAX; i++)
		if (host->fds[i].kind != KBOX_HOST_FD_FREE &&
		    host->fds[i].watch.fd == fd)
			return &host->fds[i];
	return NULL;
}

/* Opening the master of a pseudoterminal again would make a new pair. */
static bool is_terminal(int fd, const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev != makedev(5, 2) &&
	       isatty(fd);
}

/* A description of our own of the same file with O_NONBLOCK, or -1. */
static int open_again(int fd)
{
	char path[32];
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, (flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK |
				  O_NOCTTY | O_CLOEXEC);
}

static enum kbox_host_fd_kind classify(int fd, const struct stat *st,
				       int *ret_own)
{
	bool again = S_ISFIFO(st->st_mode) || is_terminal(fd, st);

	*ret_own = again ? open_again(fd) : -1;
	if (*ret_own >= 0)
		return KBOX_HOST_FD_OWN;
	if (S_ISSOCK(st->st_mode))
		return KBOX_HOST_FD_SOCKET;
	if (S_ISREG(st->st_mode) || S_ISBLK(st->st_mode) ||
	    S_ISDIR(st->st_mode))
		return KBOX_HOST_FD_DIRECT;
	return KBOX_HOST_FD_SHARED;
}

/* Ask all questions about @fd that @events answers; each only once. */
static void answer(struct kbox_host *host, struct kbox_host_fd *fd, int events)
{
	for (unsigned int i = 0; i < KBOX_FD_WATCHES_MAX; i++) {
		struct kbox_host_question *q = &host->questions[i];
		void *cookie = q->cookie;
		int met;

		if (!cookie || q->fd != fd)
			continue;
		met = events & (q->events | POLLERR | POLLHUP | POLLNVAL);
		if (!met)
			continue;
		q->cookie = NULL;
		kbox_lk_fd_ready(cookie, met);
	}
}

/* Make the loop's watch of @fd what its questions need. */
static int update_watch(struct kbox_host *host, struct kbox_host_fd *fd)
{
	unsigned int events = 0;
	bool wanted = false;
	int err;

	for (unsigned int i = 0; i < KBOX_FD_WATCHES_MAX; i++) {
		if (!host->questions[i].cookie || host->questions[i].fd != fd)
			continue;
		wanted = true;
		events |= (unsigned int)host->questions[i].events;
	}
	if (fd->held) {
		events &= ~(unsigned int)POLLIN;
		wanted = events;
	}
	if (!wanted) {
		if (fd->watched)
			kbox_loop_del(host->loop, &fd->watch);
		fd->watched = false;
		return 0;
	}
	if (fd->watched && fd->watch.events == events)
		return 0;
	fd->watch.events = events;
	err = fd->watched ? kbox_loop_mod(host->loop, &fd->watch) :
			    kbox_loop_add(host->loop, &fd->watch);
	if (!err)
		fd->watched = true;
	return err;
}

static void fd_ready(struct kbox_watch *watch, unsigned int events)
{
	struct kbox_host_fd *fd =
		KBOX_CONTAINER_OF(watch, struct kbox_host_fd, watch);

	if (events & POLLIN && fd->may_read && !fd->may_read(fd->arg)) {
		fd->held = true;
		events &= ~(unsigned int)POLLIN;
	}
	answer(kbox_host(), fd, (int)events);
	update_watch(kbox_host(), fd);
}

static void start_tty_reader(struct kbox_host *host)
{
	int fds[KBOX_HOST_FDS_MAX];

	host->tty_reader_wanted = false;
	if (host->tty_reader.pid)
		return;
	/* All, so that they have the same index there. */
	for (unsigned int i = 0; i < KBOX_HOST_FDS_MAX; i++)
		fds[i] = host->fds[i].tty ? host->fds[i].watch.fd :
					    host->ready_watch.fd;
	if (kbox_tty_reader_start(&host->tty_reader, fds, KBOX_HOST_FDS_MAX))
		kbox_warn("cannot read the terminal in the background");
}

/* Questions about files that are always ready, and other work for later. */
static void always_ready(struct kbox_watch *watch,
			 unsigned int events KBOX_UNUSED)
{
	struct kbox_host *host = kbox_host();

	kbox_loop_del(host->loop, watch);
	if (host->tty_reader_wanted)
		start_tty_reader(host);
	for (unsigned int i = 0; i < KBOX_HOST_FDS_MAX; i++)
		if (host->fds[i].kind != KBOX_HOST_FD_FREE &&
		    !host->fds[i].watched)
			answer(host, &host->fds[i], POLLIN | POLLOUT);
}

int kbox_host_fds_init(struct kbox_host *host)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	host->ready_watch.fd = fd;
	host->ready_watch.events = EPOLLIN;
	host->ready_watch.priority = KBOX_PRIO_FD;
	host->ready_watch.ready = always_ready;
	return 0;
}

void kbox_host_fds_done(struct kbox_host *host)
{
	for (unsigned int i = 0; i < KBOX_HOST_FDS_MAX; i++) {
		struct kbox_host_fd *fd = &host->fds[i];

		if (fd->kind == KBOX_HOST_FD_FREE)
			continue;
		if (fd->watched)
			kbox_loop_del(host->loop, &fd->watch);
		kbox_close(fd->watch.fd);
		fd->kind = KBOX_HOST_FD_FREE;
	}
	kbox_loop_del(host->loop, &host->ready_watch);
	kbox_close(host->ready_watch.fd);
	kbox_tty_reader_stop(&host->tty_reader);
}

int kbox_host_add_fd(struct kbox_host *host, int fd)
{
	struct kbox_host_fd *slot = NULL;
	enum kbox_host_fd_kind kind;
	struct stat st;
	int own;

	for (unsigned int i = 0; i < KBOX_HOST_FDS_MAX && !slot; i++)
		if (host->fds[i].kind == KBOX_HOST_FD_FREE)
			slot = &host->fds[i];
	if (!slot)
		return -EMFILE;
	if (fstat(fd, &st) < 0)
		return -errno;
	kind = classify(fd, &st, &own);
	if (own < 0)
		own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0)
		return -errno;
	memset(slot, 0, sizeof(*slot));
	slot->kind = kind;
	slot->tty = is_terminal(own, &st) && tcgetsid(own) == getsid(0);
	slot->watch.fd = own;
	slot->watch.priority = KBOX_PRIO_FD;
	slot->watch.ready = fd_ready;
	return own;
}

int kbox_host_add_line(struct kbox_host *host, int fd,
		       bool (*may_read)(void *arg), void *arg)
{
	int own = kbox_host_add_fd(host, fd);
	struct kbox_host_fd *line;

	if (own < 0)
		return own;
	line = kbox_host_find_fd(own);
	/* Its rules of job control hold for no process of the box. */
	line->tty = false;
	line->may_read = may_read;
	line->arg = arg;
	line->held = true;
	return own;
}

void kbox_host_resume_line(struct kbox_host *host, int fd)
{
	struct kbox_host_fd *line = kbox_host_find_fd(fd);

	line->held = false;
	update_watch(host, line);
}

/*
 * Those of the user's terminal stay, since the reader knows them by their
 * places.
 */
void kbox_host_fd_put(int fd)
{
	struct kbox_host *host = kbox_host();
	struct kbox_host_fd *slot = kbox_host_find_fd(fd);

	if (!slot || slot->tty)
		return;
	if (slot->watched)
		kbox_loop_del(host->loop, &slot->watch);
	slot->watched = false;
	kbox_close(fd);
	slot->kind = KBOX_HOST_FD_FREE;
}

static short poll_now(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int n;

	do
		n = poll(&pfd, 1, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? POLLNVAL : pfd.revents;
}

/*
 * Reading or writing a description that may block: without waiting where the
 * host can do that for such a file, else only when poll(2) says that it will
 * not wait.
 */
static ssize_t shared_io(int fd, struct iovec *iov, bool writing)
{
	short wanted = writing ? POLLOUT : POLLIN;
	ssize_t n = writing ? pwritev2(fd, iov, 1, -1, RWF_NOWAIT) :
			      preadv2(fd, iov, 1, -1, RWF_NOWAIT);

	if (n >= 0 || (errno != EOPNOTSUPP && errno != EINVAL))
		return n;
	if (!(poll_now(fd, wanted) & (wanted | POLLHUP | POLLERR | POLLNVAL))) {
		errno = EAGAIN;
		return -1;
	}
	if (writing && iov->iov_len > KBOX_FD_BLOCKING_WRITE_MAX)
		iov->iov_len = KBOX_FD_BLOCKING_WRITE_MAX;
	return writing ? writev(fd, iov, 1) : readv(fd, iov, 1);
}

static ssize_t fd_io(const struct kbox_host_fd *host_fd, struct iovec *iov,
		     bool writing)
{
	int fd = host_fd->watch.fd;

	switch (host_fd->kind) {
	case KBOX_HOST_FD_SOCKET:
		return writing ? send(fd, iov->iov_base, iov->iov_len,
				      MSG_DONTWAIT | MSG_NOSIGNAL) :
				 recv(fd, iov->iov_base, iov->iov_len,
				      MSG_DONTWAIT);
	case KBOX_HOST_FD_SHARED:
		return shared_io(fd, iov, writing);
	default:
		return writing ? writev(fd, iov, 1) : readv(fd, iov, 1);
	}
}

static long checked_io(int fd, struct iovec *iov, bool writing)
{
	const struct kbox_host_fd *host_fd = kbox_host_find_fd(fd);
	ssize_t n;

	if (!host_fd)
		return -EBADF;
	do
		n = fd_io(host_fd, iov, writing);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/*
 * The terminal gave EIO: we are in the background, and the guest is not. The
 * first time, the reader is started from the loop, and the caller waits for
 * input as if there was none yet.
 */
static long read_tty(int fd, void *buf, unsigned long len)
{
	struct kbox_host *host = kbox_host();
	unsigned int index =
		(unsigned int)(kbox_host_find_fd(fd) - host->fds);

	if (host->tty_reader.pid)
		return kbox_tty_reader_read(&host->tty_reader, index, buf, len);
	host->tty_reader_wanted = true;
	kbox_loop_add(host->loop, &host->ready_watch);
	return -EAGAIN;
}

long kbox_host_fd_read(int fd, void *buf, unsigned long len)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	const struct kbox_host_fd *host_fd = kbox_host_find_fd(fd);
	long n;

	if (host_fd && host_fd->held)
		return -EAGAIN;
	n = checked_io(fd, &iov, false);
	if (n == -EIO && host_fd->tty)
		return read_tty(fd, buf, len);
	return n;
}

long kbox_host_fd_write(int fd, const void *buf, unsigned long len)
{
	struct iovec iov = { .iov_base = (void *)(unsigned long)buf,
			     .iov_len = len };

	return checked_io(fd, &iov, true);
}

int kbox_host_fd_poll(int fd, int events)
{
	if (!kbox_host_find_fd(fd))
		return POLLNVAL;
	return poll_now(fd, (short)events);
}

/* The question of @cookie, or a free one. */
static struct kbox_host_question *question(struct kbox_host *host, void *cookie)
{
	struct kbox_host_question *free_one = NULL;

	for (unsigned int i = 0; i < KBOX_FD_WATCHES_MAX; i++) {
		if (host->questions[i].cookie == cookie)
			return &host->questions[i];
		if (!host->questions[i].cookie && !free_one)
			free_one = &host->questions[i];
	}
	return free_one;
}

int kbox_host_fd_watch(int fd, int events, void *cookie)
{
	struct kbox_host *host = kbox_host();
	struct kbox_host_fd *host_fd = kbox_host_find_fd(fd);
	struct kbox_host_question *q = question(host, cookie);
	int err;

	if (!host_fd)
		return -EBADF;
	if (!q)
		return -ENOSPC;
	if (!events && !q->cookie)
		return 0;
	q->cookie = events ? cookie : NULL;
	q->fd = host_fd;
	q->events = events;
	err = update_watch(host, host_fd);
	if (err == -EPERM) {
		/* epoll cannot watch files: they are always ready. */
		err = kbox_loop_add(host->loop, &host->ready_watch);
		if (err == -EEXIST)
			err = 0;
	}
	if (err)
		q->cookie = NULL;
	return err;
}

/* The terminal controls that a guest may use on its standard files. */
static bool ioctl_allowed(unsigned int cmd)
{
	switch (cmd) {
	case TCGETS:
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCGETA:
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
	case 0x802c542a: /* TCGETS2 */
	case 0x402c542b: /* TCSETS2 */
	case 0x402c542c: /* TCSETSW2 */
	case 0x402c542d: /* TCSETSF2 */
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
	case TCFLSH:
	case TIOCGWINSZ:
	case TIOCSWINSZ:
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
	case TIOCOUTQ:
	case TIOCGETD:
	case TIOCGEXCL:
	case FIONREAD:
		return true;
	default:
		return false;
	}
}

/*
 * SIGTTOU is blocked in the supervisor, so setting a terminal works although
 * the guest's process group, not ours, is the terminal's foreground.
 */
int kbox_host_fd_ioctl(int fd, unsigned int cmd, void *arg)
{
	bool by_value = cmd == TCSBRK || cmd == TCSBRKP || cmd == TCXONC ||
			cmd == TCFLSH;
	int n;

	if (!kbox_host_find_fd(fd))
		return -EBADF;
	if (!ioctl_allowed(cmd))
		return -ENOTTY;
	do
		n = by_value ? ioctl(fd, cmd, (unsigned long)arg) :
			       ioctl(fd, cmd, arg);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int kbox_host_fd_stat(int fd, struct kbox_host_stat *ret_st)
{
	struct stat st;

	if (!kbox_host_find_fd(fd))
		return -EBADF;
	if (fstat(fd, &st) < 0)
		return -errno;
	ret_st->mode = st.st_mode;
	ret_st->rdev_major = major(st.st_rdev);
	ret_st->rdev_minor = minor(st.st_rdev);
	return 0;
}
