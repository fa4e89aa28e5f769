/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and writing that goes on until it is done.
 *
 * Side: host. pread(2) and pwrite(2) may do less than they were asked for, and may
 * be interrupted; these go on until all is done, the file ends, or it fails.
 * They block as the descriptor does.
 *
 * Source: pread(2), pwrite(2).
 */
#ifndef KBOX_BASE_IO_H
#define KBOX_BASE_IO_H

#include <stddef.h>
#include <sys/types.h>

/* The bytes read, less than @len only at the end of the file; or -errno. */
ssize_t kbox_pread_all(int fd, void *buf, size_t len, off_t offset);

/* 0 when all of @len bytes are written, or -errno. Nothing written is EIO. */
int kbox_pwrite_all(int fd, const void *buf, size_t len, off_t offset);

#endif
