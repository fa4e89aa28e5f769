/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host's /proc/TID/status says about a guest thread.
 *
 * Side: host. Read when an unknown thread makes its first call, when a blocked
 * call may have to be interrupted by a signal, and for the terminal's rules.
 *
 * Sources: proc(5), fs/proc/array.c; ioctl_pidfd(2).
 */
#ifndef KBOX_GUEST_PROC_STATUS_H
#define KBOX_GUEST_PROC_STATUS_H

#include <stdbool.h>
#include <stdint.h>

struct kbox_proc_status {
	char state;		/* R S D T t Z X */
	int tgid;
	int ppid;
	int threads;
	int tracer;		/* its thread, or 0 */
	int filters;		/* seccomp filters that it runs under */
	uint64_t own_pending;	/* signal N is bit N - 1 */
	uint64_t group_pending;
	uint64_t blocked;
	uint64_t ignored;
};

/* Read it. 0; -ESRCH when there is no such thread; -errno. */
int kbox_proc_status_read(int tid, struct kbox_proc_status *ret_status);

/*
 * Of thread @tid, the number of its process and of that one's parent, as in its
 * status but in a fifth of the time where the host has PIDFD_GET_INFO (Linux
 * 6.13). 0; -ESRCH when there is no such thread or it has ended; -errno.
 */
int kbox_proc_family_read(int tid, int *ret_tgid, int *ret_ppid);

/*
 * Whether the /proc that is mounted shows this process under its own number, as
 * one that belongs to another PID namespace does not, or none that is there.
 */
bool kbox_proc_is_ours(void);

/* Ended, and at most not yet waited for. */
bool kbox_proc_status_ended(const struct kbox_proc_status *status);

/*
 * Call @visit with each number in folder @path (such as "/proc" or
 * "/proc/TGID/task") until it returns non-zero; returns that, 0 or -errno.
 */
int kbox_proc_visit(const char *path, int (*visit)(int number, void *context),
		    void *context);

/* Whether two processes' namespaces are the same; false when unknown. */
bool kbox_proc_same_namespaces(int pid, int other_pid);

#endif
