/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the arguments of each system call are: the table made from
 * abi/trace.tbl, with the constants and structures of the C library's headers.
 *
 * Side: host.
 */
#include "trace-table.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "../base/macros.h"
#include "../base/syscalls.h"

/* Structures of the kernel that the C library has otherwise or not at all. */
struct kbox_trace_pair {
	int a, b;
};

struct kbox_trace_timespec2 {
	struct timespec atime, mtime;
};

struct kbox_trace_timeval2 {
	struct timeval atime, mtime;
};

struct kbox_trace_epoll {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct kbox_trace_openhow {
	uint64_t flags, mode, resolve;
};

struct kbox_trace_clone {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		stack_size, tls;
};

struct kbox_trace_action {
	uint64_t handler, flags, restorer, mask;
};

struct kbox_trace_utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65],
		domainname[65];
};

#define IS_SIGNED(type) ((type)-1 < (type)1)
#define FIELD(type, member, how, set)                                         \
	{ #member, offsetof(type, member), sizeof(((type *)0)->member),       \
	  IS_SIGNED(__typeof__(((type *)0)->member)), how, set }
#define TEXT(type, member, how, set)                                          \
	{ #member, offsetof(type, member), sizeof(((type *)0)->member),       \
	  false, how, set }
#define WHOLE(type, how, set)                                                 \
	{ "value", 0, sizeof(type), IS_SIGNED(type), how, set }

#include "trace-table.inc.h"

#define UNKNOWN_ARG(n)                                                        \
	{ "arg" #n, KBOX_TRACE_KIND_ADDR, KBOX_TRACE_NONE, 6, false, false,   \
	  NULL, NULL }

static const struct kbox_trace_call unknown = {
	.args = { UNKNOWN_ARG(0), UNKNOWN_ARG(1), UNKNOWN_ARG(2),
		  UNKNOWN_ARG(3), UNKNOWN_ARG(4), UNKNOWN_ARG(5) },
};

const struct kbox_trace_call *kbox_trace_call(long nr)
{
	return kbox_syscall_info(nr) ? &calls[nr] : &unknown;
}
