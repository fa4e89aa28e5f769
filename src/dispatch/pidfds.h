/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What other files need to know about pidfds.
 *
 * Side: host.
 */
#ifndef KBOX_DISPATCH_PIDFDS_H
#define KBOX_DISPATCH_PIDFDS_H

#include "dispatch.h"

/*
 * close, in a process that has pidfds of the host's own in its host table
 * (src/guest/clone-pidfd.h): those are closed there, too.
 */
kbox_handler kbox_dispatch_close;

#endif
