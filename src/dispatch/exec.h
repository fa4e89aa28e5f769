/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execve and execveat, and the loader's two calls.
 *
 * Side: host.
 *
 * Theory of operation. The library kernel does everything that can fail, then
 * parks (KBOX_EVENT_EXEC). Registers of the guest's call cannot be changed, but
 * memory can: the path becomes one of the loader, which the host finds in the
 * guest's host working directory (exec-path.h). So the host executes the loader with the
 * guest's own arguments, and the loader asks for the plan.
 *
 *	NONE -> CHECKING -> QUEUED -> RUNNING -> LOADING -> NONE
 *	        refused: NONE         failed: NONE
 *
 * The path is put back when the host has opened the loader,
 * since after vfork, or on failure, the memory lives on. An inotify watch tells
 * that it was opened, but not by whom: so one exec at a time is between its
 * start and its opening (box->exec_opening), the others queue. When the host
 * refuses without opening it, the thread's next call tells, or exec-overdue.c.
 *
 * Invariants
 *  1. Before a new image is served, it is known to be the loader: its
 *     /proc/TID/exe is, and it has lost the descriptors that are closed at an
 *     exec. A guest whose other thread changes the path meanwhile is killed.
 *  2. The loader's calls are answered only to a process in that stage.
 *  3. Slot KBOX_LOADER_MAIN_FD of the host table of a thread that calls execve
 *     is in use, and close-on-exec: it is filled with each plan, copied with the
 *     table, and filled again after the one call that can empty it
 *     (close_range, see files.c). So when it is empty, the host has done the
 *     exec, which makes the table the process's own and closes what is to be
 *     closed in it. Nobody who shares the table before can empty it.
 */
#ifndef KBOX_DISPATCH_EXEC_H
#define KBOX_DISPATCH_EXEC_H

#include "dispatch.h"

kbox_handler kbox_exec_plan;
kbox_handler kbox_exec_layout;

/* The exec of @thread has passed all checks: it is in the queue. */
void kbox_exec_ready(struct kbox_box *box, struct kbox_thread *thread);

/* The thread whose exec may start now, taken from the queue; or NULL. */
struct kbox_thread *kbox_exec_next(struct kbox_box *box);

/* Start it: the verdict for its execve. */
enum kbox_verdict kbox_exec_start(struct kbox_box *box,
				  struct kbox_thread *thread);

/* The loader was opened. */
void kbox_exec_opened(struct kbox_box *box);

/*
 * Give up waiting for an opening that will not come, when it is time to look.
 * Reads /proc.
 */
void kbox_exec_check(struct kbox_box *box);

enum kbox_exec_news {
	KBOX_EXEC_STILL,	/* nothing new */
	KBOX_EXEC_ARRIVED,	/* the loader runs */
	KBOX_EXEC_FAILED,	/* the host refused; the old program runs */
	KBOX_EXEC_FOREIGN,	/* something else runs */
};

/*
 * What the notification of call @nr from thread @tid says about the exec that
 * the host does for @process.
 */
enum kbox_exec_news kbox_exec_look(struct kbox_box *box,
				   struct kbox_process *process, int tid,
				   long nr);

/* The loader of @process runs: its thread now has the process's number. */
void kbox_exec_take_over(struct kbox_box *box, struct kbox_process *process);

/* The host refused: undo, then serve the call of @thread again. */
enum kbox_verdict kbox_exec_undo(struct kbox_box *box,
				 struct kbox_thread *thread);

/* The first guest's first call, which launch has prepared. */
enum kbox_verdict kbox_exec_first(struct kbox_box *box,
				  struct kbox_thread *thread);

#endif
