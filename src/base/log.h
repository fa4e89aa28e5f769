/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the user, one line each, on standard error.
 *
 * Side: host. An error is logged once, by the code that handles it: image,
 * launch and cli log, the folders below them return a negative errno.
 *
 * Invariants
 *  1. A message is one write(2) of one line with the prefix "kbox: ".
 *  2. Control characters in a message are shown as '?', so a file name or a
 *     guest's string cannot drive the user's terminal.
 *  3. A line is at most KBOX_LOG_LINE_MAX long. What is longer, as with a path
 *     that fills it, loses its middle: what is wrong stands at the end.
 *  4. Logging changes neither errno nor any state but the level.
 */
#ifndef KBOX_BASE_LOG_H
#define KBOX_BASE_LOG_H

#include <stdarg.h>

#include "macros.h"

enum kbox_log_level {
	KBOX_LOG_ERROR,		/* kbox cannot do what was asked */
	KBOX_LOG_WARN,		/* the default: something is not as it should be */
	KBOX_LOG_INFO,		/* -v: phases and what they took */
	KBOX_LOG_DEBUG,		/* -v -v: single events */
};

/* Show messages up to @level. */
void kbox_log_set_level(enum kbox_log_level level);
enum kbox_log_level kbox_log_level(void);

/*
 * Log to another host fd than 2, which the caller keeps open; for when a
 * guest's standard error is to be kept apart.
 */
void kbox_log_set_fd(int fd);

/* Log one line when @level is shown. @fmt has no prefix and no newline. */
void kbox_log(enum kbox_log_level level, const char *fmt, ...)
	KBOX_PRINTF(2, 3);
void kbox_vlog(enum kbox_log_level level, const char *fmt, va_list args)
	KBOX_PRINTF(2, 0);

#define kbox_error(...) kbox_log(KBOX_LOG_ERROR, __VA_ARGS__)
#define kbox_warn(...) kbox_log(KBOX_LOG_WARN, __VA_ARGS__)
#define kbox_info(...) kbox_log(KBOX_LOG_INFO, __VA_ARGS__)
#define kbox_debug(...)                                                       \
	do {                                                                  \
		if (kbox_log_level() >= KBOX_LOG_DEBUG)                       \
			kbox_log(KBOX_LOG_DEBUG, __VA_ARGS__);                \
	} while (0)

#endif
