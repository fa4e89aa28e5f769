/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bind mounts: who serves a request, and when.
 *
 * Side: host. In front of src/bind, as disk.h is in front of disk-io.h.
 *
 * Theory of operation. Nearly all of what is asked is in the host's memory: then
 * the call is made in line. A read says so by itself (RWF_NOWAIT). For the rest
 * it is a bet, as with small writes to disks: once a call has taken long, all
 * calls of this mount go to workers for a while. What certainly waits, as fsync
 * does, always goes to a worker, and so does everything on a file system that
 * asks a server.
 */
#ifndef KBOX_LKERNEL_BINDS_H
#define KBOX_LKERNEL_BINDS_H

#include "../../abi/lkernel.h"
#include "../bind/bind.h"

struct kbox_host;

struct kbox_host_bind {
	struct kbox_bind bind;
	bool remote;			/* asks a server */
	bool in_memory;			/* never waits */
	unsigned long long slow_until_ns; /* a call in line took long */
};

struct kbox_bind_queue {
	struct kbox_bind_request *first, *last;
};

/* As kbox_bind_init(). The index of the bind mount or -errno. */
int kbox_host_add_bind(struct kbox_host *host, int fd, bool read_only,
		       const struct kbox_bind_ids *ids);
/* Part of kbox_host_done(). */
void kbox_host_binds_done(struct kbox_host *host);

/* The operations of struct kbox_host_ops. */
int kbox_host_bind_submit(struct kbox_bind_request *request);
struct kbox_bind_request *kbox_host_bind_reap(void);

#endif
