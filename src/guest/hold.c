/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that are served later.
 *
 * Side: host.
 */
#include "hold.h"

#include "bind.h"

/* From when on the unseen children of @process are looked for. */
static void set_limit(struct kbox_box *box, struct kbox_process *process)
{
	if (process->held_until_ns)
		return;
	process->held_until_ns = box->now_ns + KBOX_HOLD_NS;
	if (process->held_until_ns < box->next_held_ns)
		box->next_held_ns = process->held_until_ns;
}

void kbox_hold(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_process *process = thread->process;

	kbox_list_del(&thread->link);
	kbox_list_add_tail(&process->held, &thread->link);
	thread->state = KBOX_THREAD_HELD;
	if (kbox_process_expects(process))
		set_limit(box, process);
}

void kbox_serve_again(struct kbox_box *box, struct kbox_thread *thread)
{
	kbox_list_del(&thread->link);
	kbox_list_add_tail(&box->again, &thread->link);
	thread->state = KBOX_THREAD_HELD;
}

bool kbox_exec_is_in_memory_of(const struct kbox_box *box,
			       const struct kbox_thread *thread)
{
	return box->exec_opening &&
	       box->exec_opening->vm_id == thread->process->vm_id &&
	       box->exec_opening->exec.thread != thread;
}

void kbox_hold_for_exec(struct kbox_box *box, struct kbox_thread *thread)
{
	kbox_list_del(&thread->link);
	kbox_list_add_tail(&box->exec_waiters, &thread->link);
	thread->state = KBOX_THREAD_HELD;
}

void kbox_release_exec_waiters(struct kbox_box *box)
{
	while (!box->exec_opening && !kbox_list_empty(&box->exec_waiters))
		kbox_serve_again(box, KBOX_LIST_FIRST(&box->exec_waiters,
						      struct kbox_thread,
						      link));
}

static void release_all(struct kbox_box *box, struct kbox_process *process)
{
	process->held_until_ns = 0;
	while (!kbox_list_empty(&process->held))
		kbox_serve_again(box, KBOX_LIST_FIRST(&process->held,
						      struct kbox_thread,
						      link));
}

/*
 * What is still expected belongs to a clone call that is not over: its order
 * among the calls that were held is free.
 */
static void serve_anyway(struct kbox_process *process)
{
	struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->held, link)
		thread->waited = true;
}

void kbox_release(struct kbox_box *box, struct kbox_process *process)
{
	if (!kbox_process_expects(process))
		release_all(box, process);
	else if (!kbox_list_empty(&process->held))
		set_limit(box, process);
}

void kbox_hold_check(struct kbox_box *box)
{
	struct kbox_process *process;
	uint64_t next_ns = UINT64_MAX;

	if (box->now_ns < box->next_held_ns)
		return;
	/* New processes go to the end of the list: the walk meets them, too. */
	KBOX_LIST_FOR_EACH(process, &box->processes, link) {
		if (!process->held_until_ns)
			continue;
		if (process->held_until_ns <= box->now_ns) {
			kbox_bind_children(box, process, false);
			serve_anyway(process);
			release_all(box, process);
		} else if (process->held_until_ns < next_ns) {
			next_ns = process->held_until_ns;
		}
	}
	box->next_held_ns = next_ns;
}
