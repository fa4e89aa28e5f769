/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of the guests: from the first one's first call to its end.
 *
 * Side: host.
 */
#ifndef KBOX_INTERCEPT_SUPERVISE_H
#define KBOX_INTERCEPT_SUPERVISE_H

#include "../guest/box.h"

/*
 * Serve all guests of @box until the first one has ended; then end the others.
 * Takes @listener_fd. 0 with the first guest's status as of wait(2) in
 * *@ret_wait_status; or -errno, when the sandbox is broken: then all guests
 * have been killed.
 */
int kbox_supervise(struct kbox_box *box, int listener_fd,
		   int *ret_wait_status);

/*
 * The guest @pid, just added to @box, has the filter whose notifications come
 * from @listener_fd, which is taken also on failure. 0 or -errno; the guest is
 * the caller's to kill then.
 */
int kbox_supervise_add(struct kbox_box *box, int pid, int listener_fd);

/*
 * Ask for the end: passes @sig on to the first guest, which is killed when it
 * has not ended KBOX_STOP_GRACE_NS later. For signals sent to kbox by others;
 * not for a terminal's SIGINT, which the guests get themselves, and some of
 * which, like shells, survive it.
 */
void kbox_box_stop(struct kbox_box *box, int sig);

/* End the box at once, without asking: all guests are killed. */
void kbox_box_end(struct kbox_box *box);

#endif
