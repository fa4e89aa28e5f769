/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pidfd_send_signal, process_mrelease, and waitid for a pidfd.
 *
 * Side: host. A guest's pidfd is the library kernel's, but signals, waiting and
 * memory are the host's: the host's own pidfd of the same process is put at its
 * number in the guest's host table, and the host does the call.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../abi/loader.h"
#include "../base/cleanup.h"
#include "../guest/fd.h"
#include "../guest/lifeline.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/sync-call.h"
#include "../guest/table.h"
#include "pidfds.h"
#include "wait.h"

/*
 * A host pidfd like the guest's @fd, owned by the caller; or -errno. A signal
 * can also be sent by way of a process's folder in /proc.
 */
static int open_like(struct kbox_box *box, struct kbox_thread *thread,
		     const struct kbox_call *call, int fd, int *ret_pid)
{
	unsigned int flags = 0;
	unsigned long args[6] = { (unsigned long)fd, (unsigned long)&flags,
				  call->nr == SYS_pidfd_send_signal };
	long pid = 0;
	int err = kbox_call_wait(box, thread->task, KBOX_CALL_PIDFD, args,
				 &pid);
	int host_fd;

	if (err < 0 || pid < 0)
		return err < 0 ? err : (int)pid;
	if (!kbox_pid_is_ours(box, (int)pid))
		return -ESRCH;
	host_fd = pidfd_open((int)pid, flags & O_NONBLOCK ? PIDFD_NONBLOCK : 0);
	*ret_pid = (int)pid;
	return host_fd < 0 ? -errno : host_fd;
}

static enum kbox_verdict continue_with_pidfd(struct kbox_box *box,
					     struct kbox_thread *thread,
					     struct kbox_call *call, int fd,
					     int *ret_pid)
{
	KBOX_CLEANUP_CLOSE int host_fd = open_like(box, thread, call, fd, ret_pid);
	int err = host_fd < 0 ? host_fd : 0;

	if (!err)
		err = kbox_lifeline_avoid(box, thread, fd);
	if (!err)
		err = kbox_guest_put_fd(box, thread, host_fd, fd, O_CLOEXEC);
	if (err < 0)
		return kbox_reply(call, err);
	kbox_slots_set(&thread->process->pidfd_slots, fd, true);
	thread->process->has_pidfd_slots = true;
	return KBOX_CONTINUE;
}

/* The library kernel's judgement of signal 0: the rights, and the pidfd. */
static enum kbox_verdict judged(struct kbox_box *box,
				struct kbox_thread *thread,
				struct kbox_call *call, long value)
{
	bool denied = value == -EPERM;
	struct kbox_process *process;
	enum kbox_verdict verdict;
	int pid = 0;

	if ((denied && (int)call->args[1] != SIGCONT) || value == -EBADF ||
	    value == -EINVAL)
		return kbox_reply(call, value);
	verdict = continue_with_pidfd(box, thread, call, (int)call->args[0],
				      &pid);
	/* Within a session that one signal is allowed: see signal.c. */
	if (denied && (pid <= 0 ||
		       getsid(pid) != getsid(thread->process->tgid)))
		return kbox_reply(call, -EPERM);
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

/* It takes the memory of one that is ending anyway: nobody is asked. */
enum kbox_verdict kbox_dispatch_process_mrelease(struct kbox_box *box,
						 struct kbox_thread *thread,
						 struct kbox_call *call)
{
	int pid;

	if ((unsigned int)call->args[1])
		return kbox_reply(call, -EINVAL);
	return continue_with_pidfd(box, thread, call, (int)call->args[0], &pid);
}

enum kbox_verdict kbox_dispatch_waitid(struct kbox_box *box,
				       struct kbox_thread *thread,
				       struct kbox_call *call)
{
	struct kbox_waited_for whom = { (int)call->args[0],
					(int)call->args[1] };
	enum kbox_verdict verdict;

	if (whom.type != P_PIDFD) {
		if (whom.type == P_PGID && !whom.id)
			whom.id = getpgid(thread->process->tgid);
		return call->args[3] & WNOHANG ?
			       KBOX_CONTINUE :
			       kbox_wait_natively(box, thread, call, whom);
	}
	whom.type = P_PID;
	verdict = continue_with_pidfd(box, thread, call, (int)call->args[1],
				      &whom.id);
	if (verdict == KBOX_CONTINUE && !(call->args[3] & WNOHANG))
		return kbox_wait_natively(box, thread, call, whom);
	/* One that was waited for already is nobody's child. */
	if (verdict == KBOX_REPLY && call->value == -ESRCH)
		call->value = -ECHILD;
	return verdict;
}

static enum kbox_verdict closed(struct kbox_box *box,
				struct kbox_thread *thread,
				struct kbox_call *call, long value)
{
	int fd = (int)call->args[0];

	(void)box;
	if (value < 0)
		return kbox_reply(call, value);
	kbox_slots_set(&thread->process->slots, fd, false);
	kbox_slots_set(&thread->process->pidfd_slots, fd, false);
	kbox_guest_closes_fd(thread->process, fd);
	return KBOX_CONTINUE;
}

/* Whether the host is about to choose the lowest free slot for a pidfd. */
static bool host_chooses(const struct kbox_process *process)
{
	const struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		if (thread->expect_pidfd >= 0)
			return true;
	return false;
}

/*
 * The slot by which an exec is known (exec.h, invariant 3) and those of
 * lifelines are never closed, whatever else a guest had put there.
 */
enum kbox_verdict kbox_dispatch_close(struct kbox_box *box,
				      struct kbox_thread *thread,
				      struct kbox_call *call)
{
	int fd = (int)call->args[0];
	bool at_host = fd != KBOX_LOADER_MAIN_FD &&
		       !kbox_lifeline_reserves(box, fd) &&
		       kbox_slots_has(&thread->process->pidfd_slots, fd);

	/* A slot that becomes free in that moment would be its choice. */
	if (at_host && host_chooses(thread->process))
		return KBOX_HOLD;
	return kbox_dispatch_library(box, thread, call->nr, call->args,
				     at_host ? closed : NULL);
}
