// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watching: JSON, the ring between supervisor and writer, filters of traces,
 * statistics, and what a record becomes in the end.
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
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"
#include "observe/json.h"
#include "observe/stats.h"
#include "observe/trace-args.h"
#include "observe/trace-filter.h"
#include "observe/trace-format.h"
#include "observe/trace-ring.h"
#include "observe/trace.h"

#define CHECK_JSON(json, wanted)                                              \
	do {                                                                  \
		kbox_json_raw(&(json), "", 1);                                \
		assert_string_equal((json).text, wanted);                     \
		kbox_json_done(&(json));                                      \
	} while (0)

static void json_nests(void **state)
{
	struct kbox_json json = { 0 };

	(void)state;
	kbox_json_open(&json, '{');
	kbox_json_name_int(&json, "least", INT64_MIN);
	kbox_json_name_uint(&json, "most", UINT64_MAX);
	kbox_json_name(&json, "list");
	kbox_json_open(&json, '[');
	kbox_json_null(&json);
	kbox_json_bool(&json, false);
	kbox_json_hex(&json, 0x1f);
	kbox_json_octal(&json, 0644);
	kbox_json_thousandths(&json, 12034);
	kbox_json_close(&json, ']');
	kbox_json_name_string(&json, "text", "a");
	kbox_json_close(&json, '}');
	CHECK_JSON(json, "{\"least\":-9223372036854775808,"
			 "\"most\":\"0xffffffffffffffff\",\"list\":[null,false,"
			 "\"0x1f\",\"0644\",12.034],\"text\":\"a\"}");
}

static void json_escapes(void **state)
{
	struct kbox_json json = { 0 };

	(void)state;
	kbox_json_string(&json, "\"\\\b\t\n\v\f\r\x1b\x7f/\xc3\xa9");
	CHECK_JSON(json, "\"\\\"\\\\\\b\\t\\n\\u000b\\f\\r\\u001b\\u007f/"
			 "\xc3\xa9\"");
}

/* Bytes that are no UTF-8 are told exactly, and never as text. */
static void json_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *wanted;
	} cases[] = {
		{ "abc", 3, "\"abc\"" },
		{ "", 0, "\"\"" },
		{ "a\0b", 3, "{\"hex\":\"610062\"}" },
		{ "\xff", 1, "{\"hex\":\"ff\"}" },
		{ "\xc3", 1, "{\"hex\":\"c3\"}" },
		{ "\xc0\x80", 2, "{\"hex\":\"c080\"}" },
		{ "\xe0\x80\x80", 3, "{\"hex\":\"e08080\"}" },
		{ "\xed\xa0\x80", 3, "{\"hex\":\"eda080\"}" },
		{ "\xf4\x90\x80\x80", 4, "{\"hex\":\"f4908080\"}" },
		{ "\xe2\x82\xac", 3, "\"\xe2\x82\xac\"" },
		{ "\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"" },
	};

	(void)state;
	for (size_t i = 0; i < KBOX_ARRAY_SIZE(cases); i++) {
		struct kbox_json json = { 0 };

		kbox_json_bytes(&json, cases[i].bytes, cases[i].len);
		CHECK_JSON(json, cases[i].wanted);
	}
}

/* --- the ring */

#define RING_BYTES 4096
#define RING_RECORDS 200000

static struct kbox_trace_record *make_record(struct kbox_trace_builder *b,
					     uint64_t seq)
{
	struct kbox_trace_record *record = kbox_trace_builder_begin(b);
	struct kbox_trace_piece *piece;
	size_t len = seq * 37 % 500;

	assert_non_null(record);
	record->seq = seq;
	piece = kbox_trace_builder_piece(b, 0, KBOX_TRACE_BYTES, len);
	assert_non_null(piece);
	memset(piece->data, (int)(seq & 0xff), len);
	kbox_trace_builder_end(b, piece, len);
	return b->record;
}

static void *take_all(void *arg)
{
	struct kbox_trace_ring *ring = arg;
	const struct kbox_trace_record *record;
	uintptr_t taken = 0;

	while ((record = kbox_trace_ring_take(ring))) {
		const struct kbox_trace_piece *piece =
			kbox_trace_find(record, 0, KBOX_TRACE_BYTES);

		if (record->seq != taken || !piece ||
		    piece->len != taken * 37 % 500 ||
		    (piece->len && (unsigned char)piece->data[piece->len - 1] !=
					   (taken & 0xff)))
			break;
		taken++;
		kbox_trace_ring_drop(ring, record);
	}
	return (void *)taken;
}

/* Through a ring that is always full: everything once, in order. */
static void ring_loses_nothing(void **state)
{
	struct kbox_trace_builder builder = { 0 };
	struct kbox_trace_ring ring;
	pthread_t thread;
	void *taken;

	(void)state;
	assert_int_equal(kbox_trace_ring_init(&ring, RING_BYTES), 0);
	assert_int_equal(pthread_create(&thread, NULL, take_all, &ring), 0);
	for (uint64_t i = 0; i < RING_RECORDS; i++)
		assert_true(kbox_trace_ring_put(
			&ring, make_record(&builder, i), true));
	kbox_trace_ring_end(&ring);
	pthread_join(thread, &taken);
	assert_int_equal((uintptr_t)taken, RING_RECORDS);
	kbox_trace_builder_done(&builder);
	kbox_trace_ring_done(&ring);
}

static void ring_gives_up_when_told(void **state)
{
	struct kbox_trace_builder builder = { 0 };
	struct kbox_trace_ring ring;
	uint64_t put = 0;

	(void)state;
	assert_int_equal(kbox_trace_ring_init(&ring, RING_BYTES), 0);
	while (kbox_trace_ring_put(&ring, make_record(&builder, put), false))
		put++;
	assert_in_range(put, 2, RING_BYTES);
	kbox_trace_ring_break(&ring);
	assert_false(kbox_trace_ring_put(&ring, make_record(&builder, put),
					 true));
	kbox_trace_builder_done(&builder);
	kbox_trace_ring_done(&ring);
}

static void record_is_bounded(void **state)
{
	struct kbox_trace_builder builder = { 0 };
	unsigned int pieces = 0;

	(void)state;
	kbox_trace_builder_begin(&builder);
	for (;; pieces++) {
		struct kbox_trace_piece *piece = kbox_trace_builder_piece(
			&builder, 1, KBOX_TRACE_BYTES, 4000);

		if (!piece)
			break;
		kbox_trace_builder_end(&builder, piece, 4000);
	}
	assert_int_equal(pieces, 8);
	assert_true(builder.record->size <= KBOX_TRACE_RECORD_MAX);
	kbox_trace_builder_done(&builder);
}

/* --- filters */

static void parse(struct kbox_trace_filter *filter, const char *text)
{
	const char *why;

	assert_int_equal(kbox_trace_filter_parse(filter, text, &why), 0);
}

static bool begins(const char *text, long nr, int pid)
{
	struct kbox_trace_filter filter;
	bool result;

	parse(&filter, text);
	result = kbox_trace_filter_begins(&filter, nr, pid);
	kbox_trace_filter_done(&filter);
	return result;
}

static void filter_chooses_calls(void **state)
{
	(void)state;
	assert_true(begins(NULL, SYS_read, 1));
	assert_true(begins("", 100000, 1));
	assert_true(begins("call=openat+read", SYS_read, 1));
	assert_false(begins("call=openat+read", SYS_write, 1));
	assert_true(begins("call!=read", SYS_write, 1));
	assert_false(begins("call!=read", SYS_read, 1));
	assert_true(begins("call=%file", SYS_execve, 1));
	assert_true(begins("call=%file", SYS_newfstatat, 1));
	assert_false(begins("call=%file", SYS_read, 1));
	assert_true(begins("call=%desc", SYS_socket, 1));
	assert_true(begins("call=%memory", SYS_mmap, 1));
	assert_true(begins("call=%signal", SYS_kill, 1));
	assert_false(begins("call=read", 100000, 1));
	assert_true(begins("class=KERNEL", SYS_read, 1));
	assert_false(begins("class=SPLIT+HOST", SYS_read, 1));
	assert_true(begins("pid=3+5", SYS_read, 5));
	assert_false(begins("pid=3+5", SYS_read, 4));
}

static void filter_refuses(void **state)
{
	static const char *const bad[] = {
		"call=nothing", "call=%nothing", "call", "call=", "what=1",
		"pid=x", "pid=-1", "class=NONE", "error=ENOTHING", "data=5000",
		"full=maybe", "native=1", "nonsense",
	};
	struct kbox_trace_filter filter;

	(void)state;
	for (size_t i = 0; i < KBOX_ARRAY_SIZE(bad); i++) {
		const char *why = NULL;

		assert_int_equal(kbox_trace_filter_parse(&filter, bad[i], &why),
				 -EINVAL);
		assert_non_null(why);
	}
}

static void add_text(struct kbox_trace_builder *builder, unsigned int arg,
		     enum kbox_trace_what what, const char *text)
{
	struct kbox_trace_piece *piece = kbox_trace_builder_piece(
		builder, arg, what, strlen(text));

	assert_non_null(piece);
	memcpy(piece->data, text, strlen(text));
	kbox_trace_builder_end(builder, piece, strlen(text));
}

static bool takes(const char *text, struct kbox_trace_builder *builder)
{
	struct kbox_trace_filter filter;
	bool result;

	parse(&filter, text);
	result = kbox_trace_filter_takes(&filter, builder->record);
	kbox_trace_filter_done(&filter);
	return result;
}

static void filter_judges_results_and_paths(void **state)
{
	struct kbox_trace_builder builder = { 0 };
	struct kbox_trace_record *record = kbox_trace_builder_begin(&builder);

	(void)state;
	record->nr = SYS_openat;
	record->value = -ENOENT;
	add_text(&builder, 0, KBOX_TRACE_PATH, "/etc");
	add_text(&builder, 1, KBOX_TRACE_BYTES, "passwd");
	assert_true(takes("error", &builder));
	assert_true(takes("error=EACCES+ENOENT", &builder));
	assert_false(takes("error=EACCES", &builder));
	assert_true(takes("path=/etc/passwd", &builder));
	assert_true(takes("path=/usr/*+/etc/*", &builder));
	assert_true(takes("path=/etc", &builder));
	assert_false(takes("path=passwd", &builder));
	assert_false(takes("path=/usr/*", &builder));
	builder.record->value = 3;
	assert_false(takes("error", &builder));
	kbox_trace_builder_done(&builder);
}

/* --- statistics */

static void stats_count(void **state)
{
	struct kbox_stats *stats = calloc(1, sizeof(*stats));
	struct kbox_stats_event event = { .nr = SYS_read, .bytes = 1 };

	(void)state;
	for (int i = 1; i <= 100; i++) {
		event.value = i > 90 ? -EIO : 10;
		event.total_ns = (uint64_t)i * 1000;
		kbox_stats_add(stats, &event);
	}
	assert_int_equal(stats->calls[SYS_read]->count, 100);
	assert_int_equal(stats->calls[SYS_read]->errors, 10);
	assert_int_equal(stats->calls[SYS_read]->bytes, 900);
	/* At most an eighth above what it is. */
	assert_in_range(kbox_stats_percentile(stats->calls[SYS_read], 50),
			50000, 56250);
	assert_in_range(kbox_stats_percentile(stats->calls[SYS_read], 99),
			99000, 111375);
	kbox_stats_done(stats);
	free(stats);
}

static void stats_classes_are_tight(void **state)
{
	(void)state;
	for (uint64_t ns = 1; ns < 1ULL << 38; ns += ns / 7 + 1) {
		struct kbox_stats *stats = calloc(1, sizeof(*stats));
		struct kbox_stats_event event = { .nr = 0, .total_ns = ns };
		uint64_t got;

		kbox_stats_add(stats, &event);
		got = kbox_stats_percentile(stats->calls[0], 99);
		assert_in_range(got, ns, ns + ns / 8);
		kbox_stats_done(stats);
		free(stats);
	}
}

static void stats_name_who_is_refused(void **state)
{
	struct kbox_stats *stats = calloc(1, sizeof(*stats));
	struct kbox_stats_event event = {
		.nr = 425, .value = -ENOSYS, .refused = -ENOSYS, .comm = "a",
	};

	(void)state;
	kbox_stats_add(stats, &event);
	kbox_stats_add(stats, &event);
	event.comm = "b";
	kbox_stats_add(stats, &event);
	assert_int_equal(stats->refused_count, 2);
	assert_string_equal(stats->refused[0].comm, "a");
	assert_int_equal(stats->refused[0].count, 2);
	assert_int_equal(stats->refused[0].error, ENOSYS);
	kbox_stats_done(stats);
	free(stats);
}

/* --- the text of records */

static void shows_by_kind(void **state)
{
	struct kbox_trace_builder builder = { 0 };
	struct kbox_trace_record *record = kbox_trace_builder_begin(&builder);
	struct kbox_json json = { 0 };

	(void)state;
	record->nr = SYS_openat;
	record->args[0] = (uint64_t)AT_FDCWD;
	record->args[1] = 0x1000;
	record->args[2] = O_WRONLY | O_CREAT | O_CLOEXEC | 0x40000000;
	record->args[3] = 0640;
	record->value = -EACCES;
	add_text(&builder, 0, KBOX_TRACE_PATH, "/");
	add_text(&builder, 1, KBOX_TRACE_BYTES, "a\nb");
	kbox_trace_args(&json, builder.record);
	kbox_trace_result(&json, builder.record);
	CHECK_JSON(json,
		   "{\"dirfd\":{\"fd\":\"AT_FDCWD\",\"path\":\"/\"},"
		   "\"path\":\"a\\nb\","
		   "\"flags\":\"O_WRONLY|O_CREAT|O_CLOEXEC|0x40000000\","
		   "\"mode\":\"0640\"},\"result\":-1,\"error\":\"EACCES\"");
	kbox_trace_builder_done(&builder);
}

static void shows_unknown_calls(void **state)
{
	struct kbox_trace_builder builder = { 0 };
	struct kbox_trace_record *record = kbox_trace_builder_begin(&builder);
	struct kbox_json json = { 0 };
	char name[24];

	(void)state;
	record->nr = 4000;
	record->args[5] = 16;
	record->outcome = KBOX_TRACE_HOST;
	kbox_trace_args(&json, record);
	kbox_trace_result(&json, record);
	CHECK_JSON(json, "{\"arg0\":null,\"arg1\":null,\"arg2\":null,"
			 "\"arg3\":null,\"arg4\":null,\"arg5\":\"0x10\"},"
			 "\"result\":null,\"outcome\":\"host\"");
	assert_string_equal(kbox_trace_name(record, name), "#4000");
	assert_string_equal(kbox_trace_class(4000), "NONE");
	kbox_trace_builder_done(&builder);
}

/* Nothing is lost in silence: the file tells of what could not be put. */
static void lost_events_are_told(void **state)
{
	static char *const argv[] = { NULL };
	const struct kbox_trace_about about = {
		.image = "i", .argv = argv, .filter = "",
	};
	struct kbox_trace_record record = { .size = sizeof(record) };
	char path[] = "/tmp/kbox-test-observe.XXXXXX", text[4096] = "";
	struct kbox_trace trace;
	const char *why;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	record.size = (record.size + 7) & ~7U;
	assert_int_equal(kbox_trace_open(&trace, path, NULL, &why), 0);
	assert_int_equal(kbox_trace_start(&trace, &about), 0);
	kbox_trace_put(&trace, &record);
	trace.next_seq += 5;
	kbox_trace_put(&trace, &record);
	trace.next_seq += 2;
	assert_int_equal(kbox_trace_close(&trace), 0);
	assert_int_equal(trace.written, 2);
	assert_int_equal(trace.lost, 7);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"count\":5}"));
	assert_non_null(strstr(text, "\"count\":2}"));
	assert_non_null(strstr(text, "\"events\":2,\"lost\":7}"));
	close(fd);
	unlink(path);
}

static void full_disk_is_told(void **state)
{
	static char *const argv[] = { NULL };
	const struct kbox_trace_about about = {
		.image = "i", .argv = argv, .filter = "",
	};
	struct kbox_trace trace;
	const char *why;

	(void)state;
	assert_int_equal(kbox_trace_open(&trace, "/dev/full", NULL, &why), 0);
	assert_int_equal(kbox_trace_start(&trace, &about), 0);
	assert_int_equal(kbox_trace_close(&trace), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_nests),
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(json_bytes),
		cmocka_unit_test(ring_loses_nothing),
		cmocka_unit_test(ring_gives_up_when_told),
		cmocka_unit_test(record_is_bounded),
		cmocka_unit_test(filter_chooses_calls),
		cmocka_unit_test(filter_refuses),
		cmocka_unit_test(filter_judges_results_and_paths),
		cmocka_unit_test(stats_count),
		cmocka_unit_test(stats_classes_are_tight),
		cmocka_unit_test(stats_name_who_is_refused),
		cmocka_unit_test(shows_by_kind),
		cmocka_unit_test(shows_unknown_calls),
		cmocka_unit_test(lost_events_are_told),
		cmocka_unit_test(full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
