/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making empty ext4 file systems, with e2fsprogs.
 *
 * Side: host. Source: mke2fs(8).
 */
#include "ext4.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/log.h"
#include "tool.h"

/* mke2fs itself makes one inode for so many bytes. */
#define BYTES_PER_INODE 16384

/* Inodes beyond those of the source: for what comes later. */
#define SPARE_INODES 1024

#define MIB (1ULL << 20)

unsigned long long kbox_ext4_size(const struct kbox_amount *amount)
{
	/* Each file may need a block for its name or its attributes. */
	unsigned long long bytes = amount->bytes + amount->files * 4096;

	return (2 * bytes + (1024 * MIB) + MIB - 1) & ~(MIB - 1);
}

int kbox_ext4_make(const struct kbox_new_file *file,
		   unsigned long long size_bytes,
		   const struct kbox_amount *amount)
{
	unsigned long long inodes = size_bytes / BYTES_PER_INODE;
	char count[24];
	/*
	 * The file is new, so it is zeros. No space is kept for root: every
	 * user of an image may be root inside.
	 */
	const char *const argv[] = {
		"mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256",
		"-m", "0", "-N", count, "-E",
		"root_owner=0:0,assume_storage_prezeroed=1",
		file->name, NULL
	};

	if (inodes < amount->files + amount->files / 4 + SPARE_INODES)
		inodes = amount->files + amount->files / 4 + SPARE_INODES;
	snprintf(count, sizeof(count), "%llu", inodes);
	if (ftruncate(file->fd, (off_t)size_bytes) < 0) {
		kbox_error("%s: cannot be made %llu MiB large: %s", file->path,
			   size_bytes / MIB, strerror(errno));
		return -errno;
	}
	return kbox_tool_run(argv, file->fd);
}
