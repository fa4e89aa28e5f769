/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that join a running box, and what else clients ask it for.
 *
 * Side: host, on the supervisor's thread, from its loop. A program that joins
 * goes the way of the first guest (child.h, first.h), but for a process that is
 * forked from the supervisor while guests run. That takes about a millisecond,
 * and the disk's time when what it executes is not in memory yet; other guests'
 * calls wait meanwhile (docs/decisions/0092-joining-a-box.md).
 */
#ifndef KBOX_LAUNCH_JOIN_H
#define KBOX_LAUNCH_JOIN_H

#include <signal.h>

#include "../control/server.h"
#include "../guest/box.h"
#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "options.h"

/* What joining needs of the run. Nothing is owned. */
struct kbox_joiner {
	struct kbox_box *box;
	struct kbox_host *host;
	struct kbox_loop *loop;
	const struct kbox_options *options;
	const sigset_t *signals;	/* the mask that guests start with */
	unsigned int filter_flags;
	int front_pid;
	uint64_t since_ns;		/* CLOCK_REALTIME */
	struct kbox_control_ops ops;
};

/* Fill in ->ops, once the rest is there. */
void kbox_joiner_init(struct kbox_joiner *joiner);

#endif
