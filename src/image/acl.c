/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * POSIX access control lists: entries of archives, attributes of files.
 *
 * Side: host.
 */
#include "acl.h"

#include <endian.h>
#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/macros.h"

static const struct {
	const char *xattr;
	int type;
} kinds[KBOX_ACL_KINDS] = {
	[KBOX_ACL_ACCESS] = { "system.posix_acl_access",
			      ARCHIVE_ENTRY_ACL_TYPE_ACCESS },
	[KBOX_ACL_DEFAULT] = { "system.posix_acl_default",
			       ARCHIVE_ENTRY_ACL_TYPE_DEFAULT },
};

/* In the order that the kernel wants them. */
static const struct {
	int archive;
	unsigned short kernel;
	bool has_id;
	const char *text;
} tags[] = {
	{ ARCHIVE_ENTRY_ACL_USER_OBJ, ACL_USER_OBJ, false, "user" },
	{ ARCHIVE_ENTRY_ACL_USER, ACL_USER, true, "user" },
	{ ARCHIVE_ENTRY_ACL_GROUP_OBJ, ACL_GROUP_OBJ, false, "group" },
	{ ARCHIVE_ENTRY_ACL_GROUP, ACL_GROUP, true, "group" },
	{ ARCHIVE_ENTRY_ACL_MASK, ACL_MASK, false, "mask" },
	{ ARCHIVE_ENTRY_ACL_OTHER, ACL_OTHER, false, "other" },
};

const char *kbox_acl_xattr(enum kbox_acl_kind kind)
{
	return kinds[kind].xattr;
}

/* The entries of one tag, to @to; how many. */
static size_t pack_tag(struct archive_entry *entry, int type, size_t tag,
		       struct posix_acl_xattr_entry *to)
{
	int got, perm, kind, id;
	const char *name;
	size_t count = 0;

	archive_entry_acl_reset(entry, type);
	while (!archive_entry_acl_next(entry, type, &got, &perm, &kind, &id,
				       &name)) {
		if (kind != tags[tag].archive)
			continue;
		to[count].e_tag = htole16(tags[tag].kernel);
		to[count].e_perm = htole16((unsigned short)(perm & 7));
		to[count].e_id = htole32(tags[tag].has_id ? (unsigned int)id :
							    ACL_UNDEFINED_ID);
		count++;
	}
	return count;
}

long kbox_acl_pack(struct archive_entry *entry, enum kbox_acl_kind kind,
		   void **ret_value)
{
	int type = kinds[kind].type;
	int count = archive_entry_acl_reset(entry, type);
	struct posix_acl_xattr_header *header;
	struct posix_acl_xattr_entry *to;
	size_t used = 0;

	if (count <= 0)
		return 0;
	header = calloc(1, sizeof(*header) + (size_t)count * sizeof(*to));
	if (!header)
		return -ENOMEM;
	header->a_version = htole32(POSIX_ACL_XATTR_VERSION);
	to = (void *)(header + 1);
	for (size_t tag = 0; tag < KBOX_ARRAY_SIZE(tags); tag++)
		used += pack_tag(entry, type, tag, to + used);
	*ret_value = header;
	return (long)(sizeof(*header) + used * sizeof(*to));
}

bool kbox_acl_unpack(struct archive_entry *entry, const char *name,
		     const void *value, size_t len)
{
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry from;
	enum kbox_acl_kind kind = KBOX_ACL_ACCESS;

	while (kind < KBOX_ACL_KINDS && strcmp(kinds[kind].xattr, name))
		kind++;
	if (kind == KBOX_ACL_KINDS)
		return false;
	if (len < sizeof(header))
		return true;
	memcpy(&header, value, sizeof(header));
	if (le32toh(header.a_version) != POSIX_ACL_XATTR_VERSION)
		return true;
	for (size_t at = sizeof(header); at + sizeof(from) <= len;
	     at += sizeof(from)) {
		memcpy(&from, (const char *)value + at, sizeof(from));
		for (size_t tag = 0; tag < KBOX_ARRAY_SIZE(tags); tag++)
			if (tags[tag].kernel == le16toh(from.e_tag))
				archive_entry_acl_add_entry(entry,
					kinds[kind].type, le16toh(from.e_perm),
					tags[tag].archive,
					tags[tag].has_id ?
						(int)le32toh(from.e_id) : -1,
					NULL);
	}
	return true;
}

static void print_entry(FILE *to, const struct posix_acl_xattr_entry *entry)
{
	unsigned int perm = le16toh(entry->e_perm);

	for (size_t tag = 0; tag < KBOX_ARRAY_SIZE(tags); tag++) {
		if (tags[tag].kernel != le16toh(entry->e_tag))
			continue;
		fprintf(to, "%s:", tags[tag].text);
		if (tags[tag].has_id)
			fprintf(to, "%u", le32toh(entry->e_id));
		fprintf(to, ":%c%c%c", perm & 4 ? 'r' : '-',
			perm & 2 ? 'w' : '-', perm & 1 ? 'x' : '-');
	}
}

char *kbox_acl_text(const void *value, size_t len)
{
	struct posix_acl_xattr_entry entry;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	for (size_t at = sizeof(struct posix_acl_xattr_header);
	     at + sizeof(entry) <= len; at += sizeof(entry)) {
		if (at > sizeof(struct posix_acl_xattr_header))
			fputc(',', to);
		memcpy(&entry, (const char *)value + at, sizeof(entry));
		print_entry(to, &entry);
	}
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}
