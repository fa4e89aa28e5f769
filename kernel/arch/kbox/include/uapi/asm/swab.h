/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* The user ABI is x86-64's own. */
#include "../../../../x86/include/uapi/asm/swab.h"
