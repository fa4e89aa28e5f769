/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header of a file in a tar archive; see pax.h.
 *
 * Side: host.
 */
#include "pax.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "../base/cleanup.h"
#include "acl.h"

/* The old header: text, and octal numbers with a NUL. */
struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12];
	char checksum[8], type, link[100], magic[6], version[2];
	char user[32], group[32], major[8], minor[8], prefix[155], unused[12];
};

_Static_assert(sizeof(struct ustar) == KBOX_PAX_BLOCK, "one block");

static int append(struct kbox_pax_buffer *to, const void *data, size_t len)
{
	char *more = realloc(to->data, to->len + len + 1);

	if (!more)
		return -ENOMEM;
	if (data)
		memcpy(more + to->len, data, len);
	else
		memset(more + to->len, 0, len);
	to->data = more;
	to->len += len;
	return 0;
}

/* Zeros up to the end of a block. */
static int fill_block(struct kbox_pax_buffer *to)
{
	return append(to, NULL, -to->len % KBOX_PAX_BLOCK);
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits. */
static int add_record(struct kbox_pax_buffer *to, const char *key,
		      const void *value, size_t len)
{
	size_t rest = strlen(key) + len + 3;
	size_t total = rest + 1, digits;
	char number[24];
	int err;

	while (digits = (size_t)snprintf(number, sizeof(number), "%zu", total),
	       rest + digits != total)
		total = rest + digits;
	err = append(to, number, digits);
	if (!err)
		err = append(to, " ", 1);
	if (!err)
		err = append(to, key, strlen(key));
	if (!err)
		err = append(to, "=", 1);
	if (!err)
		err = append(to, value, len);
	return err ? err : append(to, "\n", 1);
}

static int add_text(struct kbox_pax_buffer *to, const char *key,
		    const char *text)
{
	return add_record(to, key, text, strlen(text));
}

/* As an octal number where it fits, else as a record. */
static int set_number(struct kbox_pax_buffer *records, char *field,
		      size_t room, const char *key, long long value)
{
	char text[24];

	if (value >= 0 && value < 1LL << 3 * (room - 1)) {
		snprintf(text, sizeof(text), "%0*llo", (int)room - 1, value);
		memcpy(field, text, room);
		return 0;
	}
	memset(field, '0', room - 1);
	snprintf(text, sizeof(text), "%lld", value);
	return add_text(records, key, text);
}

/* The same for a name; one that fills its field has no NUL. */
static int set_name(struct kbox_pax_buffer *records, char *field, size_t room,
		    const char *key, const char *name)
{
	size_t len = strlen(name);
	int err = 0;

	memcpy(field, name, len < room ? len : room);
	if (len <= room)
		return 0;
	/* What is no UTF-8 must say so. */
	if (mbstowcs(NULL, name, 0) == (size_t)-1)
		err = add_text(records, "hdrcharset", "BINARY");
	return err ? err : add_text(records, key, name);
}

static int set_time(struct kbox_pax_buffer *records, struct ustar *header,
		    struct archive_entry *entry)
{
	long long seconds = archive_entry_mtime(entry);
	long nanoseconds = archive_entry_mtime_nsec(entry);
	bool before = seconds < 0 && nanoseconds;
	char text[40];

	if (!nanoseconds)
		return set_number(records, header->mtime,
				  sizeof(header->mtime), "mtime", seconds);
	memset(header->mtime, '0', sizeof(header->mtime) - 1);
	if (before) {
		seconds++;
		nanoseconds = 1000000000 - nanoseconds;
	}
	snprintf(text, sizeof(text), "%s%lld.%09ld", before ? "-" : "",
		 before ? -seconds : seconds, nanoseconds);
	return add_text(records, "mtime", text);
}

static int add_attribute(struct kbox_pax_buffer *records, const char *name,
			 const void *value, size_t len)
{
	KBOX_CLEANUP_FREE char *text = NULL;
	KBOX_CLEANUP_FREE char *key = NULL;

	if (!strcmp(name, kbox_acl_xattr(KBOX_ACL_ACCESS)) ||
	    !strcmp(name, kbox_acl_xattr(KBOX_ACL_DEFAULT))) {
		text = kbox_acl_text(value, len);
		name = strrchr(name, '_') + 1;
		if (!text || asprintf(&key, "SCHILY.acl.%s", name) < 0)
			return -ENOMEM;
		return add_text(records, key, text);
	}
	if (asprintf(&key, "SCHILY.xattr.%s", name) < 0)
		return -ENOMEM;
	return add_record(records, key, value, len);
}

static int add_attributes(struct kbox_pax_buffer *records,
			  struct archive_entry *entry)
{
	const char *name;
	const void *value;
	size_t len;
	int err = 0;

	archive_entry_xattr_reset(entry);
	while (!err && !archive_entry_xattr_next(entry, &name, &value, &len))
		err = add_attribute(records, name, value, len);
	return err;
}

/* 0 for what no archive has. */
static char type_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return '1';
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return '0';
	case AE_IFLNK:
		return '2';
	case AE_IFCHR:
		return '3';
	case AE_IFBLK:
		return '4';
	case AE_IFDIR:
		return '5';
	case AE_IFIFO:
		return '6';
	default:
		return 0;
	}
}

static int set_names(struct kbox_pax_buffer *records, struct ustar *header,
		     struct archive_entry *entry)
{
	const char *target = archive_entry_hardlink(entry);
	KBOX_CLEANUP_FREE char *name = NULL;
	KBOX_CLEANUP_FREE char *link = NULL;
	int err;

	if (asprintf(&name, "./%s%s", archive_entry_pathname(entry),
		     header->type == '5' && *archive_entry_pathname(entry) ?
			     "/" : "") < 0 ||
	    asprintf(&link, "%s%s", target ? "./" : "",
		     target ? target : header->type == '2' ?
			      archive_entry_symlink(entry) : "") < 0)
		return -ENOMEM;
	err = set_name(records, header->name, sizeof(header->name), "path",
		       name);
	return err ? err : set_name(records, header->link,
				    sizeof(header->link), "linkpath", link);
}

static int set_numbers(struct kbox_pax_buffer *records, struct ustar *header,
		       struct archive_entry *entry)
{
	long long size = header->type == '0' ? archive_entry_size(entry) : 0;
	bool device = header->type == '3' || header->type == '4';
	dev_t rdev = device ? archive_entry_rdev(entry) : 0;
	int err = set_number(records, header->mode, sizeof(header->mode), "",
			     archive_entry_perm(entry));

	if (!err)
		err = set_number(records, header->uid, sizeof(header->uid),
				 "uid", archive_entry_uid(entry));
	if (!err)
		err = set_number(records, header->gid, sizeof(header->gid),
				 "gid", archive_entry_gid(entry));
	if (!err)
		err = set_number(records, header->size, sizeof(header->size),
				 "size", size);
	if (!err)
		err = set_number(records, header->major, sizeof(header->major),
				 "SCHILY.devmajor", major(rdev));
	return err ? err : set_number(records, header->minor,
				      sizeof(header->minor), "SCHILY.devminor",
				      minor(rdev));
}

static int add_block(struct kbox_pax_buffer *out, struct ustar *header)
{
	unsigned int sum = 0;

	memcpy(header->magic, "ustar", sizeof(header->magic));
	memcpy(header->version, "00", sizeof(header->version));
	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += ((const unsigned char *)header)[i];
	snprintf(header->checksum, sizeof(header->checksum), "%06o", sum);
	return append(out, header, sizeof(*header));
}

static int add_records(struct kbox_pax_buffer *out,
		       const struct kbox_pax_buffer *records)
{
	struct ustar header = { .type = 'x', .name = "./PaxHeaders",
				.mode = "0000644", .uid = "0000000",
				.gid = "0000000", .mtime = "00000000000" };
	struct kbox_pax_buffer none = { 0 };
	int err = set_number(&none, header.size, sizeof(header.size), "size",
			     (long long)records->len);

	if (!err)
		err = add_block(out, &header);
	if (!err)
		err = append(out, records->data, records->len);
	return err ? err : fill_block(out);
}

int kbox_pax_header(struct archive_entry *entry, struct kbox_pax_buffer *out)
{
	struct kbox_pax_buffer records = { 0 };
	struct ustar header = { .type = type_of(entry) };
	int err = header.type ? 0 : -EINVAL;

	if (!err)
		err = set_names(&records, &header, entry);
	if (!err)
		err = set_numbers(&records, &header, entry);
	if (!err)
		err = set_time(&records, &header, entry);
	/* All names of a file share them. */
	if (!err && header.type != '1')
		err = add_attributes(&records, entry);
	if (!err && records.len)
		err = add_records(out, &records);
	if (!err)
		err = add_block(out, &header);
	free(records.data);
	return err;
}
