/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest processes as host processes.
 *
 * Side: host.
 */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/log.h"
#include "proc-status.h"
#include "table.h"

void kbox_process_open(struct kbox_box *box, struct kbox_process *process)
{
	if (box->pidfds < box->pidfds_max)
		process->pidfd = pidfd_open(process->tgid, 0);
	if (process->pidfd >= 0) {
		box->pidfds++;
	} else {
		/* Too many, or ended already: looked at now and then. */
		box->unwatched++;
		box->next_liveness_ns = box->now_ns;
	}
	if (box->process_added)
		box->process_added(box, process);
}

int kbox_process_signal(const struct kbox_process *process, int sig)
{
	int err;

	if (process->pidfd >= 0)
		err = pidfd_send_signal(process->pidfd, sig, NULL, 0);
	else
		err = kill(process->tgid, sig);
	return err < 0 ? -errno : 0;
}

/* Guests can bring this about at will, so the log names only the first. */
static void tell_punished(struct kbox_box *box, int pid, const char *reason)
{
	if (++box->punished <= KBOX_PUNISHED_SHOWN_MAX)
		kbox_warn("guest process %d is killed: %s", pid, reason);
}

void kbox_process_punish(struct kbox_box *box, struct kbox_process *process,
			 const char *reason)
{
	if (!process->punished)
		tell_punished(box, process->tgid, reason);
	process->punished = true;
	kbox_process_signal(process, SIGKILL);
}

void kbox_stranger_punish(struct kbox_box *box, int tid, const char *reason)
{
	tell_punished(box, tid, reason);
	kill(tid, SIGKILL);
}

void kbox_punished_summary(const struct kbox_box *box)
{
	if (box->punished > KBOX_PUNISHED_SHOWN_MAX)
		kbox_warn("%u more guest processes were killed",
			  box->punished - KBOX_PUNISHED_SHOWN_MAX);
}

bool kbox_process_gone(const struct kbox_process *process)
{
	struct kbox_proc_status status;

	if (kbox_proc_status_read(process->tgid, &status) < 0)
		return true;
	/* A zombie leader whose threads live on has more than one thread. */
	return kbox_proc_status_ended(&status) && status.threads <= 1;
}

bool kbox_pid_is_ours(struct kbox_box *box, int pid)
{
	struct kbox_proc_status status;

	/* Children of children are seen first by their own parent's calls. */
	for (int depth = 0; depth < 4 && pid > 1; depth++) {
		/* Its orphans were looked for when their parent ended. */
		if (pid == box->supervisor_pid)
			return false;
		if (kbox_thread_find(box, pid) || kbox_process_find(box, pid))
			return true;
		if (kbox_proc_status_read(pid, &status) < 0)
			return false;
		if (status.tgid == box->supervisor_pid)
			return false;
		if (kbox_process_find(box, status.tgid))
			return true;
		pid = status.ppid;
	}
	return false;
}
