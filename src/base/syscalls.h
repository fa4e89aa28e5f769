/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What abi/syscalls.tbl says about each system call number.
 *
 * Side: host. Read by the dispatcher (class), the trace and the statistics
 * (names and kinds of arguments). The filter is made from the same table.
 */
#ifndef KBOX_BASE_SYSCALLS_H
#define KBOX_BASE_SYSCALLS_H

enum kbox_syscall_class {
	KBOX_SYSCALL_KERNEL,	/* forwarded to the library kernel */
	KBOX_SYSCALL_HOST,	/* native; the filter lets it through */
	KBOX_SYSCALL_SPLIT,	/* a handler decides */
	KBOX_SYSCALL_DENY,	/* the filter answers with error */
};

struct kbox_syscall_info {
	const char *name;
	const char *kinds;	/* of the arguments, comma-separated */
	enum kbox_syscall_class class;
	int error;		/* of DENY: a positive errno, else 0 */
	int nargs;		/* 0 to 6 */
};

/* The table's line for @nr, or NULL for a number that it does not have. */
const struct kbox_syscall_info *kbox_syscall_info(long nr);

/* The highest number of the table. */
long kbox_syscall_max(void);

#endif
