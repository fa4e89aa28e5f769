/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clone3 with namespaces, which are the library kernel's alone.
 *
 * Side: host. The flags lie in the guest's memory. For the time of the host's
 * call those of namespaces are taken out, so that the host makes an ordinary
 * child; the library kernel's clone gets them all. Put back is what was there
 * when the child makes its first call, in its memory as well, and before any
 * further call of the parent is served; who looks earlier sees them missing.
 *
 * Should another thread put a flag back meanwhile, the host refuses, or the
 * child is found in a namespace of the host's and killed (bind.c).
 *
 * Not done: clone(2), whose flags are in a register, which cannot be changed.
 */
#ifndef KBOX_GUEST_CLONE_NAMESPACES_H
#define KBOX_GUEST_CLONE_NAMESPACES_H

#include <linux/sched.h>

#include "box.h"

#define KBOX_NAMESPACE_FLAGS                                                  \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |        \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

/*
 * Take the flags of namespaces out of @flags, which lie at @at. Remembered in
 * @thread until kbox_clone_namespaces_restore(). 0 or -errno.
 */
int kbox_clone_namespaces_hide(struct kbox_thread *thread, kbox_guest_addr at,
			       uint64_t flags);

/* Put back in the memory of thread @tid what @thread, the parent, had there. */
void kbox_clone_namespaces_restore(const struct kbox_thread *thread, int tid);

#endif
