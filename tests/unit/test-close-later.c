// SPDX-License-Identifier: GPL-2.0-only
/*
 * A descriptor that is closed later is closed, soon.
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
#include <poll.h>
#include <unistd.h>

#include "base/close-later.h"

static void closed(void **state)
{
	int ends[2];

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct pollfd reader;
		int fd;

		assert_int_equal(pipe(ends), 0);
		assert_int_equal(kbox_close_later(ends[1]), -1);
		assert_int_equal(fcntl(ends[1], F_GETFD), -1);
		reader = (struct pollfd){ .fd = ends[0], .events = POLLIN };
		assert_int_equal(poll(&reader, 1, 10000), 1);
		assert_true(reader.revents & POLLHUP);
		close(ends[0]);
		/* Nothing else was left open. */
		fd = dup(0);
		assert_int_equal(fd, ends[0]);
		close(fd);
	}
}

static void none(void **state)
{
	(void)state;
	errno = EPERM;
	assert_int_equal(kbox_close_later(-1), -1);
	assert_int_equal(errno, EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed), cmocka_unit_test(none),
	};

	return cmocka_run_group_tests_name("close-later", tests, NULL, NULL);
}
