// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this kernel has to say about guests that trace each other.
 *
 * Side: kernel. The host stops and resumes guests and reads their registers
 * and memory; for it all of them are one user. Who may trace whom is decided
 * here, by the stock rules and the credentials inside.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/security.h>

#include "kbox-drivers.h"

/* PTRACE_TRACEME asks whether the parent has the rights (@by_it). */
static bool may_trace(struct task_struct *task, bool by_it)
{
	return by_it ? security_ptrace_traceme(task) == 0 :
		       ptrace_may_access(task, PTRACE_MODE_ATTACH_REALCREDS);
}

long kbox_call_may_trace(int nr, bool by_it)
{
	struct task_struct *task = find_get_task_by_vpid(nr);
	bool may;

	if (!task)
		return -ESRCH;
	may = kbox_is_guest(task) && may_trace(task, by_it);
	put_task_struct(task);
	return may ? 0 : -EPERM;
}

/*
 * While the stock code works out what an exec gives, it asks for the rights of
 * the tracer (ptracer_capable()). One that has ended had none.
 */
void kbox_tracer_note(int nr)
{
	struct task_struct *task = nr ? find_get_task_by_vpid(nr) : NULL;

	if (!nr)
		return;
	rcu_assign_pointer(current->ptracer_cred,
			   task ? get_task_cred(task) : get_current_cred());
	if (task)
		put_task_struct(task);
}

void kbox_tracer_forget(void)
{
	const struct cred *cred = rcu_dereference_raw(current->ptracer_cred);

	rcu_assign_pointer(current->ptracer_cred, NULL);
	if (cred)
		put_cred(cred);
}
