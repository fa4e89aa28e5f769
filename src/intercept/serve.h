/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serving one notification, and what follows from it.
 *
 * Side: host. Binds the thread, decides whether the call may be served now,
 * dispatches it, and carries out the verdict.
 */
#ifndef KBOX_INTERCEPT_SERVE_H
#define KBOX_INTERCEPT_SERVE_H

#include "listener.h"

void kbox_serve(struct kbox_box *box, const struct kbox_notification *note);

/* Events of the library kernel, execs that may start, held calls. */
void kbox_serve_followups(struct kbox_box *box);

#endif
