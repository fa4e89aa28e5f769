// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of user memory, for calls that move pages instead of bytes: vmsplice,
 * reads and writes with O_DIRECT. Side: kernel.
 *
 * A guest's pages belong to another process: this kernel can read and write
 * them, but has no struct page for them. Whoever asks for them gets pages of
 * ours with a copy, and what was asked for to be written to is copied back to
 * the guest at the end of the call. The linker redirects the stock functions
 * to here (--wrap, see Makefile).
 *
 * Invariants
 *  1. Pages to be written to start with what the guest has there, so copying
 *     back more than the device wrote changes nothing.
 *  2. A loan holds a reference to each of its pages. They are copied back when
 *     that is the last one, hence after the I/O.
 *
 * Not done: what the guest writes to its memory while its pages are lent is
 * not seen, and may be overwritten; the manual pages forbid both.
 */
#include <linux/bio.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <asm/kbox.h>

#define LOAN_ORDER_MAX 5	/* 128 KiB in one piece, if there is one */
#define LOANED_PAGES_MAX 2048UL	/* at a time: 8 MiB */
#define WAIT_JIFFIES_MAX HZ	/* for I/O under way to give pages back */
#define COPY_BACK_WRITES 64
#define BIO_BYTES_MAX (BIO_MAX_VECS * PAGE_SIZE)	/* of user memory */

/* 2^order pages, side by side, lent in place of user memory at addr. */
struct loan {
	struct list_head link;
	struct page *page;
	unsigned int count;
	int tgid;
	const struct task_struct *task;	/* only compared */
	unsigned long addr, len;	/* to be copied back */
	unsigned int offset;		/* of addr in the pages */
	bool fresh;			/* made by the present request */
};

static LIST_HEAD(loans);
static unsigned long loaned_pages;

static void loan_free(struct loan *loan)
{
	unsigned int i;

	for (i = 0; i < loan->count; i++)
		put_page(loan->page + i);
	loaned_pages -= loan->count;
	list_del(&loan->link);
	kfree(loan);
}

static bool loan_is_over(const struct loan *loan)
{
	unsigned int i;

	for (i = 0; i < loan->count; i++)
		if (page_count(loan->page + i) != 1)
			return false;
	return true;
}

struct copy_back {
	unsigned int count;
	unsigned long bytes;
	struct kbox_mem_write writes[COPY_BACK_WRITES];
};

static unsigned long copy_back_flush(struct copy_back *back)
{
	unsigned long done = 0;

	if (back->count)
		kbox_host->mem_write(current->tgid, back->writes, back->count,
				     &done);
	done = back->bytes - done;
	back->count = 0;
	back->bytes = 0;
	return done;
}

/*
 * At the end of a call: give current's process what its pages have become.
 * Returns how many bytes of this call did not reach it.
 */
unsigned long kbox_return_user_pages(void)
{
	struct copy_back *back;
	struct loan *loan, *next;
	unsigned long lost = 0;
	LIST_HEAD(over);

	if (likely(list_empty(&loans)))
		return 0;
	back = kmalloc(sizeof(*back), GFP_KERNEL | __GFP_NOFAIL);
	back->count = 0;
	back->bytes = 0;
	list_for_each_entry_safe(loan, next, &loans, link) {
		if (loan->tgid != current->tgid || !loan_is_over(loan))
			continue;
		list_move_tail(&loan->link, &over);
		if (!loan->len)
			continue;
		if (back->count == COPY_BACK_WRITES)
			lost += copy_back_flush(back);
		back->writes[back->count++] = (struct kbox_mem_write) {
			loan->addr, page_address(loan->page) + loan->offset,
			loan->len
		};
		back->bytes += loan->len;
	}
	lost += copy_back_flush(back);
	list_for_each_entry_safe(loan, next, &over, link)
		loan_free(loan);
	kfree(back);
	return lost;
}

/* The process is gone: nobody to give anything back to. */
void kbox_forget_user_pages(int tgid)
{
	struct loan *loan, *next;

	list_for_each_entry_safe(loan, next, &loans, link)
		if (loan->tgid == tgid)
			loan_free(loan);
}

/* Up to 2^@order single pages side by side; fewer when memory is scarce. */
static struct page *pages_alloc(unsigned int *order)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY;
	struct page *page = alloc_pages(gfp, *order);

	if (!page && *order) {
		*order = 0;
		page = alloc_pages(gfp, 0);
	}
	if (page)
		split_page(page, *order);
	return page;
}

/*
 * As pages_alloc(), but when there are none, or too many are lent, wait for
 * what this process has under way. 0, -EFAULT or -ENOMEM.
 */
static int pages_get(bool write, unsigned int *order, struct page **ret_page)
{
	unsigned int waited = 0, wanted = *order;
	unsigned long lent;

	for (;;) {
		*order = wanted;
		*ret_page = write && loaned_pages >= LOANED_PAGES_MAX ?
			    NULL : pages_alloc(order);
		if (*ret_page)
			return 0;
		lent = loaned_pages;
		if (kbox_return_user_pages())
			return -EFAULT;
		if (loaned_pages < lent)
			continue;
		if (waited++ == WAIT_JIFFIES_MAX || fatal_signal_pending(current))
			return -ENOMEM;
		schedule_timeout_killable(1);
	}
}

static int loan_note(struct page *page, unsigned int count, unsigned long addr)
{
	struct loan *loan;
	unsigned int i;

	loan = kmalloc(sizeof(*loan), GFP_KERNEL);
	if (!loan)
		return -ENOMEM;
	*loan = (struct loan) {
		.page = page,
		.count = count,
		.tgid = current->tgid,
		.task = current,
		.addr = addr,
		.len = count * PAGE_SIZE,
		.fresh = true,
	};
	for (i = 0; i < count; i++)
		get_page(page + i);
	list_add_tail(&loan->link, &loans);
	loaned_pages += count;
	return 0;
}

/*
 * One piece of at most @count pages in place of user memory at @addr, with
 * @references each. Returns the number of pages, or -EFAULT, -ENOMEM.
 */
static long lend_piece(unsigned long addr, unsigned int count, bool write,
		       int references, struct page **pages)
{
	unsigned int order = min(ilog2(count), LOAN_ORDER_MAX);
	struct page *page;
	unsigned int i, got;
	int err;

	err = pages_get(write, &order, &page);
	if (err)
		return err;
	count = 1U << order;
	got = count - DIV_ROUND_UP(copy_from_user(page_address(page),
						  (void __user *)addr,
						  count * PAGE_SIZE),
				   PAGE_SIZE);
	if (got && write)
		err = loan_note(page, got, addr);
	if (err)
		got = 0;
	for (i = 0; i < count; i++) {
		if (i >= got) {
			__free_page(page + i);
			continue;
		}
		page_ref_add(page + i, references - 1);
		pages[i] = page + i;
	}
	return err ? err : got ? got : -EFAULT;
}

static int lend(unsigned long start, int nr_pages, unsigned int gup_flags,
		int references, struct page **pages)
{
	long done = 0, n;

	start &= PAGE_MASK;
	if (nr_pages <= 0)
		return 0;
	if (!access_ok((void __user *)start, nr_pages * PAGE_SIZE))
		return -EFAULT;
	while (done < nr_pages) {
		n = lend_piece(start + done * PAGE_SIZE, nr_pages - done,
			       gup_flags & FOLL_WRITE, references,
			       pages + done);
		if (n < 0)
			return done ? done : n;
		done += n;
	}
	return done;
}

int __wrap_get_user_pages_fast(unsigned long start, int nr_pages,
			       unsigned int gup_flags, struct page **pages);
int __wrap_get_user_pages_fast(unsigned long start, int nr_pages,
			       unsigned int gup_flags, struct page **pages)
{
	return lend(start, nr_pages, gup_flags, 1, pages);
}

/* unpin_user_page() takes this many references off. */
int __wrap_pin_user_pages_fast(unsigned long start, int nr_pages,
			       unsigned int gup_flags, struct page **pages);
int __wrap_pin_user_pages_fast(unsigned long start, int nr_pages,
			       unsigned int gup_flags, struct page **pages)
{
	return lend(start, nr_pages, gup_flags, GUP_PIN_COUNTING_BIAS, pages);
}

/* Which bytes of current's fresh loans are meant: @len from @offset on. */
static void loans_settle(unsigned long offset, unsigned long len)
{
	unsigned long start = 0, from, to;
	struct loan *loan;

	list_for_each_entry(loan, &loans, link) {
		if (!loan->fresh || loan->task != current)
			continue;
		loan->fresh = false;
		if (!start)
			start = loan->addr + offset;
		from = max(loan->addr, start);
		to = min(loan->addr + loan->len, start + len);
		loan->offset = from - loan->addr;
		loan->addr = from;
		loan->len = from < to ? to - from : 0;
	}
}

/*
 * The only caller that knows which bytes of the first and the last page are
 * meant: the others must not be written, not even with what they are.
 */
ssize_t __real_iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
				      size_t maxsize, unsigned int maxpages,
				      iov_iter_extraction_t flags,
				      size_t *offset0);
ssize_t __wrap_iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
				      size_t maxsize, unsigned int maxpages,
				      iov_iter_extraction_t flags,
				      size_t *offset0);
ssize_t __wrap_iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
				      size_t maxsize, unsigned int maxpages,
				      iov_iter_extraction_t flags,
				      size_t *offset0)
{
	ssize_t n;

	n = __real_iov_iter_extract_pages(i, pages, maxsize, maxpages, flags,
					  offset0);
	if (unlikely(!list_empty(&loans)))
		loans_settle(*offset0, max_t(ssize_t, n, 0));
	return n;
}

/*
 * A bio takes as many pieces as it has room for, and pieces of ours are large:
 * without a limit, one would want more pages than may be lent before it is
 * sent off.
 */
int __real_bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter);
int __wrap_bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter);
int __wrap_bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter)
{
	size_t later = 0;
	int err;

	if (user_backed_iter(iter) && iter->count > BIO_BYTES_MAX) {
		later = iter->count - BIO_BYTES_MAX;
		iter->count = BIO_BYTES_MAX;
	}
	err = __real_bio_iov_iter_get_pages(bio, iter);
	iter->count += later;
	return err;
}
