/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* The user ABI is x86-64's own. */
#include <asm/posix_types_64.h>
