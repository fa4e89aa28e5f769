// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live memfds: their contents, what slots can do, and who counts as a mapper.
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
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../abi/lkernel.h"
#include "shadow/live.h"

#define PAGE 4096

/* shadow-fd.c needs it, these tests do not. */
int kbox_lk_file_fill(struct kbox_file *file, int fd)
{
	(void)file;
	(void)fd;
	return -EIO;
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct kbox_live_table));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	kbox_live_table_done(*state);
	free(*state);
	return 0;
}

static void contents(void **state)
{
	struct kbox_live_table *table = *state;
	int fd = kbox_live_create(table, 1, 2, 3 * PAGE);
	char buf[PAGE];

	assert_true(fd >= 0);
	assert_int_equal(kbox_live_data(fd, 0), -ENXIO);
	assert_int_equal(pwrite(fd, "abc", 3, PAGE), 3);
	assert_int_equal(kbox_live_data(fd, 0), PAGE);
	assert_int_equal(kbox_live_read(fd, buf, 3, PAGE), 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(kbox_live_read(fd, buf, PAGE, 3 * PAGE - 5), 5);
	assert_int_equal(kbox_live_clear(fd, PAGE, 2), 0);
	assert_int_equal(kbox_live_read(fd, buf, 3, PAGE), 3);
	assert_memory_equal(buf, "\0\0c", 3);
	assert_int_equal(kbox_live_resize(fd, PAGE + 1), 0);
	assert_int_equal(kbox_live_resize(fd, 2 * PAGE), 0);
	assert_int_equal(kbox_live_read(fd, buf, 3, PAGE), 3);
	assert_memory_equal(buf, "\0\0\0", 3);
	assert_int_equal(kbox_live_resize(fd, 1ULL << 63), -ENOMEM);
	kbox_live_destroy(table, fd);
	assert_int_equal(table->count, 0);
}

static void slots(void **state)
{
	struct kbox_live_table *table = *state;
	int fd = kbox_live_create(table, 1, 2, PAGE);
	int rw = kbox_live_map(table, fd, 10, true);
	int ro = kbox_live_map(table, fd, 10, false);
	char *p, *q;

	assert_int_equal(fcntl(rw, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_int_equal(fcntl(ro, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fcntl(ro, F_GETFD), FD_CLOEXEC);
	assert_ptr_equal(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, ro, 0),
			 MAP_FAILED);
	q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	assert_ptr_not_equal(q, MAP_FAILED);
	assert_int_equal(mprotect(q, PAGE, PROT_READ | PROT_WRITE), -1);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rw, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	strcpy(p, "seen");
	assert_string_equal(q, "seen");
	close(rw);
	close(ro);
	munmap(p, PAGE);
	munmap(q, PAGE);
	assert_int_equal(kbox_live_map(table, 12345, 10, true), -EBADF);
}

static void mappers(void **state)
{
	struct kbox_live_table *table = *state;
	int a = kbox_live_create(table, 1, 1, PAGE);
	int b = kbox_live_create(table, 1, 2, PAGE);

	assert_false(kbox_live_mapped(table, a, 0));
	close(kbox_live_map(table, a, 10, true));
	close(kbox_live_map(table, a, 10, true));
	close(kbox_live_map(table, b, 11, true));
	assert_true(kbox_live_mapped(table, a, 10));
	assert_false(kbox_live_mapped(table, a, 11));
	assert_true(kbox_live_mapped_any(table, 11));
	assert_false(kbox_live_mapped_any(table, 12));
	for (int child = 20; child < 40; child++)
		assert_int_equal(kbox_live_inherit(table, 10, child), 0);
	assert_true(kbox_live_mapped(table, a, 39));
	assert_false(kbox_live_mapped(table, b, 39));
	assert_false(kbox_live_forget(table, 10));
	assert_false(kbox_live_forget(table, 999));
	for (int child = 20; child < 39; child++)
		assert_false(kbox_live_forget(table, child));
	assert_true(kbox_live_forget(table, 39));
	assert_false(kbox_live_mapped(table, a, 0));
	assert_true(kbox_live_mapped(table, b, 0));
	assert_true(kbox_live_forget(table, 11));
}

static bool is_busy;

static bool busy(void *context, int tgid)
{
	(void)context;
	(void)tgid;
	return is_busy;
}

/* This process and a child of it map some of what they were noted for. */
static void scan(void **state)
{
	struct kbox_live_table *table = *state;
	int a = kbox_live_create(table, 1, 1, PAGE);
	int b = kbox_live_create(table, 1, 2, PAGE);
	int self = getpid(), slot, child, gate[2];
	void *p;

	table->busy = busy;
	slot = kbox_live_map(table, a, self, true);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, slot, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	close(slot);
	close(kbox_live_map(table, b, self, false));
	assert_int_equal(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		char byte;

		close(gate[1]);
		_exit((int)read(gate[0], &byte, 1));
	}
	assert_int_equal(kbox_live_inherit(table, self, child), 0);
	munmap(p, PAGE);

	is_busy = true;
	kbox_live_scan(table);
	assert_true(kbox_live_mapped(table, a, self));
	assert_true(kbox_live_mapped(table, b, self));
	is_busy = false;
	kbox_live_scan(table);
	assert_false(kbox_live_mapped(table, a, self));
	assert_false(kbox_live_mapped(table, b, 0));
	assert_true(kbox_live_mapped(table, a, child));

	/* An end is told by others: until then nothing is known for sure. */
	close(gate[0]);
	close(gate[1]);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT),
			 0);
	kbox_live_scan(table);
	assert_true(kbox_live_mapped(table, a, child));
	waitpid(child, NULL, 0);
	kbox_live_scan(table);
	assert_true(kbox_live_mapped(table, a, child));
	assert_true(kbox_live_forget(table, child));
}

static void limit(void **state)
{
	struct kbox_live_table *table = *state;
	int last = -1;

	/* As many as the limit on descriptors lets us have. */
	for (unsigned int i = 0; i < 400; i++) {
		int fd = kbox_live_create(table, 1, i, PAGE);

		assert_true(fd >= 0);
		last = fd;
	}
	kbox_live_destroy(table, last);
	assert_int_equal(table->count, 399);
	table->count = KBOX_LIVES_MAX;
	assert_int_equal(kbox_live_create(table, 1, 1, PAGE), -ENFILE);
	table->count = 399;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(contents, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slots, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mappers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(scan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(limit, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
