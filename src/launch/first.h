/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first guest: from a waiting host process to a program of the image. Those
 * that join the box later go the same way.
 *
 * Side: host, last phase of a launch before supervision.
 *
 * Invariants
 *  1. Its task in the library kernel has the number of the host process, the
 *     image as its root and the chosen identity before it executes anything.
 *  2. The exec is parked in the library kernel when kbox_first_prepare()
 *     returns 0; a command that is not there or cannot be executed never
 *     reaches the host.
 */
#ifndef KBOX_LAUNCH_FIRST_H
#define KBOX_LAUNCH_FIRST_H

#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "child.h"
#include "console.h"
#include "options.h"

/* How a guest is started, beside what the user asked for. */
struct kbox_start {
	const struct kbox_options *options;
	int files[3];			/* not owned: 0, 1 and 2 inside */
	struct kbox_console *console;	/* the first's; NULL: it joins a box */
};

struct kbox_first {
	struct kbox_caller caller;	/* its task; owned until released */
	char **argv, **envp;		/* in the child's shared pages */
	const char *program;		/* likewise: what is executed */
};

/* Bytes of arguments and environment, for kbox_child_start(). */
size_t kbox_first_strings_bytes(const struct kbox_options *options);

/*
 * Make the task and park its exec; it gets the terminal of @console, or without
 * one passes all standard files on. 0, or an exit status of kbox (126, 127 or
 * 125) after one line that says what is wrong.
 */
int kbox_first_prepare(struct kbox_first *first, struct kbox_child *child,
		       struct kbox_caller *supervisor, struct kbox_host *host,
		       const struct kbox_start *start);

/* End the task, if it was made and nobody else took it. */
void kbox_first_abort(struct kbox_first *first);

#endif
