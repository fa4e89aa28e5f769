// SPDX-License-Identifier: GPL-2.0-only
/*
 * User memory is the memory of the host process of the current thread group.
 * Side: kernel. It is the only way from the kernel to a guest's memory.
 *
 * Every transfer costs about two microseconds, many times a system call
 * itself. So small stores (put_user, directory entries) are gathered and
 * handed over together, at the end of the call, before the task sleeps, or
 * before user memory is read again. A bad address then shows late: the call
 * ends with EFAULT if it would have succeeded. Only stores that tell a result
 * are gathered; data that is consumed by being read (a pipe's, a socket's)
 * goes through copy_to_user() and is transferred at once.
 *
 * Invariant: what is gathered belongs to the current task; the scheduler's
 * switch flushes it (kernel/process.c).
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/kbox.h>

#define GATHER_BYTES 8192	/* a getdents64 buffer of usual size fits in a few */
#define GATHER_WRITES 64

static struct {
	unsigned int count;
	unsigned int used;
	struct kbox_mem_write writes[GATHER_WRITES];
	char bytes[GATHER_BYTES];
} gather;

/* The supervisor's own task has its user pointers in this very process. */
static inline bool is_local(void)
{
	return current->thread.local_mem;
}

/* Kernel threads and the first task have no user memory at all. */
static inline bool has_memory(void)
{
	return current->thread.handle != NULL;
}

void kbox_flush_user_writes(void)
{
	unsigned long done;
	unsigned int count = gather.count;

	if (!count)
		return;
	gather.count = 0;
	gather.used = 0;
	if (kbox_host->mem_write(current->tgid, gather.writes, count, &done))
		current->thread.fault = 1;
}

unsigned long kbox_copy_from_user(void *to, const void __user *from,
				  unsigned long n)
{
	unsigned long done = 0;

	if (is_local()) {
		memcpy(to, (__force const void *)from, n);
		return 0;
	}
	if (!n)
		return 0;
	if (!has_memory())
		return n;
	kbox_flush_user_writes();
	kbox_host->mem_read(current->tgid, to, (unsigned long)from, n, &done);
	return n - done;
}

unsigned long kbox_copy_to_user(void __user *to, const void *from,
				unsigned long n)
{
	struct kbox_mem_write one = { (unsigned long)to, from, n };
	unsigned long done = 0;

	if (is_local()) {
		memcpy((__force void *)to, from, n);
		return 0;
	}
	if (!n)
		return 0;
	if (!has_memory())
		return n;
	kbox_flush_user_writes();
	kbox_host->mem_write(current->tgid, &one, 1, &done);
	return n - done;
}

unsigned long kbox_put_to_user(void __user *to, const void *from,
			       unsigned long n)
{
	struct kbox_mem_write *last;
	unsigned long addr = (unsigned long)to;

	if (is_local() || !has_memory() || n > GATHER_BYTES)
		return kbox_copy_to_user(to, from, n);
	if (gather.used + n > GATHER_BYTES || gather.count == GATHER_WRITES)
		kbox_flush_user_writes();
	if (current->thread.fault)
		return n;
	memcpy(gather.bytes + gather.used, from, n);
	last = &gather.writes[gather.count - 1];
	if (gather.count && last->addr + last->len == addr) {
		last->len += n;
	} else {
		gather.writes[gather.count++] = (struct kbox_mem_write) {
			addr, gather.bytes + gather.used, n
		};
	}
	gather.used += n;
	return 0;
}

unsigned long kbox_clear_user(void __user *to, unsigned long n)
{
	unsigned long left = n, piece;

	while (left) {
		piece = min(left, PAGE_SIZE);
		left -= piece;
		piece = kbox_copy_to_user(to, kbox_zero_page, piece);
		if (piece)
			return left + piece;
		to += PAGE_SIZE;
	}
	return 0;
}

/*
 * A string is read in pieces that do not cross a page, so that a string just
 * before unmapped memory is read whole. Most paths fit in the first.
 */
#define STRING_PIECE 512UL

long strncpy_from_user(char *dst, const char __user *src, long count)
{
	unsigned long at = (unsigned long)src;
	long copied = 0;

	if (count <= 0)
		return 0;
	if (is_local()) {
		copied = strnlen((__force const char *)src, count);
		memcpy(dst, (__force const char *)src,
		       copied < count ? copied + 1 : copied);
		return copied;
	}
	while (copied < count) {
		unsigned long piece = min3((unsigned long)(count - copied),
					   PAGE_SIZE - offset_in_page(at),
					   STRING_PIECE);
		char *end;

		if (!access_ok((void __user *)at, 1) ||
		    kbox_copy_from_user(dst + copied, (void __user *)at, piece))
			return -EFAULT;
		end = memchr(dst + copied, 0, piece);
		if (end)
			return end - dst;
		copied += piece;
		at += piece;
	}
	return copied;
}

/* The length with the NUL; above @n when there is none; 0 for a bad address. */
long strnlen_user(const char __user *s, long n)
{
	unsigned long at = (unsigned long)s;
	char buf[STRING_PIECE];
	long seen = 0;

	if (n <= 0)
		return 0;
	if (is_local())
		return strnlen((__force const char *)s, n) + 1;
	while (seen < n) {
		unsigned long piece = min3((unsigned long)(n - seen),
					   PAGE_SIZE - offset_in_page(at),
					   STRING_PIECE);
		char *end;

		if (!access_ok((void __user *)at, 1) ||
		    kbox_copy_from_user(buf, (void __user *)at, piece))
			return 0;
		end = memchr(buf, 0, piece);
		if (end)
			return seen + (end - buf) + 1;
		seen += piece;
		at += piece;
	}
	return n + 1;
}
