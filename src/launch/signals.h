/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that kbox itself gets.
 *
 * Side: host.
 *
 * SIGTERM, SIGHUP and SIGINT end the box, and the image is unmounted. A SIGINT
 * of the terminal has reached the foreground guests as well, and it is theirs
 * to die of it or not: a shell does not. SIGQUIT is theirs alone. When the
 * front is killed, the box is ended without asking the guests.
 */
#ifndef KBOX_LAUNCH_SIGNALS_H
#define KBOX_LAUNCH_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "../lkernel/loop.h"

/* What the host sends to the supervisor when its front has ended. */
#define KBOX_SIGNAL_ORPHANED SIGRTMIN

struct kbox_signals {
	struct kbox_watch watch;	/* a signalfd, owned */
	struct kbox_loop *loop;
	sigset_t original;		/* mask that kbox was started with */
	int front;			/* the parent */
	bool orphaned;			/* which has ended */
	int last;			/* what asked kbox to stop, or 0 */
	void (*stop)(void *arg, int sig);	/* may be NULL */
	void (*end)(void *arg);			/* may be NULL */
	void *arg;
};

/*
 * Those that kbox has to do with; with a terminal that it has taken, those of
 * job control as well. A SIGHUP that was ignored at the start, as nohup does,
 * stays ignored.
 */
void kbox_signals_of_kbox(sigset_t *ret_set, bool terminal_taken);

/* Block them, from here on. @front is the parent's number. */
void kbox_signals_block(struct kbox_signals *signals, int front,
			bool terminal_taken);

/*
 * Receive them through @loop: ->stop(->arg, sig) is called for each that asks
 * kbox to stop, ->end(->arg) when it has no front any more; all of these may be
 * set later. 0 or -errno.
 */
int kbox_signals_watch(struct kbox_signals *signals, struct kbox_loop *loop);
void kbox_signals_done(struct kbox_signals *signals);

#endif
