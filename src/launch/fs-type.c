/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is in an image, by its magic numbers.
 *
 * Side: host. Sources: fs/ext4/ext4.h, fs/squashfs/squashfs_fs.h and
 * fs/erofs/erofs_fs.h of the kernel; magic(5) for the rest.
 */
#include "fs-type.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "../base/io.h"
#include "../base/macros.h"

/* Holds every superblock and magic number that is looked at. */
#define HEAD_BYTES 4096

#define EXT_SUPER KBOX_EXT_SUPER_OFFSET
#define EXT_VALID_FS 1
#define EXT_ERROR_FS 2
#define EXT_INCOMPAT_RECOVER 0x4
#define EXT_INCOMPAT_64BIT 0x80
#define EXT_RO_COMPAT_ORPHAN_PRESENT 0x10000

static uint16_t get16(const unsigned char *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return le16toh(value);
}

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

static unsigned long long ext_bytes(const unsigned char *super)
{
	uint64_t blocks = get32(super + 0x04);
	uint32_t log_size = get32(super + 0x18);

	if (get32(super + 0x60) & EXT_INCOMPAT_64BIT)
		blocks |= (uint64_t)get32(super + 0x150) << 32;
	/* A block has 1 KiB to 64 KiB; anything else is the kernel's to say. */
	if (log_size > 6 || blocks > UINT64_MAX >> 16)
		return 0;
	return blocks << (10 + log_size);
}

static bool ext_clean(const unsigned char *super)
{
	return get16(super + 0x3a) == EXT_VALID_FS &&
	       !(get32(super + 0x60) & EXT_INCOMPAT_RECOVER) &&
	       !(get32(super + 0x64) & EXT_RO_COMPAT_ORPHAN_PRESENT) &&
	       !get32(super + 0xe8);	/* list of deleted open files */
}

bool kbox_fs_type_ext_error(const unsigned char *super)
{
	return get16(super + 0x3a) & EXT_ERROR_FS;
}

static unsigned long long erofs_bytes(const unsigned char *super)
{
	unsigned int block_bits = super[12];

	return block_bits > 16 ? 0 : (uint64_t)get32(super + 36) << block_bits;
}

/* Things that are not mounted, to be named in the message. */
static const struct {
	const char *name;
	unsigned int offset, len;
	const char *magic;
} others[] = {
	{ "an XFS file system", 0, 4, "XFSB" },
	{ "an F2FS file system", 1024, 4, "\x10\x20\xf5\xf2" },
	{ "a FAT file system", 54, 5, "FAT16" },
	{ "a FAT file system", 82, 5, "FAT32" },
	{ "a qcow2 image (qemu-img convert -O raw makes a raw one)", 0, 4,
	  "QFI\xfb" },
	{ "a LUKS volume", 0, 6, "LUKS\xba\xbe" },
	{ "compressed with gzip", 0, 2, "\x1f\x8b" },
	{ "compressed with xz", 0, 6, "\xfd" "7zXZ\0" },
	{ "compressed with zstd", 0, 4, "\x28\xb5\x2f\xfd" },
	{ "compressed with bzip2", 0, 3, "BZh" },
	{ "a zip archive", 0, 4, "PK\x03\x04" },
	{ "a tar archive", 257, 5, "ustar" },
	{ "a cpio archive", 0, 5, "07070" },
	{ "an ELF file", 0, 4, "\177ELF" },
	{ "a script", 0, 2, "#!" },
};

static int detect(const unsigned char *head, struct kbox_fs_type *type)
{
	type->mountable = true;
	type->clean = true;
	type->bytes = 0;
	if (get16(head + EXT_SUPER + 0x38) == 0xef53) {
		type->name = "ext4";
		type->bytes = ext_bytes(head + EXT_SUPER);
		type->clean = ext_clean(head + EXT_SUPER);
		return 0;
	}
	if (!memcmp(head, "hsqs", 4)) {
		type->name = "squashfs";
		type->bytes = get64(head + 40);
		return 0;
	}
	if (get32(head + 1024) == 0xe0f5e1e2) {
		type->name = "erofs";
		type->bytes = erofs_bytes(head + 1024);
		return 0;
	}
	type->mountable = false;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(others); i++) {
		if (memcmp(head + others[i].offset, others[i].magic,
			   others[i].len))
			continue;
		type->name = others[i].name;
		return 0;
	}
	return -ENODATA;
}

int kbox_fs_type_detect(int fd, unsigned long long start,
			unsigned long long bytes,
			struct kbox_fs_type *ret_type)
{
	unsigned char head[HEAD_BYTES] = { 0 };
	unsigned long want = bytes < sizeof(head) ? bytes : sizeof(head);
	struct kbox_fs_type type;
	ssize_t n;
	int err;

	n = kbox_pread_all(fd, head, want, (off_t)start);
	if (n < 0)
		return (int)n;
	err = detect(head, &type);
	if (!err)
		*ret_type = type;
	return err;
}

bool kbox_fs_type_known(const char *name)
{
	static const char *const known[] = { "ext4", "ext3", "ext2",
					     "squashfs", "erofs" };

	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(known); i++)
		if (!strcmp(name, known[i]))
			return true;
	return false;
}
