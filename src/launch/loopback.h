/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KBOX_LAUNCH_LOOPBACK_H
#define KBOX_LAUNCH_LOOPBACK_H

#include "../lkernel/calls.h"

/*
 * Bring the loopback interface of the library kernel up, as any init does.
 * Failing is reported and leaves the guests without it.
 */
void kbox_loopback_up(struct kbox_caller *supervisor);

#endif
