/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_UACCESS_H
#define _ASM_KBOX_UACCESS_H

/*
 * User memory is the memory of another process, that of the current task's
 * thread group, reached by host operations; see kernel/uaccess.c. Nothing
 * else in the kernel touches it, and nothing here can touch the supervisor's
 * own memory, but for the supervisor's own task.
 */
#include <linux/string.h>

unsigned long kbox_copy_from_user(void *to, const void __user *from,
				  unsigned long n);
unsigned long kbox_copy_to_user(void __user *to, const void *from,
				unsigned long n);
/* A small value: may wait until the end of the call; see kernel/uaccess.c. */
unsigned long kbox_put_to_user(void __user *to, const void *from,
			       unsigned long n);
unsigned long kbox_clear_user(void __user *to, unsigned long n);
/* Hand over what waits. */
void kbox_flush_user_writes(void);
/* Around a call; @file_data: it reads a regular file. Returns lost bytes. */
void kbox_user_transfers_begin(bool file_data);
unsigned long kbox_user_transfers_end(void);
/* Before the task leaves the CPU. */
void kbox_user_transfers_leave(void);

static inline __must_check unsigned long
raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return kbox_copy_from_user(to, from, n);
}

static inline __must_check unsigned long
raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return kbox_copy_to_user(to, from, n);
}

static inline int __put_user_fn(size_t size, void __user *ptr, void *x)
{
	return unlikely(kbox_put_to_user(ptr, x, size)) ? -EFAULT : 0;
}
#define __put_user_fn(sz, u, k) __put_user_fn(sz, u, k)

#define __clear_user(to, n) kbox_clear_user(to, n)

/* RAM, or the kernel's own image, which lies outside of it. */
bool kbox_is_kernel_memory(const void *addr);

#define __get_kernel_nofault(dst, src, type, err_label)			\
do {									\
	if (!kbox_is_kernel_memory(src))				\
		goto err_label;						\
	*(type *)(dst) = *(type *)(src);				\
} while (0)

#define __put_kernel_nofault(dst, src, type, err_label)			\
do {									\
	if (!kbox_is_kernel_memory(dst))				\
		goto err_label;						\
	*(type *)(dst) = *(type *)(src);				\
} while (0)

#include <asm-generic/uaccess.h>

/* Directory entries and the like: many small stores, one transfer. */
#define user_access_begin(ptr, len)	access_ok(ptr, len)
#define user_access_end()		do { } while (0)
#define unsafe_get_user(x, p, e)					\
do {									\
	if (unlikely(__get_user(x, p)))					\
		goto e;							\
} while (0)
#define unsafe_put_user(x, p, e)					\
do {									\
	if (unlikely(__put_user(x, p)))					\
		goto e;							\
} while (0)
#define unsafe_copy_to_user(d, s, l, e)					\
do {									\
	if (unlikely(kbox_put_to_user(d, s, l)))			\
		goto e;							\
} while (0)
#define unsafe_copy_from_user(d, s, l, e)				\
do {									\
	if (unlikely(__copy_from_user(d, s, l)))			\
		goto e;							\
} while (0)

static inline unsigned long user_access_save(void)
{
	return 0UL;
}

static inline void user_access_restore(unsigned long flags)
{
}

#define user_write_access_begin	user_access_begin
#define user_write_access_end	user_access_end
#define user_read_access_begin	user_access_begin
#define user_read_access_end	user_access_end

#endif
