/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The box's tables of processes and threads.
 *
 * Side: host. Invariants are in box.h and table.h.
 */
#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "clone-namespaces.h"

static unsigned int bucket_of_number(int number)
{
	return (unsigned int)number % KBOX_GUEST_BUCKETS;
}

static unsigned int bucket_of_task(const struct kbox_task *task)
{
	return ((uintptr_t)task >> 4) % KBOX_GUEST_BUCKETS;
}

struct kbox_thread *kbox_thread_find(struct kbox_box *box, int tid)
{
	struct kbox_thread *thread = box->by_tid[bucket_of_number(tid)];

	while (thread && thread->tid != tid)
		thread = thread->next_by_tid;
	return thread;
}

struct kbox_process *kbox_process_find(struct kbox_box *box, int tgid)
{
	struct kbox_process *process = box->by_tgid[bucket_of_number(tgid)];

	while (process && process->tgid != tgid)
		process = process->next_by_tgid;
	return process;
}

struct kbox_thread *kbox_thread_of_task(struct kbox_box *box,
					const struct kbox_task *task)
{
	struct kbox_thread *thread = box->by_task[bucket_of_task(task)];

	while (thread && thread->task != task)
		thread = thread->next_by_task;
	return thread;
}

struct kbox_process *kbox_process_new(struct kbox_box *box, int tgid,
				      int parent_tgid)
{
	struct kbox_process **bucket = &box->by_tgid[bucket_of_number(tgid)];
	struct kbox_process *process;

	KBOX_CHECK(!kbox_process_find(box, tgid));
	process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	process->tgid = tgid;
	process->parent_tgid = parent_tgid;
	process->pidfd = -1;
	process->exec.mem_fd = -1;
	process->vm_id = ++box->next_vm_id;
	process->files_id = ++box->next_files_id;
	kbox_list_init(&process->threads);
	kbox_list_init(&process->held);
	kbox_list_init(&process->exec.link);
	kbox_list_add_tail(&box->processes, &process->link);
	process->next_by_tgid = *bucket;
	*bucket = process;
	return process;
}

static void link_tid(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_thread **bucket =
		&box->by_tid[bucket_of_number(thread->tid)];

	thread->next_by_tid = *bucket;
	*bucket = thread;
}

static void unlink_tid(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_thread **at = &box->by_tid[bucket_of_number(thread->tid)];

	while (*at && *at != thread)
		at = &(*at)->next_by_tid;
	if (*at)
		*at = thread->next_by_tid;
}

struct kbox_thread *kbox_thread_new(struct kbox_box *box,
				    struct kbox_process *process, int tid,
				    struct kbox_task *task)
{
	struct kbox_thread **bucket = &box->by_task[bucket_of_task(task)];
	struct kbox_thread *thread;

	KBOX_CHECK(!kbox_thread_find(box, tid));
	KBOX_CHECK(!kbox_thread_of_task(box, task));
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->tid = tid;
	thread->task = task;
	thread->process = process;
	thread->expect_pidfd = -1;
	kbox_list_init(&thread->link);
	kbox_list_init(&thread->near_link);
	kbox_list_init(&thread->caller_link);
	kbox_list_add_tail(&process->threads, &thread->sibling);
	link_tid(box, thread);
	thread->next_by_task = *bucket;
	*bucket = thread;
	box->thread_count++;
	return thread;
}

bool kbox_process_shares_files(struct kbox_box *box,
			       const struct kbox_process *process)
{
	const struct kbox_process *other;

	if (process->threads.next != process->threads.prev)
		return true;
	KBOX_LIST_FOR_EACH(other, &box->processes, link)
		if (other != process && other->files_id == process->files_id)
			return true;
	return false;
}

void kbox_process_forget_slots(struct kbox_process *process)
{
	process->has_shared_fds = true;
	memset(process->shadows, 0, sizeof(process->shadows));
}

void kbox_thread_expect_none(struct kbox_box *box, struct kbox_thread *thread)
{
	if (thread->expect == KBOX_EXPECT_NONE)
		return;
	thread->expect = KBOX_EXPECT_NONE;
	thread->expect_pidfd = -1;
	kbox_clone_namespaces_restore(thread, thread->tid);
	thread->expect_hidden_at = 0;
	KBOX_CHECK(box->expected > 0);
	box->expected--;
}

void kbox_exec_clear(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_exec *exec = &process->exec;

	kbox_list_del(&exec->link);
	if (box->exec_opening == process)
		box->exec_opening = NULL;
	exec->mem_fd = kbox_close(exec->mem_fd);
	free(exec->saved);
	exec->saved = NULL;
	exec->thread = NULL;
	exec->written = false;
	exec->overlap_count = 0;
	exec->stage = KBOX_EXEC_NONE;
}

void kbox_thread_retire(struct kbox_box *box, struct kbox_thread *thread)
{
	if (thread->state == KBOX_THREAD_ENDED)
		return;
	kbox_thread_expect_none(box, thread);
	kbox_list_del(&thread->link);
	kbox_list_del(&thread->near_link);
	kbox_list_del(&thread->caller_link);
	unlink_tid(box, thread);
	thread->state = KBOX_THREAD_ENDED;
	thread->then = NULL;
	if (thread->process->exec.thread == thread)
		kbox_exec_clear(box, thread->process);
}

void kbox_thread_drop_value(struct kbox_thread *thread, long value)
{
	if (thread->value_is_fd && value >= 0 && value != KBOX_SHADOW_HAVE)
		kbox_close((int)value);
	thread->value_is_fd = false;
}

void kbox_process_retire(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_process **at =
		&box->by_tgid[bucket_of_number(process->tgid)];
	struct kbox_thread *thread;

	if (process->ended)
		return;
	process->ended = true;
	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		kbox_thread_retire(box, thread);
	kbox_exec_clear(box, process);
	while (*at && *at != process)
		at = &(*at)->next_by_tgid;
	if (*at)
		*at = process->next_by_tgid;
	kbox_list_del(&process->link);
}

void kbox_process_free_if_empty(struct kbox_box *box,
				struct kbox_process *process)
{
	if (!process->ended || !kbox_list_empty(&process->threads))
		return;
	KBOX_CHECK(!process->end && process->pidfd < 0);
	KBOX_CHECK(box->exec_opening != process);
	kbox_listener_put(process->listener);
	free(process);
}

void kbox_thread_free(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_thread **at = &box->by_task[bucket_of_task(thread->task)];
	struct kbox_process *process = thread->process;

	if (box->thread_gone)
		box->thread_gone(box, thread);
	kbox_thread_retire(box, thread);
	while (*at && *at != thread)
		at = &(*at)->next_by_task;
	if (*at)
		*at = thread->next_by_task;
	kbox_list_del(&thread->sibling);
	kbox_lk_task_put(thread->task);
	box->thread_count--;
	free(thread);
	kbox_process_free_if_empty(box, process);
}

void kbox_thread_renumber(struct kbox_box *box, struct kbox_thread *thread,
			  int tid)
{
	KBOX_CHECK(!kbox_thread_find(box, tid));
	unlink_tid(box, thread);
	thread->tid = tid;
	link_tid(box, thread);
}
