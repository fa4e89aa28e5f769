// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping an ELF file: headers, segments, bss.
 *
 * Side: guest. The descriptors lead to shadows; they are only mapped, never
 * read or closed, since every other call with a descriptor belongs to the
 * library kernel.
 *
 * Invariants
 *  1. Headers are looked at in a mapping that is a snapshot as good as the
 *     file itself: shadows are sealed.
 *  2. All sums of untrusted numbers are checked before they are used; no
 *     segment reaches KBOX_TASK_SIZE or the loader's own range.
 *  3. A position-independent file gets its whole range reserved before any
 *     segment is put into it. A fixed one refuses to land on something with
 *     its first segment only, as the host does.
 */
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "loader.h"
#include "syscall.h"

/* The host's limit: the program header table fits in one page. */
#define KBOX_PHDRS_MAX (KBOX_PAGE_SIZE / sizeof(Elf64_Phdr))

/* Two thirds of the address space, in whole pages: ELF_ET_DYN_BASE. */
#define KBOX_PROGRAM_BASE KBOX_PAGE_DOWN(KBOX_TASK_SIZE / 3 * 2)

/* The headers of a file, in temporary mappings. */
struct kbox_headers {
	const Elf64_Ehdr *ehdr;		/* page 0 of the file */
	const Elf64_Phdr *phdrs;
	unsigned long phdrs_map;	/* of their own when not on page 0 */
	unsigned long phdrs_map_len;
};

/* The range of all PT_LOAD segments, in whole pages. */
struct kbox_extent {
	unsigned long start, end;
	unsigned long align;		/* a power of two, at least a page */
};

static unsigned long kbox_map(unsigned long addr, unsigned long len, int prot,
			      int flags, int fd, unsigned long offset)
{
	long ret = kbox_mmap(addr, len, prot, flags, fd, offset);

	if (kbox_is_error(ret))
		kbox_exit(KBOX_LOADER_EXIT_MAP);
	return (unsigned long)ret;
}

/*
 * Make sure that the pages are there: a mapping may reach beyond the end of
 * its file, where a touch would raise SIGBUS. A host too old to know the
 * advice leaves the guest to that signal.
 */
static void kbox_populate(unsigned long addr, unsigned long len, int advice)
{
	unsigned long start = KBOX_PAGE_DOWN(addr);

	if (kbox_madvise(start, addr + len - start, advice) == -EFAULT)
		kbox_exit(KBOX_LOADER_EXIT_ELF);
}

static void kbox_headers_map(int fd, struct kbox_headers *ret_headers)
{
	struct kbox_headers *headers = ret_headers;
	const Elf64_Ehdr *ehdr;
	unsigned long page, len, start;

	page = kbox_map(0, KBOX_PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	ehdr = (const Elf64_Ehdr *)page;
	/* The library kernel has read the header: page 0 exists. */
	if (ehdr->e_ident[0] != ELFMAG0 || ehdr->e_ident[1] != ELFMAG1 ||
	    ehdr->e_ident[2] != ELFMAG2 || ehdr->e_ident[3] != ELFMAG3 ||
	    ehdr->e_machine != EM_X86_64 ||
	    (ehdr->e_type != ET_EXEC && ehdr->e_type != ET_DYN) ||
	    ehdr->e_phentsize != sizeof(Elf64_Phdr) || !ehdr->e_phnum ||
	    ehdr->e_phnum > KBOX_PHDRS_MAX || ehdr->e_phoff % sizeof(long) ||
	    ehdr->e_phoff > KBOX_TASK_SIZE)
		kbox_exit(KBOX_LOADER_EXIT_ELF);

	headers->ehdr = ehdr;
	headers->phdrs_map = 0;
	headers->phdrs_map_len = 0;
	len = ehdr->e_phnum * sizeof(Elf64_Phdr);
	if (ehdr->e_phoff + len <= KBOX_PAGE_SIZE) {
		headers->phdrs = (const Elf64_Phdr *)(page + ehdr->e_phoff);
		return;
	}
	start = KBOX_PAGE_DOWN(ehdr->e_phoff);
	len += ehdr->e_phoff - start;
	page = kbox_map(0, len, PROT_READ, MAP_PRIVATE, fd, start);
	kbox_populate(page, len, MADV_POPULATE_READ);
	headers->phdrs = (const Elf64_Phdr *)(page + ehdr->e_phoff - start);
	headers->phdrs_map = page;
	headers->phdrs_map_len = len;
}

static void kbox_headers_unmap(const struct kbox_headers *headers)
{
	kbox_munmap((unsigned long)headers->ehdr, KBOX_PAGE_SIZE);
	if (headers->phdrs_map_len)
		kbox_munmap(headers->phdrs_map, headers->phdrs_map_len);
}

static void kbox_segment_check(const Elf64_Phdr *segment)
{
	if (segment->p_filesz > segment->p_memsz ||
	    segment->p_memsz > KBOX_TASK_SIZE ||
	    segment->p_vaddr > KBOX_TASK_SIZE - segment->p_memsz ||
	    segment->p_offset > KBOX_TASK_SIZE ||
	    KBOX_PAGE_OFFSET(segment->p_offset ^ segment->p_vaddr))
		kbox_exit(KBOX_LOADER_EXIT_ELF);
}

/* The extent of all segments, each of which has been checked. */
static void kbox_extent_get(const struct kbox_headers *headers,
			    struct kbox_extent *ret_extent)
{
	struct kbox_extent extent = { ~0UL, 0, KBOX_PAGE_SIZE };
	const Elf64_Phdr *segment = headers->phdrs;
	unsigned long end;
	int i;

	for (i = 0; i < headers->ehdr->e_phnum; i++, segment++) {
		if (segment->p_type != PT_LOAD)
			continue;
		kbox_segment_check(segment);
		if (extent.start > segment->p_vaddr)
			extent.start = segment->p_vaddr;
		end = segment->p_vaddr + segment->p_memsz;
		if (extent.end < end)
			extent.end = end;
		if (!(segment->p_align & (segment->p_align - 1)) &&
		    extent.align < segment->p_align)
			extent.align = segment->p_align;
	}
	if (extent.start >= extent.end || extent.align > KBOX_TASK_SIZE)
		kbox_exit(KBOX_LOADER_EXIT_ELF);
	extent.start = KBOX_PAGE_DOWN(extent.start);
	extent.end = KBOX_PAGE_UP(extent.end);
	*ret_extent = extent;
}

/* Reserve room for a position-independent file; the bias. */
static unsigned long kbox_reserve(const struct kbox_extent *extent,
				  enum kbox_image_place place,
				  unsigned long offset)
{
	unsigned long len = extent->end - extent->start, start, spare;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	if (place == KBOX_IMAGE_PROGRAM) {
		start = (KBOX_PROGRAM_BASE + offset) & ~(extent->align - 1);
		kbox_map(start, len, PROT_NONE, flags | MAP_FIXED_NOREPLACE,
			 -1, 0);
		return start - extent->start;
	}
	spare = extent->align - KBOX_PAGE_SIZE;
	start = kbox_map(0, len + spare, PROT_NONE, flags, -1, 0);
	if (spare) {
		unsigned long got = start;

		start = (got + spare) & ~(extent->align - 1);
		if (start > got)
			kbox_munmap(got, start - got);
		if (got + spare > start)
			kbox_munmap(start + len, got + spare - start);
	}
	return start - extent->start;
}

static int kbox_segment_prot(const Elf64_Phdr *segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) |
	       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/*
 * Map one segment at its final address @addr. What lies between the end of the
 * file's part and the end of its last page is zeroed in writable segments
 * only; further pages of the bss are always writable, as the host makes them.
 */
static void kbox_segment_map(int fd, const Elf64_Phdr *segment,
			     unsigned long addr, int fixed)
{
	unsigned long page = KBOX_PAGE_DOWN(addr);
	unsigned long file_end = addr + segment->p_filesz;
	unsigned long zero_end = KBOX_PAGE_UP(file_end);
	unsigned long mem_end = KBOX_PAGE_UP(addr + segment->p_memsz);
	int prot = kbox_segment_prot(segment);

	if (page < KBOX_LOADER_BASE + KBOX_LOADER_SIZE &&
	    mem_end > KBOX_LOADER_BASE)
		kbox_exit(KBOX_LOADER_EXIT_ELF);
	if (segment->p_filesz) {
		kbox_map(page, zero_end - page, prot, MAP_PRIVATE | fixed, fd,
			 KBOX_PAGE_DOWN(segment->p_offset));
		if (segment->p_memsz > segment->p_filesz && prot & PROT_WRITE &&
		    zero_end > file_end) {
			kbox_populate(file_end, zero_end - file_end,
				      MADV_POPULATE_WRITE);
			memset((void *)file_end, 0, zero_end - file_end);
		}
	} else {
		zero_end = page;
	}
	if (mem_end > zero_end)
		kbox_map(zero_end, mem_end - zero_end,
			 PROT_READ | PROT_WRITE | (prot & PROT_EXEC),
			 MAP_PRIVATE | MAP_ANONYMOUS |
			 (segment->p_filesz ? MAP_FIXED : fixed), -1, 0);
}

void kbox_image_map(int fd, enum kbox_image_place place, unsigned long offset,
		    struct kbox_image *ret_image)
{
	struct kbox_image image = { 0 };
	struct kbox_headers headers;
	struct kbox_extent extent;
	const Elf64_Ehdr *ehdr;
	const Elf64_Phdr *segment;
	int i, fixed = MAP_FIXED_NOREPLACE;

	kbox_headers_map(fd, &headers);
	kbox_extent_get(&headers, &extent);
	ehdr = headers.ehdr;
	segment = headers.phdrs;
	if (ehdr->e_type == ET_DYN) {
		image.bias = kbox_reserve(&extent, place, offset);
		fixed = MAP_FIXED;
	}
	for (i = 0; i < ehdr->e_phnum; i++, segment++) {
		if (segment->p_type == PT_GNU_STACK)
			image.stack_exec = !!(segment->p_flags & PF_X);
		if (segment->p_type != PT_LOAD || !segment->p_memsz)
			continue;
		kbox_segment_map(fd, segment, image.bias + segment->p_vaddr,
				 fixed);
		fixed = MAP_FIXED;
		if (segment->p_offset <= ehdr->e_phoff &&
		    ehdr->e_phoff - segment->p_offset < segment->p_filesz)
			image.phdr = image.bias + segment->p_vaddr +
				     (ehdr->e_phoff - segment->p_offset);
	}
	image.entry = image.bias + ehdr->e_entry;
	image.phnum = ehdr->e_phnum;
	kbox_headers_unmap(&headers);
	*ret_image = image;
}
