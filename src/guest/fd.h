/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors in a guest's host table.
 *
 * Side: host. The library kernel's table is the only one that a guest sees.
 * The host's is a set of slots for mappings, loaders, and the lifeline.
 *
 * Sources: seccomp_unotify(2) on SECCOMP_IOCTL_NOTIF_ADDFD; kcmp(2).
 */
#ifndef KBOX_GUEST_FD_H
#define KBOX_GUEST_FD_H

#include "box.h"

/*
 * Put what @fd of the supervisor refers to at number @slot of the host table
 * of @thread, whose notification is open, in place of what is there. @flags:
 * 0 or O_CLOEXEC. 0; -ENOENT when the thread is gone; -ENFILE when
 * the guest's host table does not reach to @slot; another -errno.
 */
int kbox_guest_put_fd(struct kbox_box *box, struct kbox_thread *thread, int fd,
		      int slot, int flags);

/*
 * A thread of @process closes @slot natively, from when it gets its answer on.
 * kbox_guest_await_closed() waits until the host has closed all such slots,
 * which takes it microseconds. A slot is awaited before something is put there.
 */
void kbox_guest_closes_fd(struct kbox_process *process, int slot);
void kbox_guest_await_closed(const struct kbox_box *box,
			     struct kbox_thread *thread);

/*
 * The number of the shadow (kbox_shadow_number()) that is in slot @slot of
 * @process, or 0. It is known from when it was noted until something else is
 * put there or the process executes a program, which empties all slots. A child
 * begins with none known; tables that processes share are never known.
 */
unsigned long kbox_guest_shadow(const struct kbox_process *process, int slot);
void kbox_guest_note_shadow(struct kbox_process *process, int slot,
			    unsigned long number);

/*
 * Whether slot @slot of the host table of thread @tid refers to the same open
 * file as @fd of the supervisor. False also when the host does not say.
 */
bool kbox_guest_has_fd(const struct kbox_box *box, int tid, int slot, int fd);

#endif
