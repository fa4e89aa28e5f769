/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The folder in which a user's running sandboxes are found: a socket NAME.sock
 * for each.
 *
 * Side: host. It is "kbox" in $XDG_RUNTIME_DIR; without that variable in
 * /run/user/UID, and where there is none, /tmp/kbox-UID.
 *
 * Invariants
 *  1. The folder is a folder of the user's own that nobody else can enter, or it
 *     is not used.
 *  2. Sockets are made and removed under its lock, so that a name belongs to
 *     one sandbox, and only one whose owner has died is taken away.
 */
#ifndef KBOX_CONTROL_FOLDER_H
#define KBOX_CONTROL_FOLDER_H

#include <stdbool.h>

#include "../base/limits.h"

struct kbox_control_folder {
	int fd;			/* owned; -1: closed */
	char path[256];
};

/*
 * Open it, made if need be and @make. 0; -ENOENT when there is none, and nobody
 * has run a sandbox; -EPERM when it is not the user's own, or open to others;
 * or another -errno. ->path is filled in any case, for messages.
 */
int kbox_control_folder_open(struct kbox_control_folder *folder, bool make);
void kbox_control_folder_close(struct kbox_control_folder *folder);

/* Letters, digits, "_", "-" and ".", which is not the first; short enough. */
bool kbox_control_name_is_good(const char *name);

/*
 * A listening socket with that name: a descriptor that the caller owns;
 * -EADDRINUSE when a sandbox that runs has the name; or another -errno.
 */
int kbox_control_listen(const struct kbox_control_folder *folder,
			const char *name);

/* Remove the socket of that name. */
void kbox_control_unlisten(const struct kbox_control_folder *folder,
			   const char *name);

/*
 * A connection to the sandbox of that name, of the same user: a descriptor
 * that the caller owns. -ENOENT: there is none; -EPERM: it is somebody else's.
 */
int kbox_control_connect(const struct kbox_control_folder *folder,
			 const char *name);

/*
 * Call @found with each name that has a socket, in alphabetical order; those
 * of sandboxes that were killed are removed. 0 or -errno.
 */
int kbox_control_each(const struct kbox_control_folder *folder,
		      void (*found)(const char *name, void *arg), void *arg);

/* Whether the user at the other end of @fd is our own. */
bool kbox_control_is_own(int fd);

#endif
