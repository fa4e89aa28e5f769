/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CLONE_PIDFD: a child born with a descriptor of itself in its parent.
 *
 * Side: host.
 *
 * The host makes one in its own table of the parent, at the lowest free number,
 * and writes that number to the parent's memory before the call returns. The
 * guest must find the library kernel's pidfd under that number. So before the
 * call a number is chosen that is free in both tables, kept by an eventfd in
 * the library kernel, and made the lowest free one at the host by filling the
 * slots below it; when the child is bound, its pidfd takes the eventfd's place.
 * No call of the parent is served in between.
 *
 * The host's own pidfd stays in its slot until the guest closes the number
 * (src/dispatch/pidfds.c) or executes a program; until then the number chosen
 * for the next child is another one, which need not be the lowest.
 *
 * Not covered: another thread that opens and maps a file under that number
 * while the host still is at the close, gets EBADF for the mapping.
 */
#ifndef KBOX_GUEST_CLONE_PIDFD_H
#define KBOX_GUEST_CLONE_PIDFD_H

#include "box.h"

/* Prepare the clone call of @thread; @at is where the number goes. 0, -errno */
int kbox_clone_pidfd_reserve(struct kbox_box *box, struct kbox_thread *thread,
			     kbox_guest_addr at);

/* The child of @parent is @child. */
void kbox_clone_pidfd_bind(struct kbox_box *box, struct kbox_thread *parent,
			   struct kbox_thread *child);

/* There is no child. */
void kbox_clone_pidfd_cancel(struct kbox_box *box, struct kbox_thread *parent);

#endif
