/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System V shared memory.
 *
 * Side: host.
 */
#ifndef KBOX_DISPATCH_SHM_H
#define KBOX_DISPATCH_SHM_H

#include "dispatch.h"

/*
 * Guests detach without asking, by shmdt, exec or their end: tell the library
 * kernel which segments nobody has attached any more. Called where that may
 * matter.
 */
void kbox_shm_update(struct kbox_box *box);

#endif
