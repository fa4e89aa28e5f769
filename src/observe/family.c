/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Families of system calls.
 *
 * Side: host.
 */
#include "family.h"

#include <stdbool.h>
#include <string.h>

#include "../base/macros.h"
#include "../base/syscalls.h"
#include "trace-table.h"

static const struct {
	const char *name;
	const char *calls;	/* that the kinds do not tell, " NAME " each */
} families[KBOX_FAMILIES] = {
	[KBOX_FAMILY_PATHS] = { "paths", " getcwd " },
	[KBOX_FAMILY_FDS] = { "descriptors", "" },
	[KBOX_FAMILY_SOCKETS] = {
		"sockets",
		" socket socketpair bind listen connect accept accept4 shutdown "
		"sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg getsockname "
		"getpeername getsockopt setsockopt " },
	[KBOX_FAMILY_WAITS] = {
		"waits",
		" poll ppoll select pselect6 epoll_wait epoll_pwait "
		"epoll_pwait2 wait4 waitid nanosleep clock_nanosleep pause "
		"rt_sigsuspend rt_sigtimedwait futex " },
	[KBOX_FAMILY_PROCESSES] = {
		"processes",
		" clone clone3 fork vfork execve execveat exit exit_group "
		"setsid setgroups getgroups prctl unshare setns " },
	[KBOX_FAMILY_SIGNALS] = { "signals", " kill tkill tgkill " },
	[KBOX_FAMILY_MEMORY] = { "memory", " mmap shmget shmat shmdt " },
	[KBOX_FAMILY_OTHERS] = { "others", "" },
};

static bool is_listed(const char *calls, const char *name)
{
	size_t len = strlen(name);
	const char *at = calls;

	while ((at = strstr(at, name))) {
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
		at += len;
	}
	return false;
}

static enum kbox_family family_of_kind(enum kbox_trace_kind kind)
{
	switch (kind) {
	case KBOX_TRACE_KIND_PATH:
		return KBOX_FAMILY_PATHS;
	case KBOX_TRACE_KIND_FD:
		return KBOX_FAMILY_FDS;
	case KBOX_TRACE_KIND_PID:
	case KBOX_TRACE_KIND_UID:
		return KBOX_FAMILY_PROCESSES;
	case KBOX_TRACE_KIND_SIG:
	case KBOX_TRACE_KIND_MASK:
		return KBOX_FAMILY_SIGNALS;
	case KBOX_TRACE_KIND_ADDR:
		return KBOX_FAMILY_MEMORY;
	default:
		return KBOX_FAMILY_OTHERS;
	}
}

enum kbox_family kbox_family_of(long nr)
{
	const struct kbox_syscall_info *info = kbox_syscall_info(nr);
	enum kbox_family best = KBOX_FAMILY_OTHERS;
	const struct kbox_trace_call *call;

	if (!info)
		return best;
	for (unsigned int i = 0; i < KBOX_FAMILIES; i++)
		if (is_listed(families[i].calls, info->name))
			return (enum kbox_family)i;
	/* The first family among those of the arguments. */
	call = kbox_trace_call(nr);
	for (unsigned int i = 0; i < KBOX_TRACE_ARGS && call->args[i].name; i++) {
		enum kbox_family family = family_of_kind(call->args[i].kind);

		if (family < best)
			best = family;
	}
	if (best == KBOX_FAMILY_OTHERS && call->result == KBOX_TRACE_RESULT_FD)
		best = KBOX_FAMILY_FDS;
	return best;
}

const char *kbox_family_name(enum kbox_family family)
{
	return families[family].name;
}
