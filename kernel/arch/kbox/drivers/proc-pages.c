// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/pagemap and clear_refs: those of the host.
 *
 * Side: kernel. Both speak of addresses alone, so nothing in them has to be
 * changed. The host shows no frame numbers to whoever runs kbox without
 * CAP_SYS_ADMIN. Source: fs/proc/task_mmu.c, whose checks these follow.
 */
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../../../fs/proc/internal.h"
#include "kbox-drivers.h"

#define ENTRY_BYTES	8UL
#define READ_MAX	(64UL * 1024)	/* at once; readers come again */

static int pagemap_open(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = proc_mem_open(inode, PTRACE_MODE_READ);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	file->private_data = mm;
	return 0;
}

static ssize_t pagemap_read(struct file *file, char __user *to, size_t len,
			    loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	long ret = 0;
	char *buf;

	if (*pos % ENTRY_BYTES || len % ENTRY_BYTES)
		return -EINVAL;
	len = min(len, READ_MAX);
	if (!len || !mm || !mmget_not_zero(mm))
		return 0;
	buf = kmalloc(len, GFP_KERNEL);
	if (!buf)
		ret = -ENOMEM;
	else if (mm->context.tgid)
		ret = kbox_host->pagemap_read(mm->context.tgid, buf, len, *pos);
	mmput(mm);
	if (ret > 0 && copy_to_user(to, buf, ret))
		ret = -EFAULT;
	if (ret > 0)
		*pos += ret;
	kfree(buf);
	return ret;
}

static int pagemap_release(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = file->private_data;

	if (mm)
		mmdrop(mm);
	return 0;
}

const struct file_operations proc_pagemap_operations = {
	.llseek		= mem_lseek,
	.open		= pagemap_open,
	.read		= pagemap_read,
	.release	= pagemap_release,
};

static ssize_t clear_refs_write(struct file *file, const char __user *from,
				size_t len, loff_t *pos)
{
	struct task_struct *task;
	struct mm_struct *mm;
	char text[16] = "";
	long ret = 0;

	if (copy_from_user(text, from, min(len, sizeof(text) - 1)))
		return -EFAULT;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	if (mm && mm->context.tgid)
		ret = kbox_host->clear_refs(mm->context.tgid, text,
					    strlen(text));
	if (mm)
		mmput(mm);
	put_task_struct(task);
	return ret < 0 ? ret : len;
}

const struct file_operations proc_clear_refs_operations = {
	.write		= clear_refs_write,
	.llseek		= noop_llseek,
};
