/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_PGTABLE_H
#define _ASM_KBOX_PGTABLE_H

/*
 * There are no page tables: guest memory is mapped by the host. What stands
 * here satisfies the types of the stock headers, and of mm/shmem.c, which is
 * built in spite of its dependency on an MMU.
 */
#define PGDIR_SHIFT	21
#define PTRS_PER_PGD	1
#define PTRS_PER_PTE	512

#include <asm-generic/pgtable-nopmd.h>
#include <asm/page.h>

#define pgd_present(pgd)	(1)
#define pgd_none(pgd)		(0)
#define pgd_bad(pgd)		(0)
#define pgd_clear(pgdp)		do { } while (0)

#define PAGE_NONE	__pgprot(0)
#define PAGE_SHARED	__pgprot(0)
#define PAGE_COPY	__pgprot(0)
#define PAGE_READONLY	__pgprot(0)
#define PAGE_KERNEL	__pgprot(0)

#define swapper_pg_dir	((pgd_t *)0)

extern void *kbox_zero_page;
#define ZERO_PAGE(vaddr)	virt_to_page(kbox_zero_page)

#define VMALLOC_START	0UL
#define VMALLOC_END	(~0UL)

/*
 * mm/shmem.c speaks of swap entries; there is no swap, so none is ever made.
 * linux/swapops.h and friends have these for an MMU only.
 */
#define __swp_type(entry)		((entry).val & 0x1f)
#define __swp_offset(entry)		((entry).val >> 5)
#define __swp_entry(type, off)		((swp_entry_t) { (type) | ((off) << 5) })
#define swp_type(entry)			__swp_type(entry)
#define swp_offset(entry)		__swp_offset(entry)
#define swp_entry(type, off)		__swp_entry((unsigned long)(type), off)
#define swp_to_radix_entry(entry)	xa_mk_value((entry).val)
#define radix_to_swp_entry(ptr)		((swp_entry_t) { xa_to_value(ptr) })
#define make_poisoned_swp_entry()	((swp_entry_t) { 0x1f })
#define is_poisoned_swp_entry(entry)	((entry).val == 0x1f)
#define arch_swap_restore(entry, folio)	do { } while (0)
#define maybe_unlock_mmap_for_io(vmf, fpin) (fpin)
#define mm_get_unmapped_area(mm, file, addr, len, pgoff, flags) (-ENOSYS)

/*
 * fs/proc/page.c names a flag that pages have with an MMU only. The files that
 * would show it are never made (drivers/proc-machine.c).
 */
#define PG_mlocked	PG_locked

#endif
