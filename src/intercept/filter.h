/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seccomp filter that every guest runs under.
 *
 * Side: host. The first stop of a system call's way: the host kernel runs the
 * filter and allows, refuses, or notifies the supervisor. What it says for each
 * number is abi/syscalls.tbl, whose head explains classes and conditions.
 */
#ifndef KBOX_INTERCEPT_FILTER_H
#define KBOX_INTERCEPT_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

/*
 * Instructions of a filter: about three per run of numbers with one verdict.
 * The host takes at most BPF_MAXINSNS, 4096; this much fits on any stack.
 */
#define KBOX_FILTER_INSNS_MAX 2048

/*
 * For those who watch: calls are notified that the filter would otherwise
 * settle. kbox_filter_judge() tells the supervisor what it would have said.
 */
#define KBOX_FILTER_SEE_DENIED 1U	/* those that are refused */
#define KBOX_FILTER_SEE_NATIVE 2U	/* those that are allowed, too */

/*
 * Write the program for those flags to @buf, which has room for @cap
 * instructions. Returns how many were written, or -E2BIG when @cap is too
 * small. Does not block, does not allocate, always writes the same.
 */
int kbox_filter_build(struct sock_filter *buf, size_t cap, unsigned int flags);

/*
 * What the filter without flags says of a call: KBOX_FILTER_ALLOW or _NOTIFY,
 * or the negative errno with which it refuses it.
 */
#define KBOX_FILTER_ALLOW 0
#define KBOX_FILTER_NOTIFY 1
int kbox_filter_judge(long nr, const unsigned long args[6], unsigned long ip);

/*
 * Put the calling thread under the filter for good, with no_new_privs, and
 * return the listener's fd, which the caller owns (close-on-exec). For the
 * child between fork and exec: uses nothing but its stack and system calls.
 * Errors: -ENOSYS, the host has no seccomp filters; -EINVAL, it lacks user
 * notification or WAIT_KILLABLE_RECV (Linux 5.19); -EBUSY, a filter with a
 * listener is already in force, as inside another kbox; -EACCES, no_new_privs
 * could not be set; -EMFILE, -ENOMEM.
 */
int kbox_filter_install(unsigned int flags);

#endif
