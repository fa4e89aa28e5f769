/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Archives as a source.
 *
 * Side: host. tar in all its kinds, as it is or compressed with bzip2, compress,
 * gzip, lz4, lzip, lzma, xz or zstd. What libarchive reads with the help of other
 * programs is left out: an archive shall not choose what is executed.
 */
#ifndef KBOX_IMAGE_ARCHIVE_H
#define KBOX_IMAGE_ARCHIVE_H

#include "blob.h"
#include "guard.h"

/*
 * Send all files of the archive to @guard, whose source is named in messages.
 * With @bounded, an archive that grows beyond measure when it is unpacked is
 * refused. 0, or -errno after one line.
 */
int kbox_archive_send(const struct kbox_blob *blob, struct kbox_guard *guard,
		      bool bounded);

#endif
