// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the library kernel's memory runs out.
 *
 * Side: kernel. On the way of allocations, by wrapped functions (--wrap of the
 * linker, see ../Makefile).
 *
 * The memory of programs is the host's. What guests can fill the library
 * kernel's with is the page cache, which shrinks, and what cannot be reclaimed:
 * files in memory, pipes, sockets, inodes. The stock kernel answers for the
 * latter by ending programs, whose memory then comes back; here little does, so
 * it must not come to that for what is easily filled.
 *
 * Invariants
 *  1. Files in memory (tmpfs, memfd_create) never hold more than a share of RAM,
 *     however many file systems there are: writes beyond it get ENOSPC.
 *  2. A task that needs memory where there is none sleeps between its tries. On
 *     the one processor nobody else could give any back, and the host's event
 *     loop would not run: neither could a guest be killed.
 *  3. When a process that was chosen to end cannot, since what it waits for
 *     waits for memory, another is chosen.
 */
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <asm/kbox.h>

#define RESERVE_SHARE	4			/* of all pages, one in so many */
#define RESERVE_LEAST	(8UL << 20 >> PAGE_SHIFT)
#define PATIENCE	(HZ / 4)		/* with a process that shall end */

/* Only files in memory commit any: guests have no mappings here. */
int __wrap___vm_enough_memory(struct mm_struct *mm, long pages,
			      int cap_sys_admin);
int __wrap___vm_enough_memory(struct mm_struct *mm, long pages,
			      int cap_sys_admin)
{
	long all = totalram_pages();
	long reserve = max_t(long, all / RESERVE_SHARE, RESERVE_LEAST);

	vm_acct_memory(pages);
	if (percpu_counter_read_positive(&vm_committed_as) <= all - reserve)
		return 0;
	vm_unacct_memory(pages);
	return -ENOMEM;
}

unsigned long __real_try_to_free_pages(struct zonelist *zonelist, int order,
				       gfp_t gfp_mask, nodemask_t *mask);
unsigned long __wrap_try_to_free_pages(struct zonelist *zonelist, int order,
				       gfp_t gfp_mask, nodemask_t *mask);
unsigned long __wrap_try_to_free_pages(struct zonelist *zonelist, int order,
				       gfp_t gfp_mask, nodemask_t *mask)
{
	unsigned long freed;

	/* A page that is noted there may be given to somebody else. */
	kbox_flush_user_writes();
	freed = __real_try_to_free_pages(zonelist, order, gfp_mask, mask);
	if (!freed && system_state == SYSTEM_RUNNING)
		schedule_timeout_uninterruptible(1);
	return freed;
}

/* The first process that was killed for want of memory and has not ended. */
static struct task_struct *find_victim(void)
{
	struct task_struct *p;

	for_each_process(p)
		if (tsk_is_oom_victim(p) &&
		    !test_bit(MMF_OOM_SKIP, &p->signal->oom_mm->flags))
			return p;
	return NULL;
}

/* What the stock kernel's reaper does, which needs an MMU. */
static int give_up_victim(struct notifier_block *block, unsigned long action,
			  void *freed)
{
	static pid_t awaited;
	static unsigned long since;
	struct task_struct *victim;

	rcu_read_lock();
	victim = find_victim();
	if (!victim) {
		awaited = 0;
	} else if (victim->pid != awaited) {
		awaited = victim->pid;
		since = jiffies;
	} else if (time_after(jiffies, since + PATIENCE)) {
		set_bit(MMF_OOM_SKIP, &victim->signal->oom_mm->flags);
	}
	rcu_read_unlock();
	return NOTIFY_OK;
}

static struct notifier_block out_of_memory_block = {
	.notifier_call = give_up_victim,
};

static int __init scarcity_init(void)
{
	return register_oom_notifier(&out_of_memory_block);
}
core_initcall(scarcity_init);
