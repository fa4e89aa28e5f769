/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadows: sealed host memfds with the contents of a file of the image.
 *
 * Side: host. On a call's way: mmap and execve of a guest need a file that
 * the host kernel can map; this makes one.
 *
 * Invariants
 *  1. A shadow of a file that is handed out has the seals WRITE, GROW, SHRINK and SEAL.
 *     A memfd that cannot be sealed is an error, never a shadow.
 *  2. Its size is the file's; holes of the file are holes of the shadow.
 *  3. It is close-on-exec, and nothing maps it before it is sealed. Guests
 *     map it and reach it by nothing else, so it may be a description that
 *     was open for writing, where the host maps such a one MAP_SHARED.
 *  4. Whatever the host refuses (a memfd, pages for it, its size, the seals, a
 *     descriptor) is -ENOMEM: a mapping that cannot be had.
 *
 * Why it is made so, and not otherwise: docs/decisions/0030-shadow-creation.md.
 *
 * Sources: memfd_create(2), F_ADD_SEALS in fcntl(2).
 */
#ifndef KBOX_SHADOW_SHADOW_FD_H
#define KBOX_SHADOW_SHADOW_FD_H

#include <stdbool.h>

#include "../../abi/lkernel.h"

/* An empty memfd for file @dev, @ino, not yet sealed; or -ENOMEM. */
int kbox_shadow_memfd(unsigned long long dev, unsigned long long ino);

/*
 * Whether the host refuses to map a sealed memfd MAP_SHARED, even for reading, by
 * a description that was open for writing: it does before Linux 6.7. Then a
 * shadow has to be opened a second time, which takes as long as copying 3 pages.
 */
bool kbox_shadow_needs_reopening(void);

/*
 * A new shadow of @file, which has the identity @id; filled by
 * kbox_lk_file_fill(), so other kernel tasks may run meanwhile. @reopen: as
 * kbox_shadow_needs_reopening() said. On success *@ret_fd is owned by the caller.
 * 0; -ENOMEM; -EIO and whatever else reading the file gave.
 */
int kbox_shadow_create(const struct kbox_file_id *id, struct kbox_file *file,
		       bool reopen, int *ret_fd);

/* Bytes of memory that a shadow takes, holes not counted. */
unsigned long long kbox_shadow_bytes(int fd);

/*
 * What a mapping of /dev/zero maps: @id->size bytes that can be written, of
 * a fixed size. The one memfd for guests without the seal WRITE. An fd that
 * the caller owns; -ENOMEM, -EMFILE or -ENFILE.
 */
int kbox_shadow_zero(const struct kbox_file_id *id);

/*
 * Write all of @iov to @offset of a shadow under construction: what
 * kbox_lk_file_fill() calls. 0 or -ENOMEM.
 */
int kbox_shadow_write(int fd, const struct kbox_iovec *iov, unsigned int count,
		      unsigned long long offset);

#endif
