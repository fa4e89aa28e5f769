/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A folder of the host as a source.
 *
 * Side: host. Owners are those that the user sees, so that fakeroot(1) has its
 * say. Folders on which other file systems are mounted come without contents.
 * Symbolic links are never followed, but for the folder itself.
 */
#ifndef KBOX_IMAGE_TREE_H
#define KBOX_IMAGE_TREE_H

#include "guard.h"

/* Send all of the folder @fd, which is not consumed. 0, or -errno after one line. */
int kbox_tree_send(int fd, struct kbox_guard *guard);

#endif
