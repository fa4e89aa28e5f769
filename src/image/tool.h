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
 * Start @argv[0], looked for in PATH and then where the programs of system
 * administrators are. It is told to end when the calling thread does. Its standard input is @input_fd, or nothing when that is -1; descriptor
 * @keep_fd, unless -1, stays open in it, with its number. 0; -ENOENT when it is
 * not installed; -errno.
 */
int kbox_tool_start(struct kbox_tool *tool, const char *const *argv,
		    int input_fd, int keep_fd);

/* Bytes of the end of what a tool said, in which the reason is looked for. */
#define KBOX_TOOL_SAID_BYTES 1024

/*
 * Wait until it ends. 0, or -EIO without a line, with the last line of what it
 * said in @said.
 */
int kbox_tool_end(struct kbox_tool *tool, char said[KBOX_TOOL_SAID_BYTES]);

/* The same; -EIO after one line with the last that it said. */
int kbox_tool_wait(struct kbox_tool *tool, const char *name);

/* Start it without input and wait. 0, or -errno after one line. */
int kbox_tool_run(const char *const *argv, int keep_fd);

#endif
