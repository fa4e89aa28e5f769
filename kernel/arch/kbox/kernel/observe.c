// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace wants to know of a task: its name, and what its descriptors
 * are. Side: kernel, called by the supervisor between two runs of tasks.
 *
 * No task runs meanwhile, and none sleeps with a spinlock held. So nothing
 * that is looked at here can go away, and no reference is taken.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <asm/kbox.h>

void kbox_lk_task_comm(const struct kbox_task *handle, char ret_comm[16])
{
	if (handle->task)
		strscpy(ret_comm, handle->task->comm, TASK_COMM_LEN);
	else
		ret_comm[0] = '\0';
}

/* As d_path(), but as seen by a task that is not the current one. */
static char *path_text(const struct path *path, const struct path *root,
		       char *buf, int size)
{
	static const char deleted[] = " (deleted)";
	const struct dentry *dentry = path->dentry;
	const int tail = d_unlinked(dentry) ? sizeof(deleted) - 1 : 0;
	char *text;

	if (dentry->d_op && dentry->d_op->d_dname &&
	    (!IS_ROOT(dentry) || dentry != path->mnt->mnt_root))
		return dentry->d_op->d_dname(path->dentry, buf, size);
	if (size <= tail)
		return ERR_PTR(-ENAMETOOLONG);
	text = __d_path(path, root, buf, size - tail);
	if (!text)
		text = d_absolute_path(path, buf, size - tail);
	if (!IS_ERR(text) && tail)
		memcpy(buf + size - tail - 1, deleted, tail + 1);
	return text;
}

long kbox_lk_fd_path(const struct kbox_task *handle, int fd, char *buf,
		     unsigned long size)
{
	struct task_struct *task = handle->task;
	const struct path *path;
	char *text;
	long len;

	if (!task || !task->fs)
		return -ESRCH;
	rcu_read_lock();
	if (fd == KBOX_FD_CWD) {
		path = &task->fs->pwd;
	} else {
		struct file *file = task->files && fd >= 0 ?
			files_lookup_fd_raw(task->files, fd) : NULL;

		path = file ? &file->f_path : NULL;
	}
	text = path ? path_text(path, &task->fs->root, buf, size) :
		      ERR_PTR(-EBADF);
	rcu_read_unlock();
	if (IS_ERR(text))
		return PTR_ERR(text);
	/* It was written from the end of the buffer backwards. */
	len = strlen(text);
	memmove(buf, text, len);
	return len;
}
