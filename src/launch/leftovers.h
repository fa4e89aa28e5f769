/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is left of a box when its supervisor is gone.
 *
 * Side: host. Every guest executes the box's own copy of the loader (see
 * loader-file.h), and that is how it is known: not by its parent, which may
 * have ended, nor by its number.
 *
 * Invariants
 *  1. The caller holds the lock of the loader's slot, so that no other box can
 *     be executing the same copy.
 *  2. The signal goes to the process that was looked at, also when its number
 *     is given to another one at that moment.
 *
 * Without a supervisor no guest can make another process, but one that was
 * being made may still appear.
 */
#ifndef KBOX_LAUNCH_LEFTOVERS_H
#define KBOX_LAUNCH_LEFTOVERS_H

#include <sys/types.h>

/*
 * Kill all processes that execute the file @ino on @dev, and reap those of
 * them that are the caller's children. 0 when none is left, or -ETIMEDOUT
 * after KBOX_KILL_GRACE_NS.
 */
int kbox_leftovers_kill(dev_t dev, ino_t ino);

#endif
