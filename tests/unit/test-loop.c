// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event loop: order within a round, deletion within a round, time-outs.
 *
 * Side: host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "lkernel/loop.h"

#define WATCHES 4

struct recorder {
	struct kbox_watch watch;
	struct fixture *fixture;
	struct recorder *victim;	/* deleted by ready() */
	char name;
};

struct fixture {
	struct kbox_loop loop;
	struct recorder recorders[WATCHES];
	char order[32];
};

static void record(struct kbox_watch *watch, unsigned int events)
{
	struct recorder *recorder =
		KBOX_CONTAINER_OF(watch, struct recorder, watch);
	struct fixture *fixture = recorder->fixture;

	assert_true(events & EPOLLIN);
	strncat(fixture->order, &recorder->name, 1);
	if (recorder->victim)
		kbox_loop_del(&fixture->loop, &recorder->victim->watch);
}

static int setup(void **state)
{
	static const int priorities[WATCHES] = {
		KBOX_PRIO_NOTIFY, KBOX_PRIO_FD, KBOX_PRIO_END, KBOX_PRIO_FD,
	};
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));

	assert_int_equal(kbox_loop_init(&fixture->loop), 0);
	for (unsigned int i = 0; i < WATCHES; i++) {
		struct recorder *recorder = &fixture->recorders[i];

		recorder->fixture = fixture;
		recorder->name = (char)('a' + i);
		recorder->watch.fd = eventfd(1, EFD_CLOEXEC);
		recorder->watch.events = EPOLLIN;
		recorder->watch.priority = priorities[i];
		recorder->watch.ready = record;
		assert_true(recorder->watch.fd >= 0);
		assert_int_equal(kbox_loop_add(&fixture->loop,
					       &recorder->watch), 0);
	}
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < WATCHES; i++)
		close(fixture->recorders[i].watch.fd);
	kbox_loop_done(&fixture->loop);
	test_free(fixture);
	return 0;
}

static void by_priority(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(kbox_loop_wait(&fixture->loop, KBOX_NEVER_NS), WATCHES);
	assert_int_equal(fixture->order[0], 'c');
	assert_int_equal(fixture->order[WATCHES - 1], 'a');
}

static void deleted_is_not_called(void **state)
{
	struct fixture *fixture = *state;

	fixture->recorders[2].victim = &fixture->recorders[0];
	fixture->recorders[3].victim = &fixture->recorders[3];
	kbox_loop_wait(&fixture->loop, KBOX_NEVER_NS);
	assert_null(strchr(fixture->order, 'a'));
	memset(fixture->order, 0, sizeof(fixture->order));
	fixture->recorders[2].victim = NULL;
	assert_int_equal(kbox_loop_wait(&fixture->loop, KBOX_NEVER_NS), 2);
	assert_string_equal(fixture->order, "cb");
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void waits_for_the_time(void **state)
{
	struct fixture *fixture = *state;
	uint64_t until_ns;

	for (unsigned int i = 0; i < WATCHES; i++)
		kbox_loop_del(&fixture->loop, &fixture->recorders[i].watch);
	until_ns = now_ns() + 3000000;
	assert_int_equal(kbox_loop_wait(&fixture->loop, until_ns), 0);
	assert_true(now_ns() >= until_ns);
	/* Once more: the timer was used up. */
	until_ns = now_ns() + 3000000;
	assert_int_equal(kbox_loop_wait(&fixture->loop, until_ns), 0);
	assert_true(now_ns() >= until_ns);
	/* What is over. */
	assert_int_equal(kbox_loop_wait(&fixture->loop, until_ns), 0);
	assert_int_equal(kbox_loop_wait(&fixture->loop, 0), 0);
	assert_string_equal(fixture->order, "");
}

static void an_earlier_time_comes_first(void **state)
{
	struct fixture *fixture = *state;
	uint64_t begin_ns = now_ns(), hour_ns = 3600000000000;

	/* Sets the timer, and does not wait since watches are ready. */
	kbox_loop_wait(&fixture->loop, begin_ns + hour_ns);
	for (unsigned int i = 0; i < WATCHES; i++)
		kbox_loop_del(&fixture->loop, &fixture->recorders[i].watch);
	assert_int_equal(kbox_loop_wait(&fixture->loop, begin_ns + 3000000), 0);
	assert_true(now_ns() >= begin_ns + 3000000);
	assert_true(now_ns() < begin_ns + hour_ns);
}

static void refuses_what_cannot_wait(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_watch file = { .events = EPOLLIN };
	FILE *temporary = tmpfile();

	assert_non_null(temporary);
	file.fd = fileno(temporary);
	assert_int_equal(kbox_loop_add(&fixture->loop, &file), -EPERM);
	assert_int_equal(kbox_loop_add(&fixture->loop,
				       &fixture->recorders[0].watch), -EEXIST);
	fclose(temporary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_priority, setup, teardown),
		cmocka_unit_test_setup_teardown(deleted_is_not_called, setup,
						teardown),
		cmocka_unit_test_setup_teardown(waits_for_the_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_earlier_time_comes_first,
						setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_cannot_wait,
						setup, teardown),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
