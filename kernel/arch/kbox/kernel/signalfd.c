// SPDX-License-Identifier: GPL-2.0-only
/*
 * signalfd. Side: kernel.
 *
 * The descriptor, its mask and waiting for it are the stock fs/signalfd.c's.
 * Signals are the host's: what is pending for a task is asked there, and only
 * the host can take one off a guest's thread. So a read that finds one ends
 * with KBOX_ENATIVE, and the supervisor has the guest make the same call at the
 * host, on a signalfd of the host's own.
 *
 * Wakes come when the supervisor sees a signal pending (kbox_lk_pending()).
 */
#include <linux/bitops.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/unistd.h>
#include <asm/kbox.h>

static unsigned long pending_but(const sigset_t *mask)
{
	return kbox_host->pending_signals(task_pid_nr(current)) & ~mask->sig[0];
}

/* The number of a pending signal that is not in @mask, or 0. */
int __wrap_next_signal(struct sigpending *pending, sigset_t *mask);
int __wrap_next_signal(struct sigpending *pending, sigset_t *mask)
{
	unsigned long signals;

	/* Asked once for the task, once for its group: the host answers both. */
	if (pending != &current->pending)
		return 0;
	signals = pending_but(mask);
	return signals ? __ffs(signals) + 1 : 0;
}

int __wrap_dequeue_signal(sigset_t *mask, kernel_siginfo_t *info,
			  enum pid_type *type);
int __wrap_dequeue_signal(sigset_t *mask, kernel_siginfo_t *info,
			  enum pid_type *type)
{
	struct kbox_task *handle = current->thread.handle;
	struct fd f;

	if (!handle || (handle->nr != __NR_read && handle->nr != __NR_readv &&
			handle->nr != __NR_preadv2))
		return -EINVAL;
	if (!pending_but(mask))
		return 0;
	f = fdget(handle->args[0]);
	handle->read_nonblock = fd_file(f) &&
				fd_file(f)->f_flags & O_NONBLOCK;
	fdput(f);
	handle->read_signals = ~mask->sig[0];
	return -KBOX_ENATIVE;
}

int kbox_lk_signalfd(const struct kbox_task *handle,
		     unsigned long long *ret_signals)
{
	*ret_signals = handle->read_signals;
	return handle->read_nonblock;
}

static void wake_readers(void *arg)
{
	struct task_struct *task = arg;

	wake_up(&task->sighand->signalfd_wqh);
}

void kbox_lk_pending(struct kbox_task *handle)
{
	struct task_struct *task = handle->task;

	/* Its sighand is there until exit_thread() has cleared the handle. */
	if (task && waitqueue_active(&task->sighand->signalfd_wqh))
		kbox_run_irq(wake_readers, task);
}
