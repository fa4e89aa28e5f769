/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one sandbox: its processes, its threads and what they wait for.
 *
 * Side: host. src/guest keeps it, src/dispatch and src/intercept act on it.
 *
 * Invariants
 *  1. Every guest thread that was served at least once has a struct
 *     kbox_thread with a kernel task of its own; it is in the box's tid table
 *     until the thread has ended, and in its task table until the task has.
 *  2. A thread has at most one notification under way, since its host thread
 *     sleeps in that call.
 *  3. A thread's children that were not seen yet are noted in it (expect); it
 *     is not served before they were found or are known not to exist, so they
 *     are cloned from the state that it had at its clone call.
 *  4. One process has at most one exec under way; all others wait for it.
 *  5. A thread is in exactly one of: nowhere, box->blocked, process->held,
 *     box->exec_waiters, box->again (by its link).
 */
#ifndef KBOX_GUEST_BOX_H
#define KBOX_GUEST_BOX_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../abi/lkernel.h"
#include "../base/limits.h"
#include "../base/list.h"
#include "loader-file.h"
#include "memory.h"

struct kbox_box;
struct kbox_end;
struct kbox_loop;
struct kbox_observer;
struct kbox_opened;
struct kbox_process;
struct kbox_seen;
struct kbox_thread;

/* What becomes of a notification after a handler. */
enum kbox_verdict {
	KBOX_REPLY,	/* call->value is the result */
	KBOX_CONTINUE,	/* the host does the call */
	KBOX_PENDING,	/* the library kernel, or an event, goes on with it */
	KBOX_HOLD,	/* serve it again once its process is released */
	KBOX_GONE,	/* no answer: the thread is ending */
};

/* A notification: a guest's call, whose registers cannot change any more. */
struct kbox_call {
	uint64_t id;		/* the listener's cookie */
	long nr;
	unsigned long args[6];
	unsigned long ip;
	long value;		/* the result, once there is one */
};

/*
 * Goes on with a call whose part in the library kernel gave @value. Absent:
 * the value is the result.
 */
typedef enum kbox_verdict kbox_then(struct kbox_box *box,
				    struct kbox_thread *thread,
				    struct kbox_call *call, long value);

enum kbox_thread_state {
	KBOX_THREAD_IDLE,	/* in the guest's own code, or in a host call */
	KBOX_THREAD_IN_CALL,	/* being served just now */
	KBOX_THREAD_BLOCKED,	/* its call is pending in the library kernel */
	KBOX_THREAD_WAITING,	/* its call waits for the supervisor */
	KBOX_THREAD_HELD,	/* its call is to be served later */
	KBOX_THREAD_ENDED,	/* the host thread is gone; the task soon is */
};

enum kbox_expect {
	KBOX_EXPECT_NONE,
	KBOX_EXPECT_THREAD,	/* of the same process */
	KBOX_EXPECT_PROCESS,
};

/* The call that the end of a handler goes back to; see owed.h. */
struct kbox_return {
	bool valid;
	bool fresh;		/* its thread has made no call since */
	bool interrupts;	/* the handler asked for that */
	long nr;
	unsigned long ip;	/* behind the instruction */
	unsigned long sp;
};

/* What becomes of a call that has to wait. */
enum kbox_owed {
	KBOX_OWED_NOTHING,
	KBOX_OWED_UNLESS_RESTARTED,	/* EINTR if no handler restarts it */
	KBOX_OWED_EINTR,
};

#define KBOX_SIGNALS 64

struct kbox_thread {
	int tid;
	struct kbox_task *task;			/* owned */
	struct kbox_process *process;
	enum kbox_thread_state state;
	struct kbox_call call;			/* valid unless IDLE or ENDED */
	kbox_then *then;

	enum kbox_expect expect;
	unsigned long expect_flags;		/* of the clone call */
	bool expect_clone3;			/* flags lay in memory */
	bool clone_over;			/* the call is known to have returned */
	unsigned long expect_home;		/* where the child is bound */
	int expect_pidfd;			/* reserved for CLONE_PIDFD; -1 */
	kbox_guest_addr expect_pidfd_at;	/* where its number goes */
	kbox_guest_addr expect_hidden_at;	/* flags changed there; 0: none */
	uint64_t expect_hidden;			/* what they were */

	unsigned long map_has;			/* shadow that its mmap has */

	bool exiting;				/* its end was asked for */
	bool task_ended;			/* no event of its end will come */
	bool waited;				/* held long enough */
	/* Path of the exec that launch has prepared; NULL once it was called. */
	const char *first_exec;			/* not owned */
	bool mapping;				/* an mmap of a file was its last call */
	bool slots_lost;			/* its host table was emptied */
	bool value_is_fd;			/* what its call gives, a host fd */
	bool sleeps;				/* in a call of the host */
	unsigned int calls;			/* in this period, see affinity.h */

	struct kbox_seen *seen;			/* src/observe's, or NULL */
	struct kbox_return last_return;
	enum kbox_owed owed;			/* to its call */
	unsigned long lost;			/* of its listener, when last looked at */
	/* Who may have had it marked for a stop of ptrace, by which of its calls. */
	int stop_asker;
	uint64_t stop_asked;
	bool stop_due;				/* its call was given up for it */
	bool has_wait_mask;			/* of ppoll and the like */
	uint64_t wait_mask;
	unsigned int check_step;		/* of the back-off list */
	unsigned int check_maybe;		/* checks that were undecided */
	uint64_t check_ns;			/* when to look for signals */

	struct kbox_list link;			/* see invariant 5 */
	struct kbox_list sibling;		/* in process->threads */
	struct kbox_list near_link;		/* in box->affinity.near */
	struct kbox_list caller_link;		/* in box->affinity.callers */
	struct kbox_thread *next_by_tid;
	struct kbox_thread *next_by_task;
};

/* A set of small descriptor numbers. */
struct kbox_slots {
	uint64_t words[KBOX_SLOTS_KNOWN / 64];
};

static inline bool kbox_slots_has(const struct kbox_slots *slots, long slot)
{
	return slot >= 0 && slot < KBOX_SLOTS_KNOWN &&
	       (slots->words[slot / 64] >> slot % 64 & 1);
}

static inline void kbox_slots_set(struct kbox_slots *slots, long slot,
				  bool value)
{
	uint64_t bit = 1ULL << slot % 64;

	if (slot < 0 || slot >= KBOX_SLOTS_KNOWN)
		return;
	slots->words[slot / 64] &= ~bit;
	if (value)
		slots->words[slot / 64] |= bit;
}

/* struct sigaction of the x86-64 kernel. */
struct kbox_sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

enum kbox_exec_stage {
	KBOX_EXEC_NONE,
	KBOX_EXEC_CHECKING,	/* in the library kernel */
	KBOX_EXEC_QUEUED,	/* ready, another exec is opening the loader */
	KBOX_EXEC_RUNNING,	/* the host is at it */
	KBOX_EXEC_LOADING,	/* the loader has its plan */
};

/* An argument or variable that shares memory with the path of its exec. */
struct kbox_exec_overlap {
	bool env;
	unsigned int index;
	kbox_guest_addr addr;	/* in the old address space */
};

/*
 * Where the calls of a process and of all that descend from it are notified:
 * one for the first guest, and one for each program that joined the box.
 */
struct kbox_listener {
	int fd;			/* owned; -1 when nobody is left under it */
	unsigned int processes;	/* that use it; with the last one it is freed */
	uint64_t next_id;	/* which the next notification should have */
	unsigned long lost;	/* how often that was not so: signals took some */
};

/* A program that joined the box: a child of the supervisor like the first. */
struct kbox_root {
	int pid;
	/* Called once it has ended, with its status as of wait(2). */
	void (*ended)(struct kbox_root *root, int wait_status);
	struct kbox_list link;	/* in box->roots */
};

struct kbox_exec {
	enum kbox_exec_stage stage;
	struct kbox_thread *thread;
	int mem_fd;		/* owned: the old address space, or -1 */
	kbox_guest_addr path;
	size_t path_len;
	char *saved;		/* owned: the path; NULL: nothing was written */
	bool absolute;		/* what was written */
	bool written;		/* and not put back yet */
	unsigned int overlap_count;
	struct kbox_exec_overlap overlaps[KBOX_EXEC_OVERLAPS_MAX];
	unsigned int prefix_count;	/* as in struct kbox_exec_plan */
	unsigned long prefix_bytes;
	struct kbox_list link;	/* in box->exec_queue */
};

struct kbox_process {
	int tgid;
	int parent_tgid;	/* whose clone call made it; 0 for the first */
	int pidfd;		/* owned; -1 when descriptors are scarce */
	struct kbox_listener *listener;	/* shared; NULL before its filter */
	struct kbox_end *end;	/* owned by src/intercept/ends.c */
	unsigned long vm_id;	/* equal for processes that share memory */
	unsigned long files_id;	/* equal if they may share a host table */
	int lifeline_pair;	/* of slots; see lifeline.h */
	bool has_lifeline;
	struct kbox_slots slots;	/* of its host table, in use */
	/* Numbers of the shadows in the first slots; 0: unknown. See fd.h. */
	unsigned long shadows[KBOX_SHADOW_SLOTS];
	struct kbox_slots pidfd_slots;	/* with pidfds, see clone-pidfd.h */
	bool has_pidfd_slots;		/* had some since its last exec */
	bool has_shared_fds;	/* its table is, or its threads' differ */
	struct kbox_slots closing;	/* which the host may not have done yet */
	bool has_closing;
	bool unborn;		/* made by launch, its program does not run yet */
	bool exiting;		/* exit_group was served */
	bool ended;		/* the host process is gone */
	bool punished;		/* killed for breaking the rules */
	bool traces_by_attach;	/* it is a tracer, and not by PTRACE_SEIZE alone */
	int trace_asker;	/* thread that was allowed to attach to it last */
	uint64_t trace_asked;	/* by this call; 0: none was */
	uint64_t interrupting;	/* signals whose handlers give EINTR */
	/* Of those: what the program asked for, see src/dispatch/sigaction.c. */
	struct kbox_sigaction handlers[KBOX_SIGNALS];
	bool own_affinity;	/* it, or who made it, has asked for one */
	bool has_timers;	/* a signal may come from its own timers */
	uint64_t held_until_ns;	/* when unseen children are looked for */
	struct kbox_exec exec;
	struct kbox_list threads;
	struct kbox_list held;
	struct kbox_list link;	/* in box->processes */
	struct kbox_process *next_by_tgid;
};

/* Where threads run; see affinity.h. */
struct kbox_affinity {
	bool possible;		/* there is a choice */
	bool resting;		/* for this period nobody is bound */
	bool unseen;		/* children were expected a period ago */
	cpu_set_t usual;	/* the processors that the box may use */
	cpu_set_t home_cpus;	/* the one of the supervisor */
	unsigned long home;	/* number of its home; 0: it is not bound */
	unsigned long homes;	/* that it has had */
	unsigned int age;	/* of the home, in periods */
	unsigned int calls;	/* of this period */
	unsigned int others;	/* that ran at these moments, added up */
	uint64_t tick_ns;	/* end of the period; UINT64_MAX: no need */
	struct kbox_list near;		/* threads that are bound */
	struct kbox_list callers;	/* threads that have called */
};

struct kbox_counters {
	unsigned long long calls;	/* notifications */
	unsigned long long kernel;	/* forwarded as they were */
	unsigned long long split;	/* served by a handler */
	unsigned long long unknown;	/* numbers that nobody has */
	unsigned long long continued;	/* handed to the host */
	unsigned long long blocked;	/* did not finish at once */
	unsigned long long interrupted;	/* given up for a signal */
	unsigned long long forks;
	unsigned long long threads;
	unsigned long long execs;
	/* By number; the last entry is for all that are larger. */
	unsigned int by_nr[KBOX_COUNTED_NRS + 1];
	unsigned int enosys_by_nr[KBOX_COUNTED_NRS + 1];
};

struct kbox_box {
	struct kbox_loop *loop;			/* not owned */
	const struct kbox_loader_file *loader;	/* not owned */
	struct kbox_task *supervisor;		/* not owned */
	int supervisor_pid;
	int own_filters;			/* that it runs under itself */
	int loader_dir_fd;			/* owned: its folder, readable */
	int open_watch_fd;			/* inotify of the loader, or -1 */
	int death_pipe[2];			/* owned */
	int never_ready_fd;			/* owned: an empty epoll */
	int lifeline_fd;			/* the highest slot for them */
	int lifeline_pairs;			/* of slots, downwards */
	int outer_group;			/* the supervisor's group */
	unsigned int pidfds_max;
	unsigned int pidfds;

	struct kbox_thread *by_tid[KBOX_GUEST_BUCKETS];
	struct kbox_thread *by_task[KBOX_GUEST_BUCKETS];
	struct kbox_process *by_tgid[KBOX_GUEST_BUCKETS];
	struct kbox_list processes;
	unsigned int thread_count;		/* tasks, ended ones included */
	unsigned int expected;			/* children not seen yet */
	unsigned int unwatched;			/* processes without pidfd */
	unsigned long next_vm_id;
	unsigned long next_files_id;

	uint64_t now_ns;			/* CLOCK_MONOTONIC, this round */
	uint64_t next_check_ns;			/* lower bound over blocked */
	uint64_t next_held_ns;			/* lower bound over held */
	uint64_t next_liveness_ns;
	struct kbox_list blocked;
	struct kbox_list again;
	struct kbox_task **clone_cell;		/* owned: where a clone's task goes */
	struct kbox_event *deferred;		/* owned; see sync-call.h */
	unsigned int deferred_count;
	unsigned int deferred_room;
	/* Called for each new process; src/intercept watches for its end. */
	void (*process_added)(struct kbox_box *box,
			      struct kbox_process *process);
	/* Called, if not NULL, before there is a second process; once. */
	void (*forking)(void *arg);
	void *forking_arg;
	struct kbox_list segments;		/* struct kbox_segment, owned */
	/* Makes open_watch_fd for the first exec; src/intercept's. 0, -errno */
	int (*watch_loader)(struct kbox_box *box);
	struct kbox_opened *opened;
	struct kbox_list exec_queue;		/* struct kbox_exec */
	struct kbox_list exec_waiters;		/* threads, see hold.h */
	struct kbox_process *exec_opening;	/* its exec reads the path */
	uint64_t exec_look_ns;			/* when to look after that one */
	long exec_ticks;			/* it had run for then, or -1 */

	struct kbox_list watched;		/* src/intercept's, owned by it */
	struct kbox_list roots;			/* struct kbox_root, not owned */
	int first_pid;				/* 0 before it is known */
	bool first_ended;
	int first_status;			/* as wait(2) gives it */
	bool stopping;
	uint64_t stop_ns;			/* when to stop asking nicely */
	bool ending;				/* without asking */
	bool broken;				/* the listener failed */
	unsigned int punished;			/* processes killed by us */

	struct kbox_affinity affinity;
	struct kbox_counters counters;
	struct kbox_observer *observer;		/* not owned; NULL: nobody watches */
	/* Called, if not NULL, before a thread's entry is freed. */
	void (*thread_gone)(struct kbox_box *box, struct kbox_thread *thread);
};

/*
 * Make @box empty. @loop, @loader and @supervisor must outlive it. 0 or
 * -errno.
 */
int kbox_box_init(struct kbox_box *box, struct kbox_loop *loop,
		  const struct kbox_loader_file *loader,
		  struct kbox_task *supervisor);

/* Free what the box holds. Guests must have ended. */
void kbox_box_done(struct kbox_box *box);

/*
 * The host process @pid, a child of the supervisor that waits to execute the
 * loader, is a guest; @task, numbered @pid, has its exec of @program parked in
 * the library kernel. Takes @task; @program must last until that exec. The first
 * one to be added is the first guest. 0 or -errno.
 */
int kbox_box_add(struct kbox_box *box, int pid, struct kbox_task *task,
		 const char *program);

/* Whoever has the number @pid among those that joined, or NULL. */
struct kbox_root *kbox_root_find(const struct kbox_box *box, int pid);

/* One more process uses @listener; one fewer. */
struct kbox_listener *kbox_listener_get(struct kbox_listener *listener);
void kbox_listener_put(struct kbox_listener *listener);

const struct kbox_counters *kbox_box_counters(const struct kbox_box *box);

/* Reads the clock into box->now_ns. */
void kbox_box_update_clock(struct kbox_box *box);

#endif
