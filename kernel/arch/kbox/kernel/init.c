// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process 1. The stock kernel wants to execute an init: a file with a magic
 * of ours is put where it looks, and accepted by a binary format of ours, so
 * that process 1 becomes a user task like any other. It reaps nothing and
 * runs nothing; the supervisor's tasks descend from it. Side: kernel.
 */
#include <linux/binfmts.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/init_syscalls.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>
#include <asm/kbox.h>

struct kbox_task *kbox_init_handle;

static const char init_magic[] = "kbox process 1\n";

static int load_init(struct linux_binprm *bprm)
{
	int ret;

	if (memcmp(bprm->buf, init_magic, sizeof(init_magic) - 1))
		return -ENOEXEC;
	ret = begin_new_exec(bprm);
	if (ret)
		return ret;
	setup_new_exec(bprm);
	finalize_exec(bprm);
	kbox_refuse_signals(current);
	kbox_init_handle = kbox_task_new();
	if (!kbox_init_handle)
		return -ENOMEM;
	kbox_init_handle->task = current;
	current->thread.handle = kbox_init_handle;
	return 0;
}

static struct linux_binfmt init_format = { .load_binary = load_init };

static int __init make_init(void)
{
	static const char *const folders[] = { "/dev", "/proc", "/sys", "/mnt" };
	struct file *file;
	loff_t pos = 0;
	unsigned int i;

	register_binfmt(&init_format);
	for (i = 0; i < ARRAY_SIZE(folders); i++)
		init_mkdir(folders[i], 0755);
	file = filp_open("/init", O_CREAT | O_WRONLY, 0500);
	if (IS_ERR(file))
		return PTR_ERR(file);
	kernel_write(file, init_magic, sizeof(init_magic) - 1, &pos);
	fput(file);
	/* The file must not be open for writing when it is executed. */
	task_work_run();
	flush_delayed_fput();
	return 0;
}
late_initcall(make_init);
