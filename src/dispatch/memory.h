/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of the shared mappings of processes.
 *
 * Side: host.
 */
#ifndef KBOX_DISPATCH_MEMORY_H
#define KBOX_DISPATCH_MEMORY_H

#include "../guest/box.h"

/* Let the host operations ask which processes have calls under way. */
void kbox_memory_init(struct kbox_box *box);

/* A new process has the mappings of its parent. */
void kbox_memory_forked(struct kbox_box *box, struct kbox_process *process);

/*
 * The memory of @process is gone: at its end, or since the host has executed
 * another program. Its number of the memory, vm_id, is still the old one.
 */
void kbox_memory_gone(struct kbox_box *box, struct kbox_process *process);

#endif
