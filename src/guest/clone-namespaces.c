/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clone3 with namespaces. Side: host. The way it works is in the header.
 */
#include "clone-namespaces.h"

#include "../base/cleanup.h"

/* In memory that is read-only as well, where a program keeps a constant. */
static int put_flags(int tid, kbox_guest_addr at, uint64_t flags)
{
	KBOX_CLEANUP_CLOSE int mem_fd = kbox_guest_mem_open(tid);

	return mem_fd < 0 ?
		       mem_fd :
		       kbox_guest_mem_write(mem_fd, at, &flags, sizeof(flags));
}

int kbox_clone_namespaces_hide(struct kbox_thread *thread, kbox_guest_addr at,
			       uint64_t flags)
{
	int err = put_flags(thread->tid, at,
			    flags & ~(uint64_t)KBOX_NAMESPACE_FLAGS);

	if (err < 0)
		return err;
	thread->expect_hidden_at = at;
	thread->expect_hidden = flags;
	return 0;
}

void kbox_clone_namespaces_restore(const struct kbox_thread *thread, int tid)
{
	if (thread->expect_hidden_at)
		put_flags(tid, thread->expect_hidden_at, thread->expect_hidden);
}
