/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the user asked for.
 *
 * Side: host. Filled by src/cli, never changed after that.
 */
#ifndef KBOX_LAUNCH_OPTIONS_H
#define KBOX_LAUNCH_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

enum kbox_mode {
	KBOX_MODE_SYSTEM,	/* -S: recommended mounts, root */
	KBOX_MODE_RAW,		/* -r: the image alone, own identity */
	KBOX_MODE_RECOMMENDED,	/* -R: recommended mounts, own identity */
};

enum kbox_stats_kind {
	KBOX_STATS_NONE,
	KBOX_STATS_TEXT,
	KBOX_STATS_JSON,
};

/* A folder or file of the host's that guests see. */
struct kbox_bind_option {
	char *source;			/* of the host; owned, with ->target */
	const char *target;		/* inside, from the root */
	bool read_only;
};

struct kbox_options {
	const char *image;
	enum kbox_mode mode;
	const char *fs_type;		/* NULL: found out */
	unsigned int partition;		/* from 1; 0: the whole image */
	bool read_only;			/* the image; also with an overlay */
	bool ephemeral;			/* what is written goes to memory ... */
	const char *overlay;		/* ... or to this image; NULL: neither */
	unsigned long long lock_wait_ns; /* for an image that is in use */
	const char *mount_options;	/* NULL: none */

	struct kbox_bind_option *binds;	/* owned */
	unsigned int bind_count;

	const char *name;		/* of the box; NULL: one is made up */
	const char *kernel_command_line; /* without mem=; never NULL */
	int kernel_log_level;		/* 0 to 8; -1: as the log level says */
	unsigned long long ram_bytes;
	unsigned long long shadow_budget_bytes;
	enum kbox_stats_kind stats;
	const char *stats_file;		/* for JSON; NULL: standard error */
	const char *trace_file;		/* NULL: no trace */
	const char *trace_filter;	/* may be NULL */
	bool web;			/* the live page ... */
	unsigned int web_port;		/* ... at that port; 0: any free one */

	bool root_identity;		/* -0 */
	bool change_id;
	uid_t uid;			/* with change_id */
	gid_t gid;

	bool use_config;		/* what the image says about running it */
	bool no_entry_point;		/* ... but for its entry point */
	const char *work_dir;		/* NULL: / */
	const char *shell_command;	/* -c, or NULL */
	char **argv;			/* what to run; may be empty */
	unsigned int argc;
	char **env;			/* NAME=VALUE or NAME; not owned */
	unsigned int env_count;
};

#endif
