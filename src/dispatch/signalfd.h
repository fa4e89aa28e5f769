/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a signalfd.
 *
 * Side: host.
 */
#ifndef KBOX_DISPATCH_SIGNALFD_H
#define KBOX_DISPATCH_SIGNALFD_H

#include "dispatch.h"

/* Whether call @nr can have given -KBOX_ENATIVE. */
bool kbox_signalfd_reads(long nr);

/* The call of @thread has: the host does it. */
kbox_handler kbox_dispatch_signalfd;

#endif
