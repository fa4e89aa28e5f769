// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line, and the image's passwd file.
 *
 * Side: host. The lines that bad options log go to standard error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "../../abi/lkernel.h"
#include "launch/passwd.h"

#define WORDS_MAX 32

/* The parser asks src/shadow for its default budget; nothing is filled here. */
int kbox_lk_file_fill(struct kbox_file *file, int fd)
{
	(void)file;
	(void)fd;
	return -EIO;
}

static enum kbox_cli_action parse(const char *line,
				  struct kbox_options *options)
{
	static char copy[512];
	static char *words[WORDS_MAX + 1];
	int count = 0;
	char *save = NULL;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	words[count++] = (char *)(uintptr_t)"kbox";
	for (char *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	words[count] = NULL;
	return kbox_cli_parse(count, words, options);
}

static void whole_line(void **state)
{
	struct kbox_options o;

	(void)state;
	assert_int_equal(parse("-S img -t ext4 -p 2 -w /tmp -k mem=64M --ro "
			       "-m noatime --change-id 7:8 --env A=b -- ls -v",
			       &o), KBOX_CLI_RUN);
	assert_string_equal(o.image, "img");
	assert_int_equal(o.mode, KBOX_MODE_SYSTEM);
	assert_string_equal(o.fs_type, "ext4");
	assert_int_equal(o.partition, 2);
	assert_string_equal(o.work_dir, "/tmp");
	assert_int_equal(o.ram_bytes, 64 << 20);
	assert_string_equal(o.kernel_command_line, "");
	assert_true(o.read_only);
	assert_string_equal(o.mount_options, "noatime");
	assert_true(o.change_id && o.uid == 7 && o.gid == 8);
	assert_int_equal(o.env_count, 1);
	assert_int_equal(o.argc, 2);
	assert_string_equal(o.argv[0], "ls");
	assert_string_equal(o.argv[1], "-v");
	kbox_cli_options_done(&o);
}

static void defaults(void **state)
{
	struct kbox_options o;

	(void)state;
	assert_int_equal(parse("-R img", &o), KBOX_CLI_RUN);
	assert_int_equal(o.mode, KBOX_MODE_RECOMMENDED);
	assert_int_equal(o.argc, 0);
	assert_int_equal(o.ram_bytes, 128 << 20);
	assert_false(o.read_only || o.change_id || o.root_identity);
	kbox_cli_options_done(&o);
	/* A command's options are its own, with and without "--". */
	assert_int_equal(parse("-r img ls --ro", &o), KBOX_CLI_RUN);
	assert_int_equal(o.mode, KBOX_MODE_RAW);
	assert_int_equal(o.argc, 2);
	assert_false(o.read_only);
	kbox_cli_options_done(&o);
}

static void other_actions(void **state)
{
	struct kbox_options o;

	(void)state;
	assert_int_equal(parse("--help", &o), KBOX_CLI_HELP);
	kbox_cli_options_done(&o);
	assert_int_equal(parse("--version", &o), KBOX_CLI_VERSION);
	kbox_cli_options_done(&o);
}

static void bad_lines(void **state)
{
	static const char *const lines[] = {
		"", "ls", "-S", "-S a -S b", "-S a -R b", "-S a -t xfs",
		"-S a -p 0", "-S a -p x", "-S a -p 999", "-S a --change-id 5",
		"-S a --change-id 5:", "-S a --change-id :5",
		"-S a --change-id 5:x", "-S a --change-id -1:5",
		"-S a --change-id 4294967295:5", "-S a -k mem=x",
		"-S a -k mem=1M", "-S a -k mem=900G", "-S a -k x -k y",
		"-S a --env =x", "-S a --nonsense", "-S a -Z", "--env",
		"-S a --shadow-cache 12Q", "-S a --ro=1",
	};
	struct kbox_options o;

	(void)state;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(lines); i++) {
		if (parse(lines[i], &o) != KBOX_CLI_BAD)
			fail_msg("taken: %s", lines[i]);
		kbox_cli_options_done(&o);
	}
}

static void sizes(void **state)
{
	static const char *const bad[] = { "", "M", "-1", "1MB", "1 M", "0x10",
					   "99999999999999999999", "1.5G",
					   "17179869184G" };
	unsigned long long bytes = 5;

	(void)state;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(bad); i++)
		assert_int_equal(kbox_cli_parse_size(bad[i], &bytes), -EINVAL);
	assert_int_equal(bytes, 5);
	assert_int_equal(kbox_cli_parse_size("0", &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(kbox_cli_parse_size("12k", &bytes), 0);
	assert_int_equal(bytes, 12 << 10);
	assert_int_equal(kbox_cli_parse_size("3G", &bytes), 0);
	assert_int_equal(bytes, 3ULL << 30);
}

static void kernel_line(void **state)
{
	unsigned long long bytes = 1;
	char *rest;

	(void)state;
	assert_int_equal(kbox_cli_split_mem("quiet  mem=1G foo mem=2G bar",
					    &rest, &bytes), 0);
	assert_string_equal(rest, "quiet foo bar");
	assert_int_equal(bytes, 2ULL << 30);
	free(rest);
	bytes = 1;
	assert_int_equal(kbox_cli_split_mem("xmem=1G", &rest, &bytes), 0);
	assert_int_equal(bytes, 1);
	free(rest);
	assert_int_equal(kbox_cli_split_mem("mem=", &rest, &bytes), -EINVAL);
}

/* Every long option is in the help. */
static void help_is_complete(void **state)
{
	static const char *const names[] = {
		"-S", "-R", "-r", "-t", "-p", "-m", "--ro", "-c", "-w", "-0",
		"--change-id", "--env", "-k", "--shadow-cache", "--stats",
		"-q", "-v", "--help", "--version",
	};

	(void)state;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(names); i++)
		if (!strstr(kbox_help_text, names[i]))
			fail_msg("missing: %s", names[i]);
}

static void passwd(void **state)
{
	char text[] = "broken\n\nx:y\nroot:x:0:0:Root:/root:/bin/bash\n"
		      "odd:x:1:1::relative:\n"
		      "me:x:1000:1000:Me,,,:/home/me:/bin/zsh\nroot2:x:0:0:::\n";
	struct kbox_user user = { NULL, "/", "/bin/sh", 0, 0 };
	char copy[sizeof(text)];

	(void)state;
	memcpy(copy, text, sizeof(text));
	kbox_passwd_find(copy, 0, &user);
	assert_string_equal(user.name, "root");
	assert_string_equal(user.home, "/root");
	assert_string_equal(user.shell, "/bin/bash");
	user = (struct kbox_user){ NULL, "/", "/bin/sh", 0, 0 };
	memcpy(copy, text, sizeof(text));
	kbox_passwd_find(copy, 1, &user);
	assert_string_equal(user.name, "odd");
	assert_string_equal(user.home, "/");
	assert_string_equal(user.shell, "/bin/sh");
	user = (struct kbox_user){ NULL, "/", "/bin/sh", 0, 0 };
	memcpy(copy, text, sizeof(text));
	kbox_passwd_find(copy, 77, &user);
	assert_null(user.name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_line),
		cmocka_unit_test(defaults),
		cmocka_unit_test(other_actions),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(sizes),
		cmocka_unit_test(kernel_line),
		cmocka_unit_test(help_is_complete),
		cmocka_unit_test(passwd),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
