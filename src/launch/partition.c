/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Partitions of an image.
 *
 * Side: host. The table comes from outside: every number in it is checked
 * against the size of the image before it is used.
 */
#include "partition.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "../base/io.h"

#define SECTOR 512ULL

/* Links followed from one logical partition to the next. */
#define LOGICAL_MAX 128

#define MBR_TYPE_GPT 0xee

struct entry {
	unsigned int type;
	uint64_t start, count;	/* sectors */
};

static uint32_t get32(const unsigned char *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return le32toh(value);
}

static uint64_t get64(const unsigned char *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* Read all of @len bytes: 0, -ENODATA at the end of the image, or -errno. */
static int read_at(int fd, void *buf, size_t len, unsigned long long offset)
{
	ssize_t n;

	if (offset > INT64_MAX - len)
		return -ENODATA;
	n = kbox_pread_all(fd, buf, len, (off_t)offset);
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -ENODATA;
}

static void get_entry(const unsigned char *table, unsigned int index,
		      struct entry *entry)
{
	const unsigned char *p = table + 446 + 16 * index;

	entry->type = p[4];
	entry->start = get32(p + 8);
	entry->count = get32(p + 12);
}

static bool is_extended(unsigned int type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

/* A boot record: -ENODATA when sector @at is none. */
static int read_record(int fd, uint64_t at, unsigned char record[512])
{
	int err = read_at(fd, record, SECTOR, at * SECTOR);

	if (err)
		return err;
	return record[510] == 0x55 && record[511] == 0xaa ? 0 : -ENODATA;
}

static int find_logical(int fd, uint64_t extended, unsigned int number,
			struct entry *ret)
{
	unsigned char record[SECTOR];
	uint64_t at = extended;
	struct entry next;

	for (unsigned int i = 5; i < 5 + LOGICAL_MAX; i++) {
		if (read_record(fd, at, record))
			return -ENOENT;
		get_entry(record, 0, ret);
		if (i == number) {
			ret->start += at;
			return ret->type ? 0 : -ENOENT;
		}
		get_entry(record, 1, &next);
		if (!is_extended(next.type) || !next.start)
			return -ENOENT;
		at = extended + next.start;
	}
	return -ENOENT;
}

static int find_gpt(int fd, unsigned int number, struct entry *ret)
{
	unsigned char header[SECTOR], entry[128];
	uint64_t table, entry_size, first, last;
	int err = read_at(fd, header, sizeof(header), SECTOR);

	if (err)
		return err;
	if (memcmp(header, "EFI PART", 8))
		return -ENODATA;
	table = get64(header + 72);
	entry_size = get32(header + 84);
	if (number > get32(header + 80))
		return -ENOENT;
	if (entry_size < sizeof(entry) || entry_size > 4096 ||
	    table > UINT32_MAX)
		return -ENODATA;
	err = read_at(fd, entry, sizeof(entry),
		      table * SECTOR + (number - 1) * entry_size);
	if (err)
		return err;
	first = get64(entry + 32);
	last = get64(entry + 40);
	/* A zero type is an unused entry. */
	if (!get64(entry) && !get64(entry + 8))
		return -ENOENT;
	if (last < first || last == UINT64_MAX)
		return -ERANGE;
	ret->start = first;
	ret->count = last - first + 1;
	return 0;
}

static int find_mbr(int fd, const unsigned char *record, unsigned int number,
		    struct entry *ret)
{
	struct entry entry;

	if (number <= 4) {
		get_entry(record, number - 1, ret);
		return ret->type && !is_extended(ret->type) ? 0 : -ENOENT;
	}
	for (unsigned int i = 0; i < 4; i++) {
		get_entry(record, i, &entry);
		if (is_extended(entry.type))
			return find_logical(fd, entry.start, number, ret);
	}
	return -ENOENT;
}

int kbox_partition_find(int fd, unsigned long long bytes, unsigned int number,
			unsigned long long *ret_start,
			unsigned long long *ret_bytes)
{
	unsigned char record[SECTOR];
	uint64_t sectors = bytes / SECTOR;
	struct entry entry;
	int err = read_record(fd, 0, record);

	if (err)
		return err;
	if (!number)
		return -ENOENT;
	get_entry(record, 0, &entry);
	err = entry.type == MBR_TYPE_GPT ?
		      find_gpt(fd, number, &entry) :
		      find_mbr(fd, record, number, &entry);
	if (err)
		return err;
	if (!entry.count || entry.start >= sectors ||
	    entry.count > sectors - entry.start)
		return -ERANGE;
	*ret_start = entry.start * SECTOR;
	*ret_bytes = entry.count * SECTOR;
	return 0;
}

bool kbox_partition_table(int fd)
{
	unsigned char record[SECTOR];
	struct entry entry;

	if (read_record(fd, 0, record))
		return false;
	/* A boot sector of a file system ends in the same two bytes. */
	for (unsigned int i = 0; i < 4; i++) {
		if (record[446 + 16 * i] & 0x7f)
			return false;
		get_entry(record, i, &entry);
		if (entry.type && entry.count)
			return true;
	}
	return false;
}
