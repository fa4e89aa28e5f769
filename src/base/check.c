/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do when the sandbox is broken.
 *
 * Side: host.
 */
#include "check.h"

#include <stdarg.h>
#include <unistd.h>

#include "log.h"

void kbox_broken(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	kbox_vlog(KBOX_LOG_ERROR, fmt, args);
	va_end(args);
	_exit(KBOX_EXIT_FAILED);
}
