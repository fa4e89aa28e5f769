/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * POSIX access control lists: entries of archives, attributes of files.
 *
 * Side: host. Source: acl(5); the kernel's uapi/linux/posix_acl_xattr.h.
 */
#ifndef KBOX_IMAGE_ACL_H
#define KBOX_IMAGE_ACL_H

#include <archive_entry.h>
#include <stdbool.h>
#include <stddef.h>

enum kbox_acl_kind { KBOX_ACL_ACCESS, KBOX_ACL_DEFAULT, KBOX_ACL_KINDS };

/* The name of the extended attribute. */
const char *kbox_acl_xattr(enum kbox_acl_kind kind);

/*
 * The list of an entry as the value of the attribute, allocated; its length in
 * bytes, 0 when there is none beside the mode, or -ENOMEM.
 */
long kbox_acl_pack(struct archive_entry *entry, enum kbox_acl_kind kind,
		   void **ret_value);

/*
 * Take the value of an attribute over into an entry. Whether @name was that of
 * a list; a value that is none is passed over.
 */
bool kbox_acl_unpack(struct archive_entry *entry, const char *name,
		     const void *value, size_t len);

/*
 * The value of an attribute as archives have it, "user::rw-,user:5:r--,...",
 * which the caller frees; NULL without memory.
 */
char *kbox_acl_text(const void *value, size_t len);

#endif
