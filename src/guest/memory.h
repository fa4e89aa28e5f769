/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a guest process, for handlers that need a few bytes of it.
 *
 * Side: host. The library kernel's own transfers go through the host
 * operations (src/lkernel), not through here.
 *
 * Invariants
 *  1. A guest address is a number, never a pointer.
 *  2. What is read may change right afterwards: copy once, check the copy, use
 *     the copy.
 *
 * Sources: process_vm_readv(2), proc(5) on /proc/PID/mem.
 */
#ifndef KBOX_GUEST_MEMORY_H
#define KBOX_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t kbox_guest_addr;

/*
 * Copy @len bytes at @addr of the process of thread @tid, which must live, to
 * @dst. 0, or -EFAULT when not all of them could be read.
 */
int kbox_guest_read(int tid, void *dst, kbox_guest_addr addr, size_t len);

/* The same in the other direction; respects the guest's page protection. */
int kbox_guest_write(int tid, kbox_guest_addr addr, const void *src,
		     size_t len);

/*
 * A thread of @tgid that has not ended, whose number reaches the memory when
 * the main thread has ended before the others; or -ESRCH.
 */
int kbox_guest_live_tid(int tgid);

/*
 * The memory of @tid as a host fd that the caller owns, or -errno. It goes on
 * to name the address space that the process has now, after an exec too.
 */
int kbox_guest_mem_open(int tid);

/* Read or write all of @len bytes, read-only pages included; 0 or -EFAULT. */
int kbox_guest_mem_read(int mem_fd, void *dst, kbox_guest_addr addr,
			size_t len);
int kbox_guest_mem_write(int mem_fd, kbox_guest_addr addr, const void *src,
			 size_t len);

#endif
