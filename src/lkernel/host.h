/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host half of the library kernel: what its struct kbox_host_ops needs.
 *
 * Side: host. The kernel calls these operations while it is entered, on the
 * 32 KiB stacks of its tasks.
 *
 * Invariants
 *  1. There is one struct kbox_host per process, since there is one booted
 *     kernel and its operations carry no context.
 *  2. Operations do not call into the kernel, but for shadow_get, which
 *     calls kbox_lk_file_fill().
 *  3. The arrays in local[] and remote[] are used within one operation that
 *     does not switch tasks, so two tasks never share them.
 */
#ifndef KBOX_LKERNEL_HOST_H
#define KBOX_LKERNEL_HOST_H

#include <stdbool.h>
#include <sys/uio.h>

#include "../../abi/lkernel.h"
#include "../base/limits.h"
#include "../shadow/live.h"
#include "../shadow/shadow-cache.h"
#include "binds.h"
#include "disk.h"
#include "loop.h"
#include "tty-reader.h"
#include "workers.h"

struct kbox_box;

/* How a host descriptor is kept from blocking. */
enum kbox_host_fd_kind {
	KBOX_HOST_FD_FREE,
	KBOX_HOST_FD_DIRECT,	/* a file or disk: never blocks for long */
	KBOX_HOST_FD_OWN,	/* a description of our own with O_NONBLOCK */
	KBOX_HOST_FD_SOCKET,	/* MSG_DONTWAIT */
	KBOX_HOST_FD_SHARED,	/* RWF_NOWAIT, or poll(2) first */
};

/* A host descriptor behind files of guests. */
struct kbox_host_fd {
	struct kbox_watch watch;	/* watch.fd is the descriptor, owned */
	enum kbox_host_fd_kind kind;
	bool watched;			/* the loop knows the watch */
	bool tty;			/* the terminal of our session */
	/*
	 * Of a line: asked before input is read. When it says no, the line is
	 * held: there is no input until kbox_host_resume_line().
	 */
	bool (*may_read)(void *arg);
	void *arg;
	bool held;
};

/* One question of fd_watch. */
struct kbox_host_question {
	void *cookie;			/* NULL: free */
	struct kbox_host_fd *fd;
	int events;			/* poll(2)'s */
};

struct kbox_host {
	struct kbox_loop *loop;
	/* Who forwards signals, and for which box; NULL while there is none. */
	void (*raise)(struct kbox_box *box, int tgid, int tid, int sig);
	struct kbox_box *box;		/* not owned */
	int ram_fd;			/* owned; -1 before the boot */
	unsigned long long ram_bytes;
	unsigned int disk_count;
	struct kbox_host_disk disks[KBOX_LK_DISKS_MAX];
	unsigned int bind_count;
	struct kbox_host_bind *binds[KBOX_BINDS_MAX];	/* owned */
	struct kbox_workers workers;	/* for disks and bind mounts */
	struct kbox_disk_queue disk_done;	/* to be reaped */
	struct kbox_bind_queue bind_done;	/* likewise */
	struct kbox_host_fd fds[KBOX_HOST_FDS_MAX];
	struct kbox_host_question questions[KBOX_FD_WATCHES_MAX];
	/*
	 * Questions about files that epoll cannot watch since they are always
	 * ready: an eventfd that is always readable stands for them.
	 */
	struct kbox_watch ready_watch;
	struct kbox_tty_reader tty_reader;
	bool tty_reader_wanted;		/* to be started from the loop */
	struct kbox_shadow_cache shadows;
	struct kbox_live_table lives;
	char console_line[KBOX_CONSOLE_LINE_MAX];
	unsigned int console_len;
	void (*at_panic)(void);		/* may be NULL */
	struct iovec local[KBOX_IOV_MAX];
	struct iovec remote[KBOX_IOV_MAX];
};

/*
 * Prepare the operations. @loop must outlive the host. 0 or -errno, -EBUSY
 * when there is one already.
 */
int kbox_host_init(struct kbox_host *host, struct kbox_loop *loop,
		   unsigned long long shadow_budget_bytes);
void kbox_host_done(struct kbox_host *host);

/* The operations of the one host, for kbox_lk_boot(). */
const struct kbox_host_ops *kbox_host_ops(void);

/* The one host. */
struct kbox_host *kbox_host(void);

/*
 * Take a duplicate of @fd, with a file description of its own where that is
 * possible, for KBOX_CALL_HOSTFD. Returns the descriptor's number, which
 * belongs to the host, or -errno.
 */
int kbox_host_add_fd(struct kbox_host *host, int fd);

/*
 * The same for a terminal that is the line of KBOX_CALL_TERMINAL's. It is held
 * at first, and again when @may_read(@arg) is false; NULL: it never is.
 */
int kbox_host_add_line(struct kbox_host *host, int fd,
		       bool (*may_read)(void *arg), void *arg);
void kbox_host_resume_line(struct kbox_host *host, int fd);

/* The operations, one file per group. */
unsigned long long kbox_host_monotonic_ns(void);
unsigned long long kbox_host_realtime_ns(void);
void *kbox_host_ram_map(unsigned long long bytes);
void *kbox_host_ram_alias(const unsigned long long *offsets,
			  unsigned int count);
void kbox_host_ram_unalias(void *addr, unsigned int count);
void kbox_host_console_write(const char *text, unsigned long len);
/* Log the last lines of the kernel's own log, for when something has failed. */
void kbox_host_show_log(void);
void kbox_host_panic(const char *why) __attribute__((noreturn));
void kbox_host_random(void *buf, unsigned long len);
int kbox_host_mem_read(int tgid, void *dst, unsigned long addr,
		       unsigned long len, unsigned long *ret_done);
int kbox_host_mem_write(int tgid, const struct kbox_mem_write *writes,
			unsigned int count, unsigned long *ret_done);
int kbox_host_mem_force(int tgid, void *buf, unsigned long addr,
			unsigned long len, int write, unsigned long *ret_done);
long kbox_host_text(const struct kbox_text *which, char *buf,
		    unsigned long size);
long kbox_host_pagemap_read(int tgid, void *buf, unsigned long size,
			    unsigned long long offset);
long kbox_host_clear_refs(int tgid, const char *text, unsigned long len);
void kbox_host_load(unsigned long ret_loads[3]);
long kbox_host_fd_read(int fd, void *buf, unsigned long len);
long kbox_host_fd_write(int fd, const void *buf, unsigned long len);
int kbox_host_fd_poll(int fd, int events);
int kbox_host_fd_watch(int fd, int events, void *cookie);
void kbox_host_fd_put(int fd);
int kbox_host_fd_ioctl(int fd, unsigned int cmd, void *arg);
int kbox_host_fd_stat(int fd, struct kbox_host_stat *ret_st);
int kbox_host_fd_job_control(int fd, int tgid, int sig);
int kbox_host_fd_controls(int fd, int tgid);

/* The host's descriptor with this number, or NULL. */
struct kbox_host_fd *kbox_host_find_fd(int fd);

/* Parts of kbox_host_init() and _done(). */
int kbox_host_fds_init(struct kbox_host *host);
void kbox_host_fds_done(struct kbox_host *host);

#endif
