/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library kernel's RAM.
 *
 * Side: host. RAM is a memfd, since the kernel wants some of its pages a
 * second time, side by side (vmap); anonymous memory cannot be mapped twice.
 * Pages that were never touched cost nothing.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "host.h"

#define PAGE_BYTES 4096UL

void *kbox_host_ram_map(unsigned long long bytes)
{
	struct kbox_host *host = kbox_host();
	KBOX_CLEANUP_CLOSE int fd = -1;
	void *ram;

	if (host->ram_fd >= 0)
		return NULL;
	fd = memfd_create("kbox-ram", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
		return NULL;
	ram = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (ram == MAP_FAILED)
		return NULL;
	/* Guests' data: not for core files. */
	madvise(ram, bytes, MADV_DONTDUMP);
	host->ram_fd = KBOX_TAKE_FD(fd);
	host->ram_bytes = bytes;
	return ram;
}

/* How many of the pages from @offsets on lie side by side. */
static unsigned int run_of(const unsigned long long *offsets,
			   unsigned int count)
{
	unsigned int run = 1;

	while (run < count && offsets[run] == offsets[run - 1] + PAGE_BYTES)
		run++;
	return run;
}

void *kbox_host_ram_alias(const unsigned long long *offsets, unsigned int count)
{
	struct kbox_host *host = kbox_host();
	size_t bytes = count * PAGE_BYTES;
	char *window;

	if (!count)
		return NULL;
	window = mmap(NULL, bytes, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (window == MAP_FAILED)
		return NULL;
	for (unsigned int i = 0; i < count;) {
		unsigned int run = run_of(offsets + i, count - i);

		if (offsets[i] + run * PAGE_BYTES > host->ram_bytes ||
		    mmap(window + i * PAGE_BYTES, run * PAGE_BYTES,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 host->ram_fd, (off_t)offsets[i]) == MAP_FAILED) {
			munmap(window, bytes);
			return NULL;
		}
		i += run;
	}
	return window;
}

void kbox_host_ram_unalias(void *addr, unsigned int count)
{
	munmap(addr, count * PAGE_BYTES);
}
