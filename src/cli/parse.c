/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line.
 *
 * Side: host. The text for --help is in help.c, the long one in man/kbox.1.
 */
#include "parse.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../base/limits.h"
#include "../base/log.h"
#include "../control/folder.h"
#include "../launch/fs-type.h"
#include "../observe/trace-filter.h"
#include "../shadow/shadow-cache.h"
#include "usage.h"

enum {
	OPT_HELP = 256,
	OPT_VERSION,
	OPT_CHANGE_ID,
	OPT_ENV,
	OPT_NO_CONFIG,
	OPT_RO,
	OPT_EPHEMERAL,
	OPT_OVERLAY,
	OPT_SHADOW_CACHE,
	OPT_STATS,
	OPT_TRACE,
	OPT_DEBUG_KERNEL,
	OPT_NAME,
	OPT_WEB,
};

/* "+": the command's own options are not ours; ":": we report errors. */
static const char short_options[] = "+:S:r:R:t:p:b:w:c:k:m:0qvhV";

static const struct option long_options[] = {
	{ "system-root", required_argument, NULL, 'S' },
	{ "root", required_argument, NULL, 'r' },
	{ "recommended", required_argument, NULL, 'R' },
	{ "fs-type", required_argument, NULL, 't' },
	{ "partition", required_argument, NULL, 'p' },
	{ "bind", required_argument, NULL, 'b' },
	{ "work-dir", required_argument, NULL, 'w' },
	{ "command", required_argument, NULL, 'c' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "mount-options", required_argument, NULL, 'm' },
	{ "root-id", no_argument, NULL, '0' },
	{ "change-id", required_argument, NULL, OPT_CHANGE_ID },
	{ "env", required_argument, NULL, OPT_ENV },
	{ "no-config", no_argument, NULL, OPT_NO_CONFIG },
	{ "ro", no_argument, NULL, OPT_RO },
	{ "ephemeral", no_argument, NULL, OPT_EPHEMERAL },
	{ "overlay", required_argument, NULL, OPT_OVERLAY },
	{ "shadow-cache", required_argument, NULL, OPT_SHADOW_CACHE },
	{ "stats", optional_argument, NULL, OPT_STATS },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "debug-kernel", optional_argument, NULL, OPT_DEBUG_KERNEL },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "web", optional_argument, NULL, OPT_WEB },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

struct parser {
	struct kbox_options *options;
	const char *kernel;	/* all of -k */
	bool run;		/* kbox run */
	int verbosity;		/* -v less -q */
};

int kbox_cli_parse_size(const char *text, unsigned long long *ret_bytes)
{
	unsigned long long value;
	unsigned int shift = 0;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	switch (*end) {
	case 'k':
	case 'K':
		shift = 10;
		break;
	case 'm':
	case 'M':
		shift = 20;
		break;
	case 'g':
	case 'G':
		shift = 30;
		break;
	default:
		break;
	}
	if (end[shift ? 1 : 0] || value > ~0ULL >> shift)
		return -EINVAL;
	*ret_bytes = value << shift;
	return 0;
}

int kbox_cli_split_mem(const char *command_line, char **ret_rest,
		       unsigned long long *ret_bytes)
{
	char *copy = strdup(command_line);
	char *rest = calloc(1, strlen(command_line) + 1);
	char *word, *save = NULL;
	int err = copy && rest ? 0 : -ENOMEM;

	for (word = err ? NULL : strtok_r(copy, " \t\n", &save); word && !err;
	     word = strtok_r(NULL, " \t\n", &save)) {
		if (!strncmp(word, "mem=", 4)) {
			err = kbox_cli_parse_size(word + 4, ret_bytes);
			continue;
		}
		if (*rest)
			strcat(rest, " ");
		strcat(rest, word);
	}
	free(copy);
	if (err) {
		free(rest);
		return err;
	}
	*ret_rest = rest;
	return 0;
}

static int bad(const char *why, const char *what)
{
	kbox_cli_bad(why, what);
	return -EINVAL;
}

/* A decimal number of at most @max. */
static int parse_number(const char *text, unsigned long max,
			unsigned long *ret_value)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value > max)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

static int set_image(struct parser *parser, enum kbox_mode mode,
		     const char *image)
{
	if (parser->options->image)
		return bad("only one image can be given (-S, -r or -R)", image);
	parser->options->image = image;
	parser->options->mode = mode;
	return 0;
}

static int set_partition(struct parser *parser, const char *text)
{
	unsigned long value;

	if (parse_number(text, 128, &value) || !value)
		return bad("not the number of a partition (1 to 128)", text);
	parser->options->partition = (unsigned int)value;
	return 0;
}

/* UID:GID. The highest number means "unchanged" to the kernel. */
static int set_id(struct parser *parser, const char *text)
{
	const char *colon = strchr(text, ':');
	char uid_text[16] = "";
	unsigned long uid, gid;

	if (colon && (size_t)(colon - text) < sizeof(uid_text))
		memcpy(uid_text, text, (size_t)(colon - text));
	if (!colon || parse_number(uid_text, 0xfffffffe, &uid) ||
	    parse_number(colon + 1, 0xfffffffe, &gid))
		return bad("--change-id needs UID:GID, two numbers", text);
	parser->options->change_id = true;
	parser->options->uid = (uid_t)uid;
	parser->options->gid = (gid_t)gid;
	return 0;
}

static int add_env(struct parser *parser, char *text)
{
	struct kbox_options *options = parser->options;
	char **env;

	if (!*text || *text == '=')
		return bad("--env needs NAME=VALUE or NAME", text);
	if (options->env_count == KBOX_ARGS_MAX)
		return bad("too many variables", "--env");
	env = realloc(options->env, (options->env_count + 1) * sizeof(*env));
	if (!env)
		return bad("out of memory", "--env");
	env[options->env_count++] = text;
	options->env = env;
	return 0;
}

/* SOURCE:TARGET, perhaps with ":ro" or ":rw". */
static int take_bind(struct kbox_bind_option *bind, char *text)
{
	char *colon = strchr(text, ':');
	char *mode = colon ? strchr(colon + 1, ':') : NULL;

	if (!colon || colon == text || colon[1] != '/')
		return bad("-b needs SOURCE:TARGET, a path here and a full "
			   "path inside", text);
	if (mode && strcmp(mode, ":ro") && strcmp(mode, ":rw"))
		return bad("behind SOURCE:TARGET there may be :ro or :rw; "
			   "paths cannot contain colons", text);
	bind->read_only = mode && !strcmp(mode, ":ro");
	bind->source = text;
	bind->target = colon + 1;
	*colon = '\0';
	if (mode)
		*mode = '\0';
	return 0;
}

static int add_bind(struct kbox_options *options, const char *text)
{
	struct kbox_bind_option *binds;
	char *copy = strdup(text);

	binds = realloc(options->binds, (options->bind_count + 1) *
						sizeof(*binds));
	if (binds)
		options->binds = binds;
	if (!copy || !binds || options->bind_count == KBOX_BINDS_MAX) {
		free(copy);
		return bad(copy && binds ? "at most 32 can be given" :
					   "out of memory", "-b");
	}
	if (take_bind(&binds[options->bind_count], copy)) {
		free(copy);
		return -EINVAL;
	}
	options->bind_count++;
	return 0;
}

/* More than one -k: one after the other. The kernel's limit holds for all. */
static int set_kernel(struct parser *parser, const char *text)
{
	if (parser->kernel)
		return bad("-k can be given once; put all of the kernel's "
			   "parameters into it", text);
	if (strlen(text) >= KBOX_COMMAND_LINE_MAX)
		return bad("the kernel's command line is too long", "-k");
	parser->kernel = text;
	return 0;
}

/* Nothing, "text", "json", or "json:FILE". */
static int set_stats(struct kbox_options *options, const char *text)
{
	options->stats = KBOX_STATS_TEXT;
	options->stats_file = NULL;
	if (!text || !strcmp(text, "text"))
		return 0;
	options->stats = KBOX_STATS_JSON;
	if (!strcmp(text, "json"))
		return 0;
	if (strncmp(text, "json:", 5) || !text[5])
		return bad("--stats is text, json or json:FILE", text);
	options->stats_file = text + 5;
	return 0;
}

/* A console level, by default the highest. */
static int set_debug_kernel(struct kbox_options *options, const char *text)
{
	unsigned long level = 8;

	if (text && parse_number(text, 8, &level))
		return bad("--debug-kernel takes a level from 0 to 8", text);
	options->kernel_log_level = (int)level;
	return 0;
}

static int set_name(struct kbox_options *options, const char *text)
{
	if (!kbox_control_name_is_good(text))
		return bad("--name takes up to 63 letters, digits, \"_\", "
			   "\"-\" and \".\"", *text ? text : "--name");
	options->name = text;
	return 0;
}

/* FILE or FILE:FILTER; @text is cut there. */
static int set_trace(struct kbox_options *options, char *text)
{
	struct kbox_trace_filter filter;
	char *colon = strchr(text, ':');
	const char *why;

	if (!*text || colon == text)
		return bad("--trace needs FILE or FILE:FILTER", "--trace");
	options->trace_file = text;
	options->trace_filter = NULL;
	if (!colon)
		return 0;
	*colon = '\0';
	options->trace_filter = colon + 1;
	if (kbox_trace_filter_parse(&filter, colon + 1, &why))
		return bad(why, colon + 1);
	kbox_trace_filter_done(&filter);
	return 0;
}

static int set_web(struct kbox_options *options, const char *text)
{
	unsigned long port = 0;

	if (text && (parse_number(text, 65535, &port) || !port))
		return bad("--web needs the number of a port (1 to 65535), or "
			   "none", text);
	options->web = true;
	options->web_port = (unsigned int)port;
	return 0;
}

static int set_option(struct parser *parser, int option, char *value)
{
	struct kbox_options *options = parser->options;

	switch (option) {
	case 'S':
		return set_image(parser, KBOX_MODE_SYSTEM, value);
	case 'r':
		return set_image(parser, KBOX_MODE_RAW, value);
	case 'R':
		return set_image(parser, KBOX_MODE_RECOMMENDED, value);
	case 't':
		if (!kbox_fs_type_known(value))
			return bad("not a file system that kbox mounts (ext2, "
				   "ext3, ext4, squashfs, erofs)", value);
		options->fs_type = value;
		return 0;
	case 'p':
		return set_partition(parser, value);
	case 'w':
		options->work_dir = value;
		return 0;
	case 'b':
		return add_bind(options, value);
	case 'c':
		options->shell_command = value;
		return 0;
	case 'k':
		return set_kernel(parser, value);
	case 'm':
		options->mount_options = value;
		return 0;
	case '0':
		options->root_identity = true;
		return 0;
	case 'q':
		parser->verbosity--;
		return 0;
	case 'v':
		parser->verbosity++;
		return 0;
	case OPT_CHANGE_ID:
		return set_id(parser, value);
	case OPT_ENV:
		return add_env(parser, value);
	case OPT_RO:
		options->read_only = true;
		return 0;
	case OPT_EPHEMERAL:
		options->ephemeral = true;
		return 0;
	case OPT_OVERLAY:
		options->overlay = value;
		return 0;
	case OPT_SHADOW_CACHE:
		if (kbox_cli_parse_size(value, &options->shadow_budget_bytes))
			return bad("--shadow-cache needs a size such as 256M, "
				   "or 0 for none", value);
		return 0;
	case OPT_STATS:
		return set_stats(options, value);
	case OPT_DEBUG_KERNEL:
		return set_debug_kernel(options, value);
	case OPT_NAME:
		return set_name(options, value);
	case OPT_TRACE:
		return set_trace(options, value);
	case OPT_NO_CONFIG:
		if (!options->use_config)
			return bad("an option of kbox run", "--no-config");
		options->use_config = false;
		return 0;
	case OPT_WEB:
		return set_web(options, value);
	default:
		return bad("not an option of this verb", "--version");
	}
}

/* The image and perhaps a "--" behind the options of "kbox run". */
static int take_image(struct parser *parser, int argc, char **argv)
{
	if (parser->options->image)
		return bad("kbox run has no -S, -R and -r; the image follows "
			   "the options", parser->options->image);
	if (optind == argc)
		return bad("no image given", "run");
	parser->options->image = argv[optind++];
	parser->options->mode = KBOX_MODE_SYSTEM;
	if (optind < argc && !strcmp(argv[optind], "--"))
		optind++;
	return 0;
}

/* Where what is written goes: one place. */
static int finish_overlay(struct kbox_options *options)
{
	if (options->ephemeral && options->overlay)
		return bad("one place for what is written, not two",
			   "--ephemeral and --overlay");
	if ((options->ephemeral || options->overlay) && options->read_only)
		return bad("with it nothing is written; leave out --ro",
			   options->ephemeral ? "--ephemeral" : "--overlay");
	if (options->overlay && !*options->overlay)
		return bad("needs the name of a file", "--overlay");
	if (options->ephemeral || options->overlay)
		options->read_only = true;
	return 0;
}

/* What only the whole command line shows. */
static int finish(struct parser *parser, int argc, char **argv)
{
	struct kbox_options *options = parser->options;
	char *rest;
	int err;

	if (parser->run && take_image(parser, argc, argv))
		return -EINVAL;
	if (!options->image)
		return bad("no image given (-S, -r or -R IMAGE)",
			   "missing option");
	if (finish_overlay(options))
		return -EINVAL;
	if (argc - optind > KBOX_ARGS_MAX)
		return bad("too many arguments", "command");
	options->argv = argv + optind;
	options->argc = (unsigned int)(argc - optind);
	err = kbox_cli_split_mem(parser->kernel ? parser->kernel : "", &rest,
				 &options->ram_bytes);
	if (err)
		return bad("mem= needs a size such as 128M", parser->kernel);
	options->kernel_command_line = rest;
	options->ram_bytes &= ~4095ULL;
	if (options->ram_bytes < KBOX_RAM_MIN_BYTES ||
	    options->ram_bytes > KBOX_RAM_MAX_BYTES)
		return bad("mem= must be from 16M to 64G", parser->kernel);
	return 0;
}

static void set_log_level(int verbosity)
{
	if (verbosity < 0)
		kbox_log_set_level(KBOX_LOG_ERROR);
	else if (verbosity == 1)
		kbox_log_set_level(KBOX_LOG_INFO);
	else if (verbosity > 1)
		kbox_log_set_level(KBOX_LOG_DEBUG);
}

static enum kbox_cli_action parse(struct parser *parser, int argc, char **argv)
{
	struct kbox_options *options = parser->options;
	int option;

	memset(options, 0, sizeof(*options));
	options->ram_bytes = KBOX_RAM_DEFAULT_BYTES;
	options->lock_wait_ns = KBOX_LOCK_WAIT_NS;
	options->kernel_log_level = -1;
	options->use_config = parser->run;
	options->shadow_budget_bytes = kbox_shadow_default_budget();
	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, short_options,
					  long_options)) != -1) {
		if (option == OPT_HELP || option == 'h')
			return KBOX_CLI_HELP;
		if (!parser->run && (option == OPT_VERSION || option == 'V'))
			return KBOX_CLI_VERSION;
		if (option == '?' || set_option(parser, option, optarg))
			return KBOX_CLI_BAD;
	}
	if (finish(parser, argc, argv))
		return KBOX_CLI_BAD;
	set_log_level(parser->verbosity);
	return KBOX_CLI_RUN;
}

enum kbox_cli_action kbox_cli_parse(int argc, char **argv,
				    struct kbox_options *ret_options)
{
	struct parser parser = { .options = ret_options };

	return parse(&parser, argc, argv);
}

enum kbox_cli_action kbox_cli_parse_run(int argc, char **argv,
					struct kbox_options *ret_options)
{
	struct parser parser = { .options = ret_options, .run = true };

	return parse(&parser, argc, argv);
}

void kbox_cli_options_done(struct kbox_options *options)
{
	free((char *)(unsigned long)options->kernel_command_line);
	free(options->env);
	for (unsigned int i = 0; i < options->bind_count; i++)
		free(options->binds[i].source);
	free(options->binds);
	options->binds = NULL;
	options->bind_count = 0;
	options->kernel_command_line = NULL;
	options->env = NULL;
}
