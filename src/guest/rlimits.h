/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resource limits, which both kernels hold.
 *
 * Side: host. The library kernel answers all questions about limits and
 * enforces those of files; the host enforces those of memory, time and the
 * number of processes. Core files are never written, whatever the limit: the
 * host's is 0 (src/launch/child.c).
 */
#ifndef KBOX_GUEST_RLIMITS_H
#define KBOX_GUEST_RLIMITS_H

#include <stdbool.h>
#include <sys/resource.h>

#include "box.h"

/* Whether the host is the one to enforce @resource. */
bool kbox_rlimit_is_hosts(unsigned int resource);

/* Tell the library kernel about the limits that @pid has in the host. */
void kbox_rlimits_adopt(struct kbox_box *box, int pid);

#endif
