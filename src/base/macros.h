/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few macros that every host file may want.
 *
 * Side: host.
 */
#ifndef KBOX_BASE_MACROS_H
#define KBOX_BASE_MACROS_H

#include <stddef.h>

#define KBOX_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define KBOX_CONTAINER_OF(ptr, type, member)                                  \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define KBOX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KBOX_NORETURN __attribute__((noreturn))
#define KBOX_MUST_CHECK __attribute__((warn_unused_result))
#define KBOX_UNUSED __attribute__((unused))

#endif
