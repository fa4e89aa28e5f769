// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadows and their cache, with a file that the test makes up in place of the
 * library kernel's.
 *
 * Side: host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shadow/shadow-cache.h"
#include "shadow/shadow-fd.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

/* What the kernel knows as an open file; the contents repeat one byte. */
struct kbox_file {
	unsigned long long size;
	unsigned char byte;
	unsigned int pieces;		/* iovec entries that it is given in */
	bool hole;			/* nothing is written at all */
	int error;			/* of reading it */
	unsigned int fills;
	struct kbox_shadow_cache *invalidates;	/* while it is being read */
	struct kbox_file_id *id;
};

int kbox_lk_file_fill(struct kbox_file *file, int fd)
{
	unsigned char *contents;
	struct kbox_iovec *iov;
	int err;

	file->fills++;
	if (file->invalidates)
		kbox_shadow_cache_invalidate(file->invalidates, file->id->dev,
					     file->id->ino);
	if (file->error)
		return file->error;
	if (file->hole || !file->size)
		return 0;
	contents = malloc(file->size);
	iov = calloc(file->pieces, sizeof(*iov));
	memset(contents, file->byte, file->size);
	for (unsigned int i = 0; i < file->pieces; i++) {
		unsigned long begin = file->size * i / file->pieces;
		unsigned long end = file->size * (i + 1) / file->pieces;

		iov[i].base = contents + begin;
		iov[i].len = end - begin;
	}
	err = kbox_shadow_write(fd, iov, file->pieces, 0);
	free(contents);
	free(iov);
	return err;
}

static struct kbox_file_id id_of(unsigned long long ino,
				 unsigned long long size)
{
	return (struct kbox_file_id){ .dev = 1, .ino = ino, .mtime_sec = 5,
				      .size = size };
}

static void check_contents(int fd, const struct kbox_file *file)
{
	unsigned char *map;

	if (!file->size)
		return;
	map = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	for (unsigned long long i = 0; i < file->size; i++)
		if (map[i] != (file->hole ? 0 : file->byte))
			fail_msg("wrong byte at %llu", i);
	munmap(map, file->size);
}

/* Nobody who gets a shadow can change what others see through it. */
static void check_sealed(bool reopen)
{
	struct kbox_file file = { .size = 100000, .byte = 7, .pieces = 25 };
	struct kbox_file_id id = id_of(1, file.size);
	struct stat st;
	void *shared;
	int fd;

	assert_int_equal(kbox_shadow_create(&id, &file, reopen, &fd), 0);
	assert_int_equal(fcntl(fd, F_GET_SEALS) & SEALS, SEALS);
	if (reopen)
		assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, file.size);
	check_contents(fd, &file);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, reopen ? EBADF : EPERM);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(ftruncate(fd, 1 << 20), -1);
	assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE |
					   FALLOC_FL_KEEP_SIZE, 0, 4096), -1);
	shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(mprotect(shared, 4096, PROT_READ | PROT_WRITE), -1);
	munmap(shared, 4096);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			      fd, 0), MAP_FAILED);
	assert_ptr_not_equal(mmap(NULL, 4096, PROT_READ | PROT_EXEC,
				  MAP_PRIVATE, fd, 0), MAP_FAILED);
	close(fd);
}

static void sealed_fd_invariant(void **state)
{
	(void)state;
	check_sealed(true);
	if (!kbox_shadow_needs_reopening())
		check_sealed(false);
}

static void many_pieces(void **state)
{
	struct kbox_file file = { .size = 3000 * 7, .byte = 9, .pieces = 3000 };
	struct kbox_file_id id = id_of(1, file.size);
	int fd;

	(void)state;
	assert_int_equal(kbox_shadow_create(&id, &file, false, &fd), 0);
	check_contents(fd, &file);
	close(fd);
}

static void holes_cost_nothing(void **state)
{
	struct kbox_file file = { .size = 64 << 20, .hole = true };
	struct kbox_file_id id = id_of(1, file.size);
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(kbox_shadow_create(&id, &file, false, &fd), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_blocks, 0);
	assert_int_equal(st.st_size, file.size);
	close(fd);
}

static void empty_and_failing(void **state)
{
	struct kbox_file file = { 0 };
	struct kbox_file_id id = id_of(1, 0);
	int fd = -5;

	(void)state;
	file.error = -EIO;
	assert_int_equal(kbox_shadow_create(&id, &file, false, &fd), -EIO);
	assert_int_equal(fd, -5);
	file.error = 0;
	assert_int_equal(kbox_shadow_create(&id, &file, false, &fd), 0);
	close(fd);
}

static void with_limit(int resource, rlim_t value, unsigned long long size)
{
	struct kbox_file file = { .size = 8192, .byte = 3, .pieces = 2 };
	struct kbox_file_id id = id_of(1, size);
	struct rlimit before, now;
	int fd = -5, err;

	assert_int_equal(getrlimit(resource, &before), 0);
	now = (struct rlimit){ value, before.rlim_max };
	assert_int_equal(setrlimit(resource, &now), 0);
	err = kbox_shadow_create(&id, &file, true, &fd);
	assert_int_equal(setrlimit(resource, &before), 0);
	assert_int_equal(err, -ENOMEM);
	assert_int_equal(fd, -5);
}

/* Whatever the host refuses is a lack of memory, and costs no descriptor. */
static void refused_by_the_host(void **state)
{
	int lowest = dup(0);

	(void)state;
	close(lowest);
	signal(SIGXFSZ, SIG_IGN);
	with_limit(RLIMIT_FSIZE, 4096, 8192);
	/* The size fits, writing it does not. */
	with_limit(RLIMIT_FSIZE, 4096, 4096);
	/* No descriptor for the memfd; none for its second description. */
	with_limit(RLIMIT_NOFILE, (rlim_t)lowest, 8192);
	with_limit(RLIMIT_NOFILE, (rlim_t)lowest + 1, 8192);
	/* Larger than any file. */
	with_limit(RLIMIT_CORE, 0, 1ULL << 63);
	assert_int_equal(dup(0), lowest);
	close(lowest);
}

static int cache_setup(void **state)
{
	struct kbox_shadow_cache *cache = test_calloc(1, sizeof(*cache));

	kbox_shadow_cache_init(cache, 1 << 20);
	*state = cache;
	return 0;
}

static int cache_teardown(void **state)
{
	kbox_shadow_cache_reset(*state);
	test_free(*state);
	return 0;
}

/* Get and close; whether it had to be filled. */
static bool filled(struct kbox_shadow_cache *cache,
		   const struct kbox_file_id *id, struct kbox_file *file)
{
	unsigned int before = file->fills;
	int fd;

	assert_int_equal(kbox_shadow_create_cached(cache, id, file, &fd), 0);
	assert_int_equal(fcntl(fd, F_GET_SEALS) & SEALS, SEALS);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_contents(fd, file);
	close(fd);
	return file->fills != before;
}

static void hit(void **state)
{
	struct kbox_file file = { .size = 5000, .byte = 1, .pieces = 2 };
	struct kbox_file_id id = id_of(1, file.size);
	struct stat one, other;
	int first, second;

	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &first),
			 0);
	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &second),
			 0);
	assert_int_equal(file.fills, 1);
	assert_int_not_equal(first, second);
	assert_int_equal(fstat(first, &one), 0);
	assert_int_equal(fstat(second, &other), 0);
	assert_int_equal(one.st_ino, other.st_ino);
	close(first);
	close(second);
	assert_int_equal(kbox_shadow_cache_size(*state), 1);
	assert_int_equal(kbox_shadow_cache_hits(*state), 1);
	assert_int_equal(kbox_shadow_cache_misses(*state), 1);
	assert_int_equal(kbox_shadow_cache_bytes(*state), 8192);
}

static void close_does_not_evict(void **state)
{
	struct kbox_file file = { .size = 5000, .byte = 1, .pieces = 2 };
	struct kbox_file_id id = id_of(1, file.size);

	assert_true(filled(*state, &id, &file));
	assert_false(filled(*state, &id, &file));
	assert_false(filled(*state, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(*state), 1);
	assert_int_equal(kbox_shadow_cache_hits(*state), 2);
}

/* Evicting, in turn, leaves what was handed out alone. */
static void evict_does_not_close(void **state)
{
	struct kbox_file file = { .size = 5000, .byte = 1, .pieces = 2 };
	struct kbox_file_id id = id_of(1, file.size);
	int fd;

	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &fd), 0);
	kbox_shadow_cache_reset(*state);
	check_contents(fd, &file);
	close(fd);
}

/* Only a hit in all of the key's five fields is one. */
static void mtime_invalidation(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_file_id id = id_of(1, file.size);

	assert_true(filled(*state, &id, &file));
	file.byte = 2;
	id.mtime_sec++;
	assert_true(filled(*state, &id, &file));
	assert_false(filled(*state, &id, &file));
	file.byte = 3;
	id.mtime_nsec++;
	assert_true(filled(*state, &id, &file));
	assert_false(filled(*state, &id, &file));
	/* Back to a former time: still another version. */
	file.byte = 4;
	id.mtime_nsec--;
	assert_true(filled(*state, &id, &file));
	assert_int_equal(kbox_shadow_cache_invalidations(*state), 3);
	assert_int_equal(kbox_shadow_cache_size(*state), 1);
}

/* Every member of the identity counts. */
static void stale(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_file_id id = id_of(1, file.size);
	struct kbox_shadow_cache *cache = *state;

	assert_true(filled(cache, &id, &file));
	id.mtime_sec++;
	assert_true(filled(cache, &id, &file));
	id.mtime_nsec++;
	assert_true(filled(cache, &id, &file));
	id.ctime_sec++;
	assert_true(filled(cache, &id, &file));
	id.ctime_nsec++;
	assert_true(filled(cache, &id, &file));
	id.generation++;
	assert_true(filled(cache, &id, &file));
	id.version++;
	assert_true(filled(cache, &id, &file));
	file.size = id.size = 200;
	assert_true(filled(cache, &id, &file));
	assert_false(filled(cache, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(cache), 1);
	assert_int_equal(kbox_shadow_cache_bytes(cache), 4096);
	assert_int_equal(cache->stats.invalidations, 7);
	id.dev++;
	assert_true(filled(cache, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(cache), 2);
}

static void lru_eviction(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_file_id id;

	for (unsigned int i = 0; i < KBOX_SHADOW_CACHE_MAX; i++) {
		id = id_of(i, file.size);
		assert_true(filled(*state, &id, &file));
	}
	id = id_of(0, file.size);
	assert_false(filled(*state, &id, &file));
	id = id_of(1000, file.size);
	assert_true(filled(*state, &id, &file));
	id = id_of(0, file.size);
	assert_false(filled(*state, &id, &file));
	id = id_of(1, file.size);
	assert_true(filled(*state, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(*state), KBOX_SHADOW_CACHE_MAX);
	assert_int_equal(kbox_shadow_cache_evictions(*state), 2);
}

static void budget(void **state)
{
	struct kbox_file file = { .size = 400 << 10, .byte = 1, .pieces = 3 };
	struct kbox_file_id id = id_of(1, file.size);
	struct kbox_shadow_cache *cache = *state;
	int fd;

	assert_true(filled(cache, &id, &file));
	id.ino = 2;
	assert_true(filled(cache, &id, &file));
	id.ino = 3;
	assert_true(filled(cache, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(cache), 2);
	assert_int_equal(cache->stats.evictions, 1);
	/* Holes cost nothing, so they displace nothing. */
	file.size = id.size = 1 << 30;
	file.hole = true;
	id.ino = 5;
	assert_int_equal(kbox_shadow_cache_bytes(cache), 800 << 10);
	assert_int_equal(kbox_shadow_create_cached(cache, &id, &file, &fd), 0);
	close(fd);
	assert_int_equal(kbox_shadow_cache_size(cache), 3);
	assert_int_equal(kbox_shadow_cache_bytes(cache), 800 << 10);
	kbox_shadow_cache_invalidate(cache, id.dev, id.ino);
	file.hole = false;
	/* Larger than everything: served, not kept, and evicts nothing. */
	file.size = id.size = 2 << 20;
	id.ino = 4;
	assert_true(filled(cache, &id, &file));
	assert_true(filled(cache, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(cache), 2);
	/* Off. */
	kbox_shadow_cache_reset(cache);
	kbox_shadow_cache_init(cache, 0);
	file.size = id.size = 10;
	assert_true(filled(cache, &id, &file));
	assert_true(filled(cache, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(cache), 0);
}

static void invalidated(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_file_id id = id_of(1, file.size);
	struct kbox_shadow_cache *cache = *state;
	int fd;

	assert_int_equal(kbox_shadow_create_cached(cache, &id, &file, &fd), 0);
	kbox_shadow_cache_invalidate(cache, 1, 1);
	kbox_shadow_cache_invalidate(cache, 1, 77);
	check_contents(fd, &file);
	close(fd);
	assert_true(filled(cache, &id, &file));
	/* Changed while it is being copied: handed out, not kept. */
	id.ino = 2;
	file.id = &id;
	file.invalidates = cache;
	assert_true(filled(cache, &id, &file));
	file.invalidates = NULL;
	assert_true(filled(cache, &id, &file));
	assert_false(filled(cache, &id, &file));
}

/* Who has a shadow in place needs no descriptor of it. */
static void numbers(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_file_id id = id_of(1, file.size), other = id_of(2, 100);
	unsigned long number, next;
	int fd, same;

	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &fd), 0);
	number = kbox_shadow_number(fd);
	assert_int_not_equal(number, 0);
	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &same),
			 0);
	assert_int_equal(kbox_shadow_number(same), number);
	/* Nothing that is done with one descriptor changes it. */
	assert_int_equal(lseek(same, number + 1, SEEK_SET), number + 1);
	assert_int_equal(read(same, &file.byte, 1), 1);
	assert_int_equal(kbox_shadow_number(fd), number);
	close(same);
	close(fd);
	assert_true(kbox_shadow_cache_has(*state, &id, number));
	assert_int_equal(kbox_shadow_cache_hits(*state), 2);
	assert_false(kbox_shadow_cache_has(*state, &id, number + 1));
	assert_false(kbox_shadow_cache_has(*state, &id, 0));
	assert_int_equal(kbox_shadow_create_cached(*state, &other, &file, &fd),
			 0);
	next = kbox_shadow_number(fd);
	close(fd);
	assert_int_not_equal(next, number);
	assert_false(kbox_shadow_cache_has(*state, &id, next));
	/* Another version, although it has the number's file. */
	id.version++;
	assert_false(kbox_shadow_cache_has(*state, &id, number));
	assert_true(filled(*state, &id, &file));
	assert_false(kbox_shadow_cache_has(*state, &id, number));
	/* One that is not kept has none. */
	id.once = 1;
	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &fd), 0);
	assert_int_equal(kbox_shadow_number(fd), 0);
	close(fd);
}

/* The end of a file system takes all of its shadows, and only these. */
static void device_gone(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_shadow_cache *cache = *state;
	struct kbox_file_id id;

	for (unsigned int i = 1; i <= 10; i++) {
		id = id_of(i, file.size);
		id.dev = i % 2;
		assert_true(filled(cache, &id, &file));
	}
	kbox_shadow_cache_invalidate(cache, 1, 0);
	assert_int_equal(kbox_shadow_cache_size(cache), 5);
	for (unsigned int i = 1; i <= 10; i++) {
		id = id_of(i, file.size);
		id.dev = i % 2;
		assert_int_equal(filled(cache, &id, &file), i % 2);
	}
	/* A copy under way when that happens is not kept. */
	id = id_of(20, file.size);
	file.id = &(struct kbox_file_id){ .dev = 1, .ino = 0 };
	file.invalidates = cache;
	assert_true(filled(cache, &id, &file));
	file.invalidates = NULL;
	assert_true(filled(cache, &id, &file));
}

/* Part of a huge file: made, not kept, and not taken from the cache. */
static void once(void **state)
{
	struct kbox_file file = { .size = 100, .byte = 1, .pieces = 1 };
	struct kbox_file_id id = id_of(1, file.size);

	assert_true(filled(*state, &id, &file));
	id.once = 1;
	assert_true(filled(*state, &id, &file));
	id.once = 0;
	assert_false(filled(*state, &id, &file));
	assert_int_equal(kbox_shadow_cache_size(*state), 1);
}

static void failures_are_not_kept(void **state)
{
	struct kbox_file file = { .size = 10, .pieces = 1, .error = -EIO };
	struct kbox_file_id id = id_of(1, file.size);
	int fd = -5;

	assert_int_equal(kbox_shadow_create_cached(*state, &id, &file, &fd),
			 -EIO);
	assert_int_equal(fd, -5);
	assert_int_equal(kbox_shadow_cache_size(*state), 0);
	file.error = 0;
	assert_true(filled(*state, &id, &file));
}

static void reset(void **state)
{
	struct kbox_file file = { .size = 10, .pieces = 1 };
	struct kbox_file_id id = id_of(1, file.size);

	assert_true(filled(*state, &id, &file));
	kbox_shadow_cache_reset(*state);
	assert_int_equal(kbox_shadow_cache_size(*state), 0);
	assert_true(filled(*state, &id, &file));
	assert_false(filled(*state, &id, &file));
}

#define CACHE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, cache_setup, cache_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_fd_invariant),
		cmocka_unit_test(many_pieces),
		cmocka_unit_test(holes_cost_nothing),
		cmocka_unit_test(empty_and_failing),
		cmocka_unit_test(refused_by_the_host),
		CACHE_TEST(hit),
		CACHE_TEST(close_does_not_evict),
		CACHE_TEST(evict_does_not_close),
		CACHE_TEST(mtime_invalidation),
		CACHE_TEST(stale),
		CACHE_TEST(lru_eviction),
		CACHE_TEST(budget),
		CACHE_TEST(invalidated),
		CACHE_TEST(device_gone),
		CACHE_TEST(numbers),
		CACHE_TEST(once),
		CACHE_TEST(failures_are_not_kept),
		CACHE_TEST(reset),
	};

	return cmocka_run_group_tests_name("shadow", tests, NULL, NULL);
}
