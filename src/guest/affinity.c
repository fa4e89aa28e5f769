/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On which processor guests run.
 *
 * Side: host. Invariants are in affinity.h.
 */
#include "affinity.h"

#include <sched.h>

#include "bind.h"

static bool bind_to(int tid, const cpu_set_t *cpus)
{
	return sched_setaffinity(tid, sizeof(*cpus), cpus) == 0;
}

void kbox_affinity_init(struct kbox_box *box)
{
	struct kbox_affinity *affinity = &box->affinity;

	affinity->tick_ns = UINT64_MAX;
	kbox_list_init(&affinity->near);
	kbox_list_init(&affinity->callers);
	affinity->possible =
		sched_getaffinity(0, sizeof(affinity->usual),
				  &affinity->usual) == 0 &&
		CPU_COUNT(&affinity->usual) > 1;
}

/* Bind the supervisor to where it runs just now. */
static bool settle_down(struct kbox_affinity *affinity)
{
	int cpu = sched_getcpu();

	if (affinity->home)
		return true;
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return false;
	CPU_ZERO(&affinity->home_cpus);
	CPU_SET(cpu, &affinity->home_cpus);
	if (!bind_to(0, &affinity->home_cpus))
		return false;
	affinity->home = ++affinity->homes;
	affinity->age = 0;
	return true;
}

static void move_out(struct kbox_affinity *affinity)
{
	if (affinity->home)
		bind_to(0, &affinity->usual);
	affinity->home = 0;
}

static bool is_near(const struct kbox_thread *thread)
{
	return !kbox_list_empty(&thread->near_link);
}

static void come_near(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_affinity *affinity = &box->affinity;

	if (is_near(thread) || affinity->resting ||
	    thread->process->own_affinity)
		return;
	if (settle_down(affinity) &&
	    bind_to(thread->tid, &affinity->home_cpus))
		kbox_list_add_tail(&affinity->near, &thread->near_link);
}

void kbox_affinity_leave(struct kbox_box *box, struct kbox_thread *thread)
{
	if (!is_near(thread))
		return;
	kbox_list_del(&thread->near_link);
	bind_to(thread->tid, &box->affinity.usual);
}

void kbox_affinity_own(struct kbox_box *box, struct kbox_process *process)
{
	struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &process->threads, sibling)
		kbox_affinity_leave(box, thread);
	process->own_affinity = true;
}

static bool runs(const struct kbox_thread *thread)
{
	return thread->state == KBOX_THREAD_IDLE && !thread->sleeps;
}

/* How many other callers of this period run just now; counted up to a limit. */
static unsigned int others_running(const struct kbox_affinity *affinity,
				   const struct kbox_thread *self)
{
	const struct kbox_thread *thread;
	unsigned int count = 0, looked = 0;

	KBOX_LIST_FOR_EACH(thread, &affinity->callers, caller_link) {
		if (thread != self && runs(thread))
			count++;
		if (++looked == KBOX_NEAR_LOOK_MAX)
			break;
	}
	return count;
}

void kbox_affinity_called(struct kbox_box *box, struct kbox_thread *thread)
{
	struct kbox_affinity *affinity = &box->affinity;
	unsigned int others;

	if (!affinity->possible)
		return;
	thread->sleeps = false;
	if (!thread->calls++)
		kbox_list_add_tail(&affinity->callers, &thread->caller_link);
	others = others_running(affinity, thread);
	affinity->calls++;
	affinity->others += others;
	if (affinity->tick_ns == UINT64_MAX)
		affinity->tick_ns = box->now_ns + KBOX_NEAR_PERIOD_NS;
	if (!others)
		come_near(box, thread);
}

void kbox_affinity_sleeps(struct kbox_thread *thread)
{
	thread->sleeps = true;
}

/*
 * A process begins where its parent is, since it will most likely execute a
 * program, which is a dozen calls. A thread is made to run beside its maker.
 */
void kbox_affinity_forking(struct kbox_box *box, struct kbox_thread *from,
			   bool process)
{
	if (!process)
		kbox_affinity_leave(box, from);
	from->expect_home = is_near(from) ? box->affinity.home : 0;
}

void kbox_affinity_forked(struct kbox_box *box, const struct kbox_thread *from,
			  struct kbox_thread *thread)
{
	struct kbox_affinity *affinity = &box->affinity;

	thread->process->own_affinity |= from->process->own_affinity;
	if (!from->expect_home)
		return;
	kbox_list_add_tail(&affinity->near, &thread->near_link);
	if (from->expect_home != affinity->home)
		kbox_affinity_leave(box, thread);
}

/*
 * To run near costs a thread the time of those that run there meanwhile; it
 * saves the wake-ups of each call. Both are counted over one period, of which
 * KBOX_NEAR_CALLS crossings are the whole.
 */
static bool pays(const struct kbox_affinity *affinity,
		 const struct kbox_thread *thread)
{
	return (uint64_t)thread->calls * affinity->calls >=
	       (uint64_t)KBOX_NEAR_CALLS * affinity->others;
}

static void choose(struct kbox_box *box)
{
	struct kbox_affinity *affinity = &box->affinity;
	struct kbox_thread *thread, *next;

	KBOX_LIST_FOR_EACH_SAFE(thread, next, &affinity->near, near_link)
		if (!thread->calls && thread->state == KBOX_THREAD_IDLE)
			kbox_affinity_leave(box, thread);
	while (!kbox_list_empty(&affinity->callers)) {
		thread = KBOX_LIST_FIRST(&affinity->callers,
					 struct kbox_thread, caller_link);
		if (pays(affinity, thread))
			come_near(box, thread);
		else
			kbox_affinity_leave(box, thread);
		thread->calls = 0;
		kbox_list_del(&thread->caller_link);
	}
	affinity->calls = 0;
	affinity->others = 0;
}

/*
 * Now and then all are unbound for a period: had the host something better to
 * do with this processor, it can move them.
 */
static void rest(struct kbox_box *box)
{
	struct kbox_affinity *affinity = &box->affinity;

	affinity->resting = affinity->home &&
			    ++affinity->age > KBOX_NEAR_PERIODS;
	if (!affinity->resting)
		return;
	while (!kbox_list_empty(&affinity->near))
		kbox_affinity_leave(box, KBOX_LIST_FIRST(&affinity->near,
							 struct kbox_thread,
							 near_link));
}

static bool somebody_runs_near(const struct kbox_affinity *affinity)
{
	const struct kbox_thread *thread;

	KBOX_LIST_FOR_EACH(thread, &affinity->near, near_link)
		if (thread->state == KBOX_THREAD_IDLE)
			return true;
	return false;
}

void kbox_affinity_check(struct kbox_box *box)
{
	struct kbox_affinity *affinity = &box->affinity;
	bool unseen = box->expected > 0;

	if (box->now_ns < affinity->tick_ns)
		return;
	/* A child that computes may be bound, and has no reason to call. */
	if (unseen && affinity->unseen)
		kbox_bind_all_children(box);
	affinity->unseen = unseen;
	affinity->resting = false;
	choose(box);
	rest(box);
	if (kbox_list_empty(&affinity->near))
		move_out(affinity);
	affinity->tick_ns = unseen || affinity->resting ||
					    somebody_runs_near(affinity) ?
				    box->now_ns + KBOX_NEAR_PERIOD_NS :
				    UINT64_MAX;
}

void kbox_affinity_done(struct kbox_box *box)
{
	move_out(&box->affinity);
}
