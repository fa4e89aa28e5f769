// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image: recognised, refused with a reason, cut into partitions, locked.
 *
 * Side: host. Images are memfds with hand-made superblocks, opened through
 * /proc/self/fd; each opening is a description, so a lock, of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launch/image.h"

#define MIB (1ULL << 20)

struct fixture {
	int fd;
	char path[64];
	struct kbox_options options;
	struct kbox_image image;
};

static void put(struct fixture *fixture, unsigned long long at,
		const void *data, size_t len)
{
	assert_int_equal(pwrite(fixture->fd, data, len, (off_t)at), len);
}

static void put_number(struct fixture *fixture, unsigned long long at,
		       uint64_t value, size_t len)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	put(fixture, at, bytes, len);
}

static int setup(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));

	fixture->fd = memfd_create("image", MFD_CLOEXEC);
	assert_true(fixture->fd >= 0);
	assert_int_equal(ftruncate(fixture->fd, 8 * MIB), 0);
	snprintf(fixture->path, sizeof(fixture->path), "/proc/self/fd/%d",
		 fixture->fd);
	fixture->options.image = fixture->path;
	fixture->image.fd = -1;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	kbox_image_close(&fixture->image);
	close(fixture->fd);
	test_free(fixture);
	return 0;
}

static void put_ext4(struct fixture *fixture, unsigned long long at,
		     uint32_t blocks)
{
	put_number(fixture, at + 1024 + 0x04, blocks, 4);
	put_number(fixture, at + 1024 + 0x18, 2, 4);	/* 4 KiB */
	put_number(fixture, at + 1024 + 0x38, 0xef53, 2);
}

static int open_it(struct fixture *fixture)
{
	return kbox_image_open(&fixture->image, &fixture->options);
}

static void ext4(void **state)
{
	struct fixture *fixture = *state;

	put_ext4(fixture, 0, 2048);
	assert_int_equal(open_it(fixture), 0);
	assert_string_equal(fixture->image.fs_type, "ext4");
	assert_int_equal(fixture->image.start, 0);
	assert_int_equal(fixture->image.bytes, 8 * MIB);
}

static void truncated(void **state)
{
	struct fixture *fixture = *state;

	put_ext4(fixture, 0, 2049);
	assert_int_equal(open_it(fixture), -EINVAL);
	assert_int_equal(fixture->image.fd, -1);
}

/* The upper half of the number of blocks counts with 64-bit file systems. */
static void truncated_64bit(void **state)
{
	struct fixture *fixture = *state;

	put_ext4(fixture, 0, 1);
	put_number(fixture, 1024 + 0x150, 1, 4);
	assert_int_equal(open_it(fixture), 0);
	kbox_image_close(&fixture->image);
	put_number(fixture, 1024 + 0x60, 0x80, 4);
	assert_int_equal(open_it(fixture), -EINVAL);
}

static bool opens_clean(struct fixture *fixture)
{
	bool clean;

	assert_int_equal(open_it(fixture), 0);
	clean = fixture->image.clean;
	kbox_image_close(&fixture->image);
	return clean;
}

/* Clean is only what says so, and has nothing left to be repaired. */
static void clean(void **state)
{
	static const struct {
		unsigned long long at;
		unsigned int value;
	} dirty[] = {
		{ 0x3a, 3 },		/* errors found */
		{ 0x3a, 0 },		/* mounted without a journal */
		{ 0x60, 0x4 },		/* the journal is to be replayed */
		{ 0x64, 0x10000 },	/* deleted files still open ... */
		{ 0xe8, 12 },		/* ... in both ways to note them */
	};
	struct fixture *fixture = *state;

	put_ext4(fixture, 0, 2048);
	assert_false(opens_clean(fixture));
	for (unsigned int i = 0; i < sizeof(dirty) / sizeof(dirty[0]); i++) {
		put_number(fixture, 1024 + 0x3a, 1, 2);
		assert_true(opens_clean(fixture));
		put_number(fixture, 1024 + dirty[i].at, dirty[i].value, 4);
		assert_false(opens_clean(fixture));
		put_number(fixture, 1024 + dirty[i].at, 0, 4);
	}
}

static void others(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, 0, "hsqs", 4);
	put_number(fixture, 40, 4 * MIB, 8);
	assert_int_equal(open_it(fixture), 0);
	assert_string_equal(fixture->image.fs_type, "squashfs");
	kbox_image_close(&fixture->image);
	put_number(fixture, 40, 9 * MIB, 8);
	assert_int_equal(open_it(fixture), -EINVAL);
	put(fixture, 0, "    ", 4);
	put_number(fixture, 1024, 0xe0f5e1e2, 4);
	put_number(fixture, 1024 + 12, 12, 1);
	put_number(fixture, 1024 + 36, 2048, 4);
	assert_int_equal(open_it(fixture), 0);
	assert_string_equal(fixture->image.fs_type, "erofs");
	kbox_image_close(&fixture->image);
	put_number(fixture, 1024 + 36, 2049, 4);
	assert_int_equal(open_it(fixture), -EINVAL);
}

static void not_images(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_it(fixture), -EINVAL);
	put(fixture, 0, "\x1f\x8b", 2);
	assert_int_equal(open_it(fixture), -EINVAL);
	assert_int_equal(ftruncate(fixture->fd, 100), 0);
	assert_int_equal(open_it(fixture), -EINVAL);
	assert_int_equal(ftruncate(fixture->fd, 0), 0);
	assert_int_equal(open_it(fixture), -EINVAL);
	fixture->options.image = "/nonexistent/image";
	assert_int_equal(open_it(fixture), -ENOENT);
	fixture->options.image = "/";
	assert_int_equal(open_it(fixture), -EISDIR);
	fixture->options.image = "/dev/null";
	assert_int_equal(open_it(fixture), -EINVAL);
}

static void put_mbr(struct fixture *fixture, unsigned long long at,
		    unsigned int index, unsigned int type, uint32_t start,
		    uint32_t count)
{
	put_number(fixture, at + 446 + 16 * index + 4, type, 1);
	put_number(fixture, at + 446 + 16 * index + 8, start, 4);
	put_number(fixture, at + 446 + 16 * index + 12, count, 4);
	put(fixture, at + 510, "\x55\xaa", 2);
}

static void mbr(void **state)
{
	struct fixture *fixture = *state;

	put_mbr(fixture, 0, 0, 0x83, 2048, 2048);
	put_mbr(fixture, 0, 1, 0x05, 4096, 8192);
	put_mbr(fixture, 0, 2, 0x83, 4096, 1U << 31);
	/* Two logical ones: the second one's record is at 4096 + 2048. */
	put_mbr(fixture, 4096 * 512, 0, 0x83, 8, 2000);
	put_mbr(fixture, 4096 * 512, 1, 0x05, 2048, 2048);
	put_mbr(fixture, 6144 * 512, 0, 0x83, 16, 2000);
	put_ext4(fixture, MIB, 256);
	put_ext4(fixture, 6160 * 512, 100);
	assert_int_equal(open_it(fixture), -EINVAL);
	fixture->options.partition = 1;
	assert_int_equal(open_it(fixture), 0);
	assert_int_equal(fixture->image.start, MIB);
	assert_int_equal(fixture->image.bytes, MIB);
	kbox_image_close(&fixture->image);
	fixture->options.partition = 6;
	assert_int_equal(open_it(fixture), 0);
	assert_int_equal(fixture->image.start, 6160 * 512);
	assert_int_equal(fixture->image.bytes, 2000 * 512);
	kbox_image_close(&fixture->image);
	fixture->options.partition = 2;
	assert_int_equal(open_it(fixture), -ENOENT);
	fixture->options.partition = 3;
	assert_int_equal(open_it(fixture), -ERANGE);
	fixture->options.partition = 7;
	assert_int_equal(open_it(fixture), -ENOENT);
	/* A chain of logical partitions that bites its tail ends. */
	put_mbr(fixture, 6144 * 512, 1, 0x05, 2048, 2048);
	fixture->options.partition = 128;
	open_it(fixture);
}

static void gpt(void **state)
{
	struct fixture *fixture = *state;

	put_mbr(fixture, 0, 0, 0xee, 1, 16383);
	put(fixture, 512, "EFI PART", 8);
	put_number(fixture, 512 + 72, 2, 8);
	put_number(fixture, 512 + 80, 128, 4);
	put_number(fixture, 512 + 84, 128, 4);
	put_number(fixture, 1024, 0x1234, 8);
	put_number(fixture, 1024 + 32, 4096, 8);
	put_number(fixture, 1024 + 40, 8191, 8);
	put_ext4(fixture, 2 * MIB, 512);
	fixture->options.partition = 1;
	assert_int_equal(open_it(fixture), 0);
	assert_int_equal(fixture->image.start, 2 * MIB);
	assert_int_equal(fixture->image.bytes, 2 * MIB);
	kbox_image_close(&fixture->image);
	fixture->options.partition = 2;
	assert_int_equal(open_it(fixture), -ENOENT);
	put_number(fixture, 1024 + 40, UINT64_MAX, 8);
	fixture->options.partition = 1;
	assert_int_equal(open_it(fixture), -ERANGE);
	put_number(fixture, 1024 + 40, 16384, 8);
	assert_int_equal(open_it(fixture), -ERANGE);
	put_number(fixture, 512 + 84, 0, 4);
	assert_int_equal(open_it(fixture), -ENODATA);
}

static void locks(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_options reader = fixture->options;
	struct kbox_image other;

	put_ext4(fixture, 0, 2048);
	reader.read_only = true;
	assert_int_equal(open_it(fixture), 0);
	assert_int_equal(kbox_image_open(&other, &fixture->options), -EAGAIN);
	assert_int_equal(kbox_image_open(&other, &reader), -EAGAIN);
	kbox_image_close(&fixture->image);
	assert_int_equal(kbox_image_open(&fixture->image, &reader), 0);
	assert_int_equal(kbox_image_open(&other, &reader), 0);
	kbox_image_close(&other);
	assert_int_equal(kbox_image_open(&other, &fixture->options), -EAGAIN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ext4), TEST(truncated), TEST(truncated_64bit),
		TEST(clean), TEST(others), TEST(not_images), TEST(mbr),
		TEST(gpt), TEST(locks),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
