// SPDX-License-Identifier: GPL-2.0-only
/*
 * User memory is the memory of the host process of the current thread group.
 * Side: kernel. It is the only way from the kernel to a guest's memory.
 *
 * Every transfer costs about two microseconds, many times a system call
 * itself, so transfers are saved in two places.
 *
 * Gathering. Small stores (put_user, directory entries), and in reads of
 * regular files the page cache itself, are handed over together: at the end of
 * the call, before the task leaves the CPU, before pages are reclaimed, or
 * before user memory is read again. A bad address then shows late, and the call
 * still ends as it should: short, or with EFAULT. What is consumed by being
 * read (a pipe's data, a socket's) goes through copy_to_user() and is
 * transferred at once.
 *
 * The window. Writing to a file asks for each piece of the user's buffer to be
 * readable before it is copied. The question fetches the piece, and more of it
 * each time the next one follows, and the copy is served from there.
 *
 * Invariant: what is gathered, and the window, belong to the current task and
 * its present call: kbox_user_transfers_begin() and the scheduler's switch
 * (kernel/process.c) forget them.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/kbox.h>

#define GATHER_BYTES 8192	/* a getdents64 buffer of usual size in a few */
#define GATHER_WRITES 64
#define GATHER_DATA_MIN 512UL	/* below, a transfer costs no more than a note */

static struct {
	bool file_data;		/* the call reads a regular file */
	unsigned int count;
	unsigned int used;
	unsigned long lost;	/* bytes that a bad address kept from the user */
	struct kbox_mem_write writes[GATHER_WRITES];
	char bytes[GATHER_BYTES];
} gather;

#define WINDOW_BYTES (128UL * 1024)

static struct {
	unsigned long start;
	unsigned long len;	/* valid bytes; 0: no window */
	unsigned long ahead;	/* how much to fetch next */
	char bytes[WINDOW_BYTES];
} window;

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

void kbox_user_transfers_begin(bool file_data)
{
	gather.file_data = file_data;
	gather.lost = 0;
	window.len = 0;
	window.ahead = 0;
}

unsigned long kbox_user_transfers_end(void)
{
	kbox_flush_user_writes();
	gather.file_data = false;
	gather.lost += kbox_return_user_pages();
	return gather.lost;
}

void kbox_user_transfers_leave(void)
{
	kbox_flush_user_writes();
	window.len = 0;
}

void kbox_flush_user_writes(void)
{
	unsigned int count = gather.count, i;
	unsigned long done = 0, all = 0;

	if (!count)
		return;
	gather.count = 0;
	gather.used = 0;
	if (!kbox_host->mem_write(current->tgid, gather.writes, count, &done))
		return;
	for (i = 0; i < count; i++)
		all += gather.writes[i].len;
	gather.lost += all - done;
}

/* Note a write of @n bytes from @src, which stays as it is until the flush. */
static void gather_note(unsigned long addr, const void *src, unsigned long n)
{
	struct kbox_mem_write *last = &gather.writes[gather.count - 1];

	if (gather.count && last->addr + last->len == addr &&
	    last->src + last->len == src) {
		last->len += n;
		return;
	}
	if (gather.count == GATHER_WRITES)
		kbox_flush_user_writes();
	gather.writes[gather.count++] =
		(struct kbox_mem_write) { addr, src, n };
}

/* Only the page cache keeps what it says until the end of the call. */
static bool is_page_cache(const void *from)
{
	struct folio *folio;

	if (!virt_addr_valid(from))
		return false;
	folio = virt_to_folio(from);
	return !folio_test_slab(folio) && folio_mapping(folio);
}

unsigned long kbox_copy_from_user(void *to, const void __user *from,
				  unsigned long n)
{
	unsigned long at = (unsigned long)from;
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
	if (at - window.start < window.len &&
	    n <= window.len - (at - window.start)) {
		memcpy(to, window.bytes + (at - window.start), n);
		return 0;
	}
	kbox_host->mem_read(current->tgid, to, at, n, &done);
	return n - done;
}

/*
 * "Is this readable?" before a piece is copied. Returns how many bytes are
 * not. The stock function reads a byte of each page.
 */
size_t __real_fault_in_readable(const char __user *uaddr, size_t size);
size_t __wrap_fault_in_readable(const char __user *uaddr, size_t size);
size_t __wrap_fault_in_readable(const char __user *uaddr, size_t size)
{
	unsigned long at = (unsigned long)uaddr;
	unsigned long end = window.start + window.len;
	unsigned long done = 0;

	if (!size || is_local())
		return 0;
	if (size > WINDOW_BYTES || !has_memory() || !access_ok(uaddr, size))
		return __real_fault_in_readable(uaddr, size);
	if (at >= window.start && at + size <= end)
		return 0;
	window.ahead = window.len && at == end ?
		       min(2 * window.len, WINDOW_BYTES) : size;
	window.ahead = max(window.ahead, size);
	kbox_flush_user_writes();
	kbox_host->mem_read(current->tgid, window.bytes, at, window.ahead,
			    &done);
	window.start = at;
	window.len = done;
	return size > done ? size - done : 0;
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
	if (gather.file_data && n >= GATHER_DATA_MIN && is_page_cache(from)) {
		if (gather.lost)
			return n;
		gather_note((unsigned long)to, from, n);
		return 0;
	}
	kbox_flush_user_writes();
	kbox_host->mem_write(current->tgid, &one, 1, &done);
	return n - done;
}

unsigned long kbox_put_to_user(void __user *to, const void *from,
			       unsigned long n)
{
	char *kept;

	if (is_local() || !has_memory() || n > GATHER_BYTES)
		return kbox_copy_to_user(to, from, n);
	if (gather.used + n > GATHER_BYTES)
		kbox_flush_user_writes();
	if (gather.lost)
		return n;
	kept = memcpy(gather.bytes + gather.used, from, n);
	/* gather_note() may flush, which starts the kept bytes anew. */
	if (gather.count == GATHER_WRITES) {
		kbox_flush_user_writes();
		kept = memmove(gather.bytes, kept, n);
	}
	gather.used += n;
	gather_note((unsigned long)to, kept, n);
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
