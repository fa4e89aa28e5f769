/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The front: the process that the user started, and what it leaves to others.
 *
 * Side: host. It forks the supervisor, before anything was allocated, passes
 * signals to it, and ends with its status. What a supervisor that was killed
 * leaves behind, it kills; and as long as it lives it holds the user's
 * terminal's settings, to put them back.
 *
 *	front			visible: waits, forwards, cleans up
 *	 +- supervisor		the kernel, the parent of the first guest
 *	 |   +- guests
 *	 +- keeper		for when both were killed (keeper.h)
 *
 * Invariants
 *  1. When the front ends by itself, no process of the box is left.
 *  2. Front, supervisor and first guest are in one process group: what a
 *     terminal sends reaches each of them, and only what was sent to the front
 *     alone is forwarded. When the box takes the terminal, the supervisor leads
 *     a session of its own instead (console.h), and everything is forwarded.
 *  3. When the front is killed, the supervisor gets KBOX_SIGNAL_ORPHANED,
 *     kills the guests and unmounts the image.
 */
#ifndef KBOX_LAUNCH_FRONT_H
#define KBOX_LAUNCH_FRONT_H

#include <stdbool.h>
#include <sys/types.h>

#include "../lkernel/terminal.h"
#include "loader-file.h"

/* Which file the guests execute: what the supervisor tells the front. */
struct kbox_front_loader {
	dev_t dev;
	ino_t ino;
};

/* The supervisor's view of the front. */
struct kbox_front {
	int pid;
	int socket_fd;			/* owned; -1: the front knows all */
	struct kbox_terminal terminal;	/* before anything of ours */
};

/*
 * Become front and supervisor. Returns in the supervisor: 0, or -errno in the
 * only process when there is no second one. The front exits.
 */
int kbox_front_start(struct kbox_front *front);

/*
 * By which file the guests are known, and that its lock shall be kept. Before
 * there can be a guest without a lifeline; the front starts the keeper then.
 */
void kbox_front_tell_loader(struct kbox_front *front,
			    const struct kbox_loader_slot *slot);

/* No guest is left, and the supervisor is about to exit. */
void kbox_front_tell_end(struct kbox_front *front);

#endif
