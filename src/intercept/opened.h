/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Learning when the host has opened the loader for an exec: an inotify watch.
 *
 * Side: host. On an exec's way between its start and the loader's first call.
 *
 * Made for the first exec that needs it, since most boxes that run one program
 * need none, and an inotify instance takes the host milliseconds to close.
 */
#ifndef KBOX_INTERCEPT_OPENED_H
#define KBOX_INTERCEPT_OPENED_H

#include "../guest/box.h"

/* Be ready to make it: sets box->watch_loader. */
void kbox_opened_init(struct kbox_box *box);

/* Take it down. No guest is left. */
void kbox_opened_done(struct kbox_box *box);

#endif
