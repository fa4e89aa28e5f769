/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of other packages that kbox starts: makers of file systems, skopeo.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_TOOL_H
#define KBOX_IMAGE_TOOL_H

#include <sys/types.h>

struct kbox_tool {
	pid_t pid;
	int output_fd;		/* owned: its standard output and error */
};

/*
 * Start @argv[0], looked for in PATH and then where the system's own programs
 * are. Its standard input is @input_fd, or nothing when that is -1; descriptor
 * @keep_fd, unless -1, stays open in it, with its number. 0; -ENOENT when it is
 * not installed; -errno.
 */
int kbox_tool_start(struct kbox_tool *tool, const char *const *argv,
		    int input_fd, int keep_fd);

/*
 * Wait until it ends. 0, or -EIO after one line with the last that it said, or
 * -errno after one line.
 */
int kbox_tool_wait(struct kbox_tool *tool, const char *name);

/* Start it without input and wait. 0, or -errno after one line. */
int kbox_tool_run(const char *const *argv, int keep_fd);

#endif
