/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seccomp listener: where notifications of guests' calls come from.
 *
 * Side: host. The first and last step of a call's way in the supervisor.
 *
 * Invariants
 *  1. A notification is answered at most once.
 *  2. That a thread died before its answer is no error: the answer is dropped.
 *  3. The host numbers notifications one by one, and gives them out in that
 *     order. So a gap in the numbers is counted as lost: calls that the host gave
 *     up for a signal, or with their thread, before they were received.
 *
 * Source: seccomp_unotify(2).
 */
#ifndef KBOX_INTERCEPT_LISTENER_H
#define KBOX_INTERCEPT_LISTENER_H

#include "../guest/box.h"

struct kbox_notification {
	int tid;
	struct kbox_call call;
};

/*
 * Prepare @fd: wake-ups on the same core, room for the host's structures. 0;
 * -EMSGSIZE when the host's structures are larger than this program knows.
 */
int kbox_listener_attach(int fd);

/*
 * Take one notification. 1: *@ret is filled; 0: the one that was there has
 * vanished; or -errno when the listener is broken. May block if none is there.
 */
int kbox_listener_receive(struct kbox_listener *listener,
			  struct kbox_notification *ret);

/* The result of call @id is @value; or the host shall do the call. */
void kbox_listener_reply(int fd, uint64_t id, long value);
void kbox_listener_continue(int fd, uint64_t id);

#endif
