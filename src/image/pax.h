/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header of a file in a tar archive.
 *
 * Side: host. In the pax format: what does not fit into the old fields, times to
 * the nanosecond, attributes and access control lists are records of a header of
 * their own before it. Names are bytes, as Linux has them.
 *
 * libarchive writes such headers, too, but not of names that are no UTF-8, nor
 * with a mode and an access control list that differ.
 *
 * Sources: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended
 * Header"; tar(5) for SCHILY.xattr and SCHILY.acl.
 */
#ifndef KBOX_IMAGE_PAX_H
#define KBOX_IMAGE_PAX_H

#include <archive_entry.h>
#include <stddef.h>

#define KBOX_PAX_BLOCK 512

/* Bytes that become more. */
struct kbox_pax_buffer {
	char *data;		/* owned */
	size_t len;
};

/*
 * The blocks that come before the contents of @entry, whose access control lists
 * are among its attributes. Names get "./" before them. 0; -EINVAL for a kind of
 * file that archives do not have; -ENOMEM. The caller frees *@out.
 */
int kbox_pax_header(struct archive_entry *entry, struct kbox_pax_buffer *out);

#endif
