// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of system calls by number; see syscalls.h.
 *
 * Side: host.
 */
#include "syscalls.h"

#include <errno.h>
#include <stddef.h>

#include "macros.h"

#define KBOX_SYSCALL(nr, name, class, error, nargs, kinds)                    \
	[nr] = { #name, kinds, KBOX_SYSCALL_##class, error, nargs },

static const struct kbox_syscall_info calls[] = {
#include "dispatch-table.h"
};

const struct kbox_syscall_info *kbox_syscall_info(long nr)
{
	if (nr < 0 || nr > kbox_syscall_max() || !calls[nr].name)
		return NULL;
	return &calls[nr];
}

long kbox_syscall_max(void)
{
	return (long)KBOX_ARRAY_SIZE(calls) - 1;
}
