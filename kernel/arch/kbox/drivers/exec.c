// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2), the library kernel's part.
 *
 * Side: kernel; the functions of abi/lkernel.h at the end are called from the
 * host's stack, between tasks.
 *
 * Theory of operation: the stock kernel executes the program (path walk,
 * permissions, #! and binfmt_misc), with one empty string as the argument list
 * and no environment, since the real ones stay in the guest's memory. Our
 * format takes every x86-64 program, fetches the shadows of the program and
 * its interpreter, and parks the task just before the point of no return. The
 * supervisor then lets the host execute the loader. When that has come up, the
 * exec is committed: other threads, close-on-exec, credentials, exe_file, comm
 * change in one go. When the host refuses, it is aborted, with nothing changed.
 *
 *	kbox_call_exec -> sys_execveat -> load_program -> PARKED
 *	    kbox_lk_exec_commit: begin_new_exec ... -> 0
 *	    kbox_lk_exec_abort, or death of the task: all is undone -> -errno
 *
 * Invariants
 *  1. Everything that can fail for a reason of the guest's fails before
 *     parking; a failure after the commit kills the process, whose memory is
 *     gone by then.
 *  2. struct kbox_exec belongs to the task (thread.exec) from parking until
 *     the task's next exec or its end. Shadows in it are closed with it, unless
 *     kbox_lk_exec_plan() gave them away.
 *  3. thread.local_mem is set while the stock code reads our own argument
 *     list, and clear for good once the exec is committed.
 *
 * Not done: binfmt_misc's flags P (keep argv[0]), O and C, which need an
 * argument list or a descriptor that the plan cannot express: -ENOEXEC.
 */
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "kbox-drivers.h"

struct kbox_exec {
	wait_queue_head_t wait;
	enum {
		EXEC_PARKED,
		EXEC_COMMITTED,
		EXEC_ABORTED,
	} state;
	int error;		/* of an aborted one */
	int main_shadow;	/* host descriptors, -1 when not ours any more */
	int interp_shadow;
	struct path interp;	/* until the commit, if there is one */
	unsigned int uid, euid, gid, egid;
	int secure;
	unsigned int prefix_count;
	unsigned int strings_len;
	char strings[];		/* as in struct kbox_exec_plan */
};

static void exec_free(struct kbox_exec *exec)
{
	if (!exec)
		return;
	if (exec->main_shadow >= 0)
		kbox_host->shadow_put(exec->main_shadow);
	if (exec->interp_shadow >= 0)
		kbox_host->shadow_put(exec->interp_shadow);
	path_put(&exec->interp);
	kfree(exec);
}

/* Forget the last exec of @task; for its next one, and for exit_thread(). */
void kbox_exec_release(struct task_struct *task)
{
	exec_free(task->thread.exec);
	task->thread.exec = NULL;
}

/* @len bytes at @pos of the argument pages. */
static int copy_arguments(const struct linux_binprm *bprm, char *dst,
			  unsigned long pos, unsigned long len)
{
	while (len) {
		struct page *page = bprm->page[pos / PAGE_SIZE];
		unsigned long n = min(len, PAGE_SIZE - offset_in_page(pos));

		if (!page)
			return -EFAULT;
		memcpy_from_page(dst, page, offset_in_page(pos), n);
		dst += n;
		pos += n;
		len -= n;
	}
	return 0;
}

/*
 * The strings of the plan. What the stock code left as the argument list, from
 * bprm->p up to the file name at bprm->exec, is our single empty string, or
 * what scripts put in its place.
 */
static struct kbox_exec *exec_new(const struct linux_binprm *bprm)
{
	unsigned long name_len = strlen(bprm->filename) + 1;
	unsigned long prefix_len = bprm->exec - bprm->p;
	struct kbox_exec *exec;
	int err;

	if (bprm->argc <= 1)
		prefix_len = 0;
	if (name_len + prefix_len > KBOX_EXEC_STRINGS_MAX)
		return ERR_PTR(-E2BIG);
	exec = kzalloc(struct_size(exec, strings, name_len + prefix_len),
		       GFP_KERNEL);
	if (!exec)
		return ERR_PTR(-ENOMEM);
	init_waitqueue_head(&exec->wait);
	exec->main_shadow = -1;
	exec->interp_shadow = -1;
	exec->prefix_count = prefix_len ? bprm->argc : 0;
	exec->strings_len = name_len + prefix_len;
	memcpy(exec->strings, bprm->filename, name_len);
	err = copy_arguments(bprm, exec->strings + name_len, bprm->p,
			     prefix_len);
	/* No path is empty: this is our own argv[0], which P kept. */
	if (!err && prefix_len && !exec->strings[exec->strings_len - 2])
		err = -ENOEXEC;
	if (err) {
		kfree(exec);
		return ERR_PTR(err);
	}
	return exec;
}

static void exec_set_identity(struct kbox_exec *exec, const struct cred *cred,
			      bool secure)
{
	exec->uid = from_kuid_munged(cred->user_ns, cred->uid);
	exec->euid = from_kuid_munged(cred->user_ns, cred->euid);
	exec->gid = from_kgid_munged(cred->user_ns, cred->gid);
	exec->egid = from_kgid_munged(cred->user_ns, cred->egid);
	exec->secure = secure;
}

/* As bprm_fill_uid() of fs/exec.c, which is private there. */
static void apply_set_id(struct linux_binprm *bprm, struct cred *cred)
{
	struct file *file = bprm->file;
	struct mnt_idmap *idmap = file_mnt_idmap(file);
	struct inode *inode = file_inode(file);
	umode_t mode = inode->i_mode;
	vfsuid_t uid = i_uid_into_vfsuid(idmap, inode);
	vfsgid_t gid = i_gid_into_vfsgid(idmap, inode);

	if (!mnt_may_suid(file->f_path.mnt) || task_no_new_privs(current) ||
	    inode_permission(idmap, inode, MAY_EXEC) ||
	    !vfsuid_has_mapping(cred->user_ns, uid) ||
	    !vfsgid_has_mapping(cred->user_ns, gid))
		return;
	if (mode & S_ISUID)
		cred->euid = vfsuid_into_kuid(uid);
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		cred->egid = vfsgid_into_kgid(gid);
}

/*
 * The credentials that the commit will give, worked out on a copy: for the
 * plan, and so that a program whose capabilities cannot be granted fails now.
 */
static int exec_foresee_identity(struct linux_binprm *bprm,
				 struct kbox_exec *exec)
{
	unsigned int secureexec = bprm->secureexec;
	unsigned int per_clear = bprm->per_clear;
	struct cred *real = bprm->cred;
	struct cred *cred = prepare_exec_creds();
	int err;

	if (!cred)
		return -ENOMEM;
	bprm->cred = cred;
	apply_set_id(bprm, cred);
	err = security_bprm_creds_from_file(bprm, bprm->file);
	if (!err)
		exec_set_identity(exec, cred, bprm->secureexec);
	bprm->cred = real;
	bprm->per_clear = per_clear;
	bprm->secureexec = secureexec;
	abort_creds(cred);
	return err;
}

static int exec_take_shadow(struct file *file, int *ret_shadow)
{
	int fd = kbox_file_shadow(file);

	if (fd == -ENODEV)
		return -ENOEXEC;
	if (fd < 0)
		return fd;
	*ret_shadow = fd;
	return 0;
}

/* Everything that the plan needs. Closes @interp. */
static struct kbox_exec *exec_prepare(struct linux_binprm *bprm,
				      struct file *interp)
{
	struct kbox_exec *exec = exec_new(bprm);
	int err = PTR_ERR_OR_ZERO(exec);

	if (!err)
		err = exec_foresee_identity(bprm, exec);
	if (!err)
		err = exec_take_shadow(bprm->file, &exec->main_shadow);
	if (!err && interp)
		err = exec_take_shadow(interp, &exec->interp_shadow);
	if (!err && interp) {
		exec->interp = interp->f_path;
		path_get(&exec->interp);
	}
	if (interp) {
		exe_file_allow_write_access(interp);
		fput(interp);
	}
	if (!err)
		return exec;
	if (!IS_ERR(exec))
		exec_free(exec);
	return ERR_PTR(err);
}

/* Wait for the supervisor's word. 0 is commit. */
static int exec_park(struct kbox_exec *exec)
{
	int err;

	current->thread.exec = exec;
	kbox_post_event(KBOX_EVENT_EXEC, current->thread.handle, 0);
	err = wait_event_killable(exec->wait, exec->state != EXEC_PARKED);
	if (!err && exec->state == EXEC_ABORTED)
		err = exec->error;
	if (err)
		kbox_exec_release(current);
	return err;
}

static struct linux_binfmt exec_format;

/* The host runs the new program already: there is no way back. */
static int exec_commit(struct linux_binprm *bprm, struct kbox_exec *exec)
{
	int err;

	/* The old memory is gone; what points there is the host's business. */
	current->thread.local_mem = 0;
	current->clear_child_tid = NULL;
	current->robust_list = NULL;

	err = begin_new_exec(bprm);
	if (err) {
		force_fatal_sig(SIGKILL);
		return err;
	}
	setup_new_exec(bprm);
	set_binfmt(&exec_format);
	finalize_exec(bprm);
	exec_set_identity(exec, current_cred(), bprm->secureexec);
	kbox_mapped_note(&bprm->file->f_path);
	if (exec->interp.dentry)
		kbox_mapped_note(&exec->interp);
	path_put(&exec->interp);
	exec->interp = (struct path) { };
	return 0;
}

static int load_program(struct linux_binprm *bprm)
{
	struct file *interp = NULL;
	struct kbox_exec *exec;
	int err;

	/* Kernel threads have no host process to execute anything in. */
	if (!current->thread.handle || bprm->have_execfd)
		return -ENOEXEC;
	err = kbox_elf_check(bprm, &interp);
	if (err)
		return err;
	exec = exec_prepare(bprm, interp);
	if (IS_ERR(exec))
		return PTR_ERR(exec);
	err = exec_park(exec);
	if (err)
		return err;
	return exec_commit(bprm, exec);
}

static struct linux_binfmt exec_format = {
	.load_binary	= load_program,
};

static int __init exec_init(void)
{
	insert_binfmt(&exec_format);
	return 0;
}
core_initcall(exec_init);

/*
 * execveat(@dirfd, @path, no arguments of ours, @flags) for current. @path is
 * an address in the memory of the task; @tracer the number of the thread that
 * traces it, or 0. Sleeps until the supervisor commits or aborts. 0 or -errno;
 * the task runs the new program when it is 0.
 */
long kbox_call_exec(int dirfd, unsigned long path, int flags, int tracer)
{
	static const char *const argv[] = { "", NULL };
	static const char *const envp[] = { NULL };
	int local_mem = current->thread.local_mem;
	char *buf;
	long ret;

	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	ret = strncpy_from_user(buf, (const char __user *)path, PATH_MAX);
	if (ret == PATH_MAX)
		ret = -ENAMETOOLONG;
	if (ret < 0)
		goto out;

	kbox_exec_release(current);
	current->thread.local_mem = 1;
	kbox_tracer_note(tracer);
	ret = sys_execveat(dirfd, (const char __user *)buf,
			   (const char __user *const __user *)argv,
			   (const char __user *const __user *)envp, flags);
	kbox_tracer_forget();
	current->thread.local_mem = current->thread.exec ? 0 : local_mem;
out:
	kfree(buf);
	return ret;
}

/* The exec of @handle that waits for the supervisor, or NULL. */
static struct kbox_exec *parked_exec(struct kbox_task *handle)
{
	struct kbox_exec *exec = handle->task ? handle->task->thread.exec : NULL;

	return exec && exec->state == EXEC_PARKED ? exec : NULL;
}

static void wake_exec(void *arg)
{
	struct kbox_exec *exec = arg;

	wake_up(&exec->wait);
}

/*
 * May be asked before and after the commit. Before it the identity is what the
 * file's set-id bits give at that moment; after it has completed, what was
 * really given. The shadows go to the caller the first time, then are -1.
 */
int kbox_lk_exec_plan(struct kbox_task *handle, struct kbox_exec_plan *ret_plan)
{
	struct kbox_exec *exec = handle->task ? handle->task->thread.exec : NULL;

	if (!exec || exec->state == EXEC_ABORTED)
		return -ESRCH;
	ret_plan->main_shadow = exec->main_shadow;
	ret_plan->interp_shadow = exec->interp_shadow;
	exec->main_shadow = -1;
	exec->interp_shadow = -1;
	ret_plan->uid = exec->uid;
	ret_plan->euid = exec->euid;
	ret_plan->gid = exec->gid;
	ret_plan->egid = exec->egid;
	ret_plan->secure = exec->secure;
	ret_plan->prefix_count = exec->prefix_count;
	ret_plan->strings_len = exec->strings_len;
	memcpy(ret_plan->strings, exec->strings, exec->strings_len);
	return 0;
}

int kbox_lk_exec_commit(struct kbox_task *handle)
{
	struct kbox_exec *exec = parked_exec(handle);

	if (!exec)
		return -ESRCH;
	exec->state = EXEC_COMMITTED;
	kbox_run_irq(wake_exec, exec);
	return 0;
}

int kbox_lk_exec_abort(struct kbox_task *handle, int error)
{
	struct kbox_exec *exec = parked_exec(handle);

	if (!exec)
		return -ESRCH;
	/* Another format must not take over what the host refused. */
	exec->error = error < 0 && error != -ENOEXEC ? error : -EINVAL;
	exec->state = EXEC_ABORTED;
	kbox_run_irq(wake_exec, exec);
	return 0;
}

struct set_layout {
	struct task_struct *task;
	const struct kbox_exec_layout *layout;
	unsigned long auxv[AT_VECTOR_SIZE];
};

/* As much as this kernel has room for; it ends with zeroes. */
static void read_auxv(int tgid, unsigned long addr, unsigned long *ret_auxv)
{
	unsigned long done, i;

	memset(ret_auxv, 0, sizeof(long) * AT_VECTOR_SIZE);
	kbox_host->mem_read(tgid, ret_auxv, addr,
			    sizeof(long) * (AT_VECTOR_SIZE - 2), &done);
	for (i = 0; i < AT_VECTOR_SIZE && ret_auxv[i] != AT_NULL; i += 2)
		;
	for (; i < AT_VECTOR_SIZE; i++)
		ret_auxv[i] = 0;
}

static void set_layout(void *arg)
{
	const struct set_layout *set = arg;
	const struct kbox_exec_layout *layout = set->layout;
	struct mm_struct *mm = set->task->mm;

	if (!mm)
		return;
	spin_lock(&mm->arg_lock);
	mm->arg_start = layout->arg_start;
	mm->arg_end = layout->arg_end;
	mm->env_start = layout->env_start;
	mm->env_end = layout->env_end;
	mm->start_stack = layout->stack;
	memcpy(mm->saved_auxv, set->auxv, sizeof(mm->saved_auxv));
	spin_unlock(&mm->arg_lock);
}

void kbox_lk_exec_layout(struct kbox_task *handle,
			 const struct kbox_exec_layout *layout)
{
	struct set_layout set = { .task = handle->task, .layout = layout };

	if (!set.task)
		return;
	read_auxv(task_tgid_nr(set.task), layout->auxv, set.auxv);
	kbox_run_irq(set_layout, &set);
}
