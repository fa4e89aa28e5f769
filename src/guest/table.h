/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The box's tables of processes and threads.
 *
 * Side: host.
 *
 * Invariant: freeing a process requires that it has no threads left in any
 * table; a thread whose task has not ended yet keeps its process alive.
 */
#ifndef KBOX_GUEST_TABLE_H
#define KBOX_GUEST_TABLE_H

#include "box.h"

/* The live thread or process with that number, or NULL. */
struct kbox_thread *kbox_thread_find(struct kbox_box *box, int tid);
struct kbox_process *kbox_process_find(struct kbox_box *box, int tgid);

/* Whoever has this task, ended threads included; or NULL. */
struct kbox_thread *kbox_thread_of_task(struct kbox_box *box,
					const struct kbox_task *task);

/* A new entry; NULL when memory or the box's limit is used up. */
struct kbox_process *kbox_process_new(struct kbox_box *box, int tgid,
				      int parent_tgid);
struct kbox_thread *kbox_thread_new(struct kbox_box *box,
				    struct kbox_process *process, int tid,
				    struct kbox_task *task);

/* The host thread is gone, its number free for another. */
void kbox_thread_retire(struct kbox_box *box, struct kbox_thread *thread);

/* Nobody waits any more for the @value of the call of @thread: give it back. */
void kbox_thread_drop_value(struct kbox_thread *thread, long value);

/* The host process is gone: as above, for it and all its threads. */
void kbox_process_retire(struct kbox_box *box, struct kbox_process *process);

/* The task has ended: drop @thread, and its process when that was the last. */
void kbox_thread_free(struct kbox_box *box, struct kbox_thread *thread);

/* Drop a retired process if no thread is left. */
void kbox_process_free_if_empty(struct kbox_box *box,
				struct kbox_process *process);

/* The thread goes on under the number of its process, after an exec. */
void kbox_thread_renumber(struct kbox_box *box, struct kbox_thread *thread,
			  int tid);

/* Whether a thread of @process may share its host table with another one. */
bool kbox_process_shares_files(struct kbox_box *box,
			       const struct kbox_process *process);

/* From now on host tables of @process differ or are shared: no slot is known. */
void kbox_process_forget_slots(struct kbox_process *process);

/* Forget that a child of @thread is expected. */
void kbox_thread_expect_none(struct kbox_box *box, struct kbox_thread *thread);

/* Forget the exec under way, if any. Does not touch the library kernel. */
void kbox_exec_clear(struct kbox_box *box, struct kbox_process *process);

#endif
