/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that kbox itself gets.
 *
 * Side: host.
 *
 * SIGTERM, SIGHUP and SIGINT end the box, and the image is unmounted. A SIGINT
 * of the terminal has reached the foreground guests as well, and it is theirs
 * to die of it or not: a shell does not. SIGQUIT is theirs alone.
 */
#ifndef KBOX_LAUNCH_SIGNALS_H
#define KBOX_LAUNCH_SIGNALS_H

#include <signal.h>

#include "../lkernel/loop.h"

struct kbox_signals {
	struct kbox_watch watch;	/* a signalfd, owned */
	struct kbox_loop *loop;
	sigset_t original;		/* mask that kbox was started with */
	int last;			/* what asked kbox to stop, or 0 */
	void (*stop)(void *arg, int sig);	/* may be NULL */
	void *arg;
};

/* Block them, from here on. */
void kbox_signals_block(struct kbox_signals *signals);

/*
 * Receive them through @loop: ->stop(->arg, sig) is called for each that asks
 * kbox to stop; both may be set later. 0 or -errno.
 */
int kbox_signals_watch(struct kbox_signals *signals, struct kbox_loop *loop);
void kbox_signals_done(struct kbox_signals *signals);

#endif
