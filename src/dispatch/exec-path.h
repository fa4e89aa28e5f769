/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path string of an exec, and what shares memory with it.
 *
 * Side: host.
 *
 * The path in the guest's memory is replaced by one of the loader of the same
 * length: "l", "ll", "./l", ".//l" and so on; or an absolute one, for an execveat
 * whose descriptor does not count and may be none. The host copies arguments and
 * environment after it has read the path, and they may be the same memory:
 * argv[0] often is the path, and the path of a shell often is inside $SHELL.
 * Since lengths stay, such a string has the wrong bytes but the right place in
 * the new image, where it is repaired when the loader tells the layout.
 */
#ifndef KBOX_DISPATCH_EXEC_PATH_H
#define KBOX_DISPATCH_EXEC_PATH_H

#include "../guest/box.h"

/*
 * Replace the path of the exec of @thread, noting which arguments and variables
 * overlap it; by an absolute one if @absolute. 0; -EBADF if that one does not
 * fit; -EFAULT; -ENOENT for an empty path; -ENOMEM; another -errno.
 */
int kbox_exec_path_replace(struct kbox_box *box, struct kbox_thread *thread,
			   bool absolute);

/* Put the path back, unless the guest itself has changed it. */
void kbox_exec_path_restore(struct kbox_exec *exec);

/* Repair in the new image, laid out as @layout says, what was damaged. */
void kbox_exec_path_repair(struct kbox_thread *thread,
			   const struct kbox_exec_layout *layout);

#endif
