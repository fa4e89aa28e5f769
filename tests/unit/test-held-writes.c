// SPDX-License-Identifier: GPL-2.0-only
/*
 * Held writes: read back over the disk, put on it in order and with the flushes
 * between them, again after an error, and within the limit.
 *
 * Side: host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "lkernel/held-writes.h"

#define DISK_BYTES 8192
#define OPS_MAX 64
#define FLUSH (~0ULL)

/* A disk that notes what it is asked for, and fails when told to. */
struct disk {
	unsigned char data[DISK_BYTES];
	unsigned long long ops[OPS_MAX];	/* offsets, or FLUSH */
	unsigned int count;
	unsigned int fail_at;			/* the op that fails; 0: none */
};

static int note(struct disk *disk, unsigned long long op)
{
	assert_true(disk->count < OPS_MAX);
	disk->ops[disk->count++] = op;
	return disk->count == disk->fail_at ? -EIO : 0;
}

static int write_disk(void *arg, const void *data, size_t len,
		      unsigned long long offset)
{
	struct disk *disk = arg;
	int err = note(disk, offset);

	assert_true(offset <= DISK_BYTES && len <= DISK_BYTES - offset);
	if (!err)
		memcpy(disk->data + offset, data, len);
	return err;
}

static int flush_disk(void *arg)
{
	return note(arg, FLUSH);
}

static struct kbox_held_target target_of(struct disk *disk)
{
	return (struct kbox_held_target){ write_disk, flush_disk, disk };
}

static void add(struct kbox_held_writes *held, unsigned long long offset,
		size_t len, int byte)
{
	unsigned char data[DISK_BYTES];
	const struct kbox_iovec iov[2] = { { data, len / 2 },
					   { data, len - len / 2 } };

	memset(data, byte, len);
	assert_int_equal(kbox_held_add(held, iov, 2, offset), 0);
}

static void assert_ops(const struct disk *disk, const unsigned long long *ops,
		       unsigned int count)
{
	assert_int_equal(disk->count, count);
	assert_memory_equal(disk->ops, ops, count * sizeof(*ops));
}

static void order(void **state)
{
	static const unsigned long long ops[] = { 0, 512, FLUSH, 0, FLUSH,
						  1024 };
	struct kbox_held_writes held = { 0 };
	struct disk disk = { .data = { 0 } };
	const struct kbox_held_target target = target_of(&disk);

	(void)state;
	/* Nothing is waiting for it. */
	kbox_held_flush(&held);
	add(&held, 0, 512, 1);
	add(&held, 512, 512, 2);
	kbox_held_flush(&held);
	kbox_held_flush(&held);
	/* The same place again: the state in between must appear, too. */
	add(&held, 0, 512, 3);
	kbox_held_flush(&held);
	add(&held, 1024, 1024, 4);
	assert_int_equal(held.bytes, 2560);
	assert_int_equal(kbox_held_write_out(&held, &target), 0);
	assert_ops(&disk, ops, 6);
	assert_int_equal(disk.data[0], 3);
	assert_int_equal(disk.data[512], 2);
	assert_int_equal(disk.data[2047], 4);
	assert_int_equal(disk.data[2048], 0);
	assert_int_equal(held.bytes, 0);
	assert_null(held.first);
	assert_int_equal(kbox_held_write_out(&held, &target), 0);
	assert_int_equal(disk.count, 6);
}

static void errors(void **state)
{
	static const unsigned long long ops[] = {
		0, 512, FLUSH,		/* fails */
		0, 512, FLUSH, 1024,	/* fails */
		1024, FLUSH,
	};
	struct kbox_held_writes held = { 0 };
	struct disk disk = { .fail_at = 3 };
	const struct kbox_held_target target = target_of(&disk);

	(void)state;
	add(&held, 0, 512, 1);
	add(&held, 512, 512, 2);
	kbox_held_flush(&held);
	add(&held, 1024, 512, 3);
	kbox_held_flush(&held);
	assert_int_equal(kbox_held_write_out(&held, &target), -EIO);
	assert_int_equal(held.bytes, 1536);
	disk.fail_at = 7;
	assert_int_equal(kbox_held_write_out(&held, &target), -EIO);
	assert_int_equal(held.bytes, 512);
	assert_int_equal(kbox_held_write_out(&held, &target), 0);
	assert_ops(&disk, ops, 9);
	assert_int_equal(held.bytes, 0);
}

/* Against a plain array, with random writes and reads in random pieces. */
static void reads(void **state)
{
	static unsigned char disk[DISK_BYTES], got[DISK_BYTES];
	struct kbox_held_writes held = { 0 };

	(void)state;
	srand(1);
	for (unsigned int i = 0; i < 300; i++) {
		size_t at = (size_t)rand() % DISK_BYTES;
		size_t len = (size_t)rand() % (DISK_BYTES - at) % 1500;
		size_t from = (size_t)rand() % DISK_BYTES;
		size_t bytes = (size_t)rand() % (DISK_BYTES - from);
		const struct kbox_iovec iov[3] = {
			{ got, bytes / 3 },
			{ got + bytes / 3, bytes / 4 },
			{ got + bytes / 3 + bytes / 4,
			  bytes - bytes / 3 - bytes / 4 },
		};

		add(&held, at, len, (int)i);
		memset(disk + at, (int)i, len);
		/* What the file has does not count where something is held. */
		memset(got, 0, sizeof(got));
		kbox_held_read(&held, iov, 3, from);
		assert_memory_equal(got, disk + from, bytes);
	}
	kbox_held_drop(&held);
	assert_int_equal(held.bytes, 0);
	memset(got, 7, sizeof(got));
	kbox_held_read(&held, &(struct kbox_iovec){ got, DISK_BYTES }, 1, 0);
	assert_int_equal(got[0], 7);
}

static void limit(void **state)
{
	struct kbox_held_writes held = { 0 };
	unsigned char *data = calloc(1, KBOX_HELD_BYTES_MAX);
	const struct kbox_iovec iov[2] = {
		{ data, KBOX_HELD_BYTES_MAX - 512 },
		{ data, 1024 },
	};
	const struct kbox_iovec last = { data, 512 };
	const struct kbox_iovec huge = { data, ~0UL };

	(void)state;
	assert_int_equal(kbox_held_add(&held, iov, 2, 0), -ENOSPC);
	assert_int_equal(kbox_held_add(&held, iov, 1, 0), 0);
	assert_int_equal(kbox_held_add(&held, &iov[1], 1, 0), -ENOSPC);
	assert_int_equal(kbox_held_add(&held, &huge, 1, 0), -ENOSPC);
	assert_int_equal(kbox_held_add(&held, &last, 1, 0), 0);
	assert_int_equal(kbox_held_add(&held, &last, 1, 0), -ENOSPC);
	assert_int_equal(held.bytes, KBOX_HELD_BYTES_MAX);
	kbox_held_drop(&held);
	assert_int_equal(kbox_held_add(&held, &last, 1, 0), 0);
	kbox_held_drop(&held);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(errors),
		cmocka_unit_test(reads),
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
