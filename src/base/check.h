/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do when the sandbox is broken, as opposed to a guest's call failing.
 *
 * Side: host. A guest's failed call is a negative errno on its way back to the
 * guest. A broken invariant has no answer that could be given: it ends kbox,
 * and the guests with it, with exit status KBOX_EXIT_FAILED.
 */
#ifndef KBOX_BASE_CHECK_H
#define KBOX_BASE_CHECK_H

#include "macros.h"

/* Exit statuses of kbox itself; everything else is the guest's. */
enum kbox_exit {
	KBOX_EXIT_USAGE = 2,		/* bad options */
	KBOX_EXIT_FAILED = 125,		/* kbox itself failed */
	KBOX_EXIT_NOT_EXECUTABLE = 126,	/* the command cannot be executed */
	KBOX_EXIT_NOT_FOUND = 127,	/* there is no such command */
	KBOX_EXIT_SIGNAL = 128,		/* plus the signal's number */
};

/*
 * Log what is broken and end the process at once: no cleanup, since nothing
 * can be relied upon. The guests die with the supervisor.
 */
void kbox_broken(const char *fmt, ...) KBOX_PRINTF(1, 2) KBOX_NORETURN;

/* @cond holds, or the sandbox is broken. Also in release builds. */
#define KBOX_CHECK(cond)                                                      \
	do {                                                                  \
		if (__builtin_expect(!(cond), 0))                             \
			kbox_broken("%s:%d: broken invariant: %s", __FILE__,  \
				    __LINE__, #cond);                         \
	} while (0)

#endif
