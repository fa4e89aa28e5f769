/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pidfd_send_signal, and waitid for a pidfd.
 *
 * Side: host. A guest's pidfd is the library kernel's, but signals and waiting
 * are the host's: the host's own pidfd of the same process is put at its number
 * in the guest's host table, and the host does the call.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../base/cleanup.h"
#include "../guest/fd.h"
#include "../guest/lifeline.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "dispatch.h"

static long supervisor_call(struct kbox_box *box, long nr, unsigned long a,
			    unsigned long b, unsigned long c, unsigned long d)
{
	unsigned long args[6] = { a, b, c, d };
	long value = 0;
	int err = kbox_call_wait(box, box->supervisor, nr, args, &value);

	return err < 0 ? err : value;
}

/*
 * What the library kernel's /proc says about descriptor @fd of @thread. The
 * working folder of the supervisor's task is the root of the image.
 */
static int read_fdinfo(struct kbox_box *box, const struct kbox_thread *thread,
		       int fd, char *text, size_t size)
{
	char path[64];
	long file, len;

	snprintf(path, sizeof(path), "proc/%d/task/%d/fdinfo/%d",
		 thread->process->tgid, thread->tid, fd);
	file = supervisor_call(box, SYS_openat, (unsigned long)AT_FDCWD,
			       (unsigned long)path, O_RDONLY | O_CLOEXEC, 0);
	if (file < 0)
		return -EBADF;
	len = supervisor_call(box, SYS_read, (unsigned long)file,
			      (unsigned long)text, size - 1, 0);
	supervisor_call(box, SYS_close, (unsigned long)file, 0, 0, 0);
	if (len < 0)
		return -EBADF;
	text[len] = '\0';
	return 0;
}

/* A host pidfd like the guest's @fd, owned by the caller; or -errno. */
static int open_like(struct kbox_box *box, struct kbox_thread *thread, int fd,
		     int *ret_pid)
{
	const char *at, *flags;
	char text[1024];
	int err = read_fdinfo(box, thread, fd, text, sizeof(text));
	int pid, host_fd;

	if (err < 0)
		return err;
	at = strstr(text, "\nPid:\t");
	if (!at)
		return -EBADF;
	pid = atoi(at + strlen("\nPid:\t"));
	if (pid <= 0)
		return -ESRCH;
	if (!kbox_pid_is_ours(box, pid))
		return -ESRCH;
	flags = strstr(text, "flags:\t");
	host_fd = pidfd_open(pid, flags && (strtol(flags + strlen("flags:\t"),
						   NULL, 8) & O_NONBLOCK) ?
					  PIDFD_NONBLOCK :
					  0);
	*ret_pid = pid;
	return host_fd < 0 ? -errno : host_fd;
}

static enum kbox_verdict continue_with_pidfd(struct kbox_box *box,
					     struct kbox_thread *thread,
					     struct kbox_call *call, int fd,
					     int *ret_pid)
{
	KBOX_CLEANUP_CLOSE int host_fd = open_like(box, thread, fd, ret_pid);
	int err = host_fd < 0 ? host_fd : 0;

	if (!err)
		err = kbox_lifeline_avoid(box, thread, fd);
	if (!err)
		err = kbox_guest_put_fd(box, call->id, host_fd, fd, O_CLOEXEC);
	return err < 0 ? kbox_reply(call, err) : KBOX_CONTINUE;
}

/* The library kernel's judgement of signal 0: the rights, and the pidfd. */
static enum kbox_verdict judged(struct kbox_box *box,
				struct kbox_thread *thread,
				struct kbox_call *call, long value)
{
	struct kbox_process *process;
	enum kbox_verdict verdict;
	int pid = 0;

	if (value == -EPERM || value == -EBADF || value == -EINVAL)
		return kbox_reply(call, value);
	verdict = continue_with_pidfd(box, thread, call, (int)call->args[0],
				      &pid);
	process = kbox_process_find(box, pid);
	if (verdict == KBOX_CONTINUE && process)
		kbox_signal_hint(box, process, 200000);
	return verdict;
}

enum kbox_verdict kbox_dispatch_pidfd_send_signal(struct kbox_box *box,
						  struct kbox_thread *thread,
						  struct kbox_call *call)
{
	const unsigned long args[6] = { call->args[0], 0, 0, call->args[3] };

	return kbox_dispatch_library(box, thread, call->nr, args, judged);
}

enum kbox_verdict kbox_dispatch_waitid(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	int pid;

	if ((int)call->args[0] != P_PIDFD)
		return kbox_reply(call, -EINVAL);
	return continue_with_pidfd(box, thread, call, (int)call->args[1], &pid);
}
