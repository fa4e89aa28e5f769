/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bind mounts: a folder or file of the host's that guests see.
 *
 * Side: host, at the end of a call's way: the library kernel's fs/fuse asks, in
 * FUSE's protocol (struct kbox_bind_request), and this folder answers with
 * calls of the host's. Several threads may do so at once.
 *
 * Theory of operation. The kernel inside walks paths, follows symbolic links and
 * checks permissions; what comes here is a node and one name in it. A node is an
 * inode of the host's, held by a descriptor that can do nothing but name it
 * (O_PATH). So a path of the host's is never walked, a rename at the host moves
 * nothing under a guest, and ".." never comes here.
 *
 * Invariants
 *  1. A name is one component, and never ".", ".." or with a slash; it is looked
 *     up beneath its node without following a symbolic link.
 *  2. Only regular files and folders are ever opened. Devices, pipes and sockets
 *     are named, and belong to the kernel inside.
 *  3. With ->read_only nothing that changes anything is done, whatever the kernel
 *     inside believes.
 *  4. A node lives from the reply that names it until the kernel has forgotten
 *     it as often as it was named.
 *
 * Whose files they are: struct kbox_bind_ids. Reasons for all of it:
 * docs/decisions/0088-bind-mounts.md. Sources: linux/fuse.h, openat2(2).
 */
#ifndef KBOX_BIND_BIND_H
#define KBOX_BIND_BIND_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "../../abi/lkernel.h"
#include "../base/limits.h"
#include "../base/list.h"

/*
 * Owners. With ->as_is those of the host are those inside. Otherwise the host's
 * user is the one inside and the other way round, likewise the group; all others
 * are shown as "nobody" and cannot be given anything.
 */
struct kbox_bind_ids {
	bool as_is;
	bool may_give;		/* the host lets us set owners */
	uid_t host_uid, guest_uid;
	gid_t host_gid, guest_gid;
};

/* An inode of the host's. */
struct kbox_bind_node {
	struct kbox_list by_inode;	/* in ->buckets */
	int fd;				/* owned; O_PATH */
	dev_t dev;
	ino_t ino;
	mode_t type;			/* S_IFMT of the mode */
	unsigned long long lookups;	/* as often the kernel knows it */
};

struct kbox_bind {
	bool read_only;
	bool single;			/* a regular file, not a folder */
	struct kbox_bind_ids ids;
	mode_t umask;			/* of this process */
	pthread_mutex_t lock;		/* over the nodes */
	struct kbox_bind_node root;
	unsigned int node_count;
	struct kbox_list buckets[KBOX_BIND_BUCKETS];
};

/*
 * Share what @fd, O_PATH of a folder or regular file, names. The descriptor is
 * taken over, also on failure. 0 or -errno.
 */
int kbox_bind_init(struct kbox_bind *bind, int fd, bool read_only,
		   const struct kbox_bind_ids *ids);
/* Nobody is serving requests any more. */
void kbox_bind_done(struct kbox_bind *bind);

/*
 * Do what @request asks for, and fill in its reply. With @now a read that would
 * have to wait for a disk is -EAGAIN instead, with nothing done; else it blocks.
 */
void kbox_bind_serve(struct kbox_bind *bind, struct kbox_bind_request *request,
		     bool now);

#endif
