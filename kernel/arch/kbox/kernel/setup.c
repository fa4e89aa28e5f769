// SPDX-License-Identifier: GPL-2.0-only
/*
 * Booting: RAM, the command line, the first task; and ending. Side: kernel.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/panic_notifier.h>
#include <linux/pid.h>
#include <linux/prctl.h>
#include <asm/archrandom.h>
#include <linux/reboot.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/start_kernel.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/irq_regs.h>
#include <asm/kbox.h>
#include <asm/sections.h>
#include <asm/setup.h>

const struct kbox_host_ops *kbox_host;
struct kbox_lk_conf kbox_conf;
unsigned long kbox_ram_base;
unsigned long kbox_ram_end;
void *kbox_zero_page;

static struct kbox_host_ops host_ops;
static char command_line[COMMAND_LINE_SIZE];

size_t __must_check kbox_random_longs(unsigned long *v, size_t max_longs)
{
	kbox_host->random(v, max_longs * sizeof(*v));
	return max_longs;
}

bool kbox_is_kernel_memory(const void *addr)
{
	const char *at = addr;

	return virt_addr_valid(addr) ||
	       (at >= _stext && at < _etext) ||
	       (at >= __start_rodata && at < __end_rodata) ||
	       (at >= _sdata && at < _edata) ||
	       (at >= __bss_start && at < __bss_stop);
}

static int on_panic(struct notifier_block *self, unsigned long event,
		    void *why)
{
	kbox_host->panic(why);
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = { .notifier_call = on_panic };

void __init setup_arch(char **ret_command_line)
{
	unsigned long max_zone_pfns[MAX_NR_ZONES] = { 0 };
	unsigned long bytes = kbox_ram_end - kbox_ram_base;

	/* A page fault of ours would need the host's; page 0 stays unused. */
	memblock_add(0, bytes);
	memblock_reserve(0, PAGE_SIZE);
	min_low_pfn = 0;
	max_low_pfn = max_pfn = bytes >> PAGE_SHIFT;
	max_mapnr = max_pfn;
	high_memory = (void *)kbox_ram_end;
	kbox_zero_page = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	max_zone_pfns[ZONE_NORMAL] = max_pfn;
	free_area_init(max_zone_pfns);

	/* Tasks are numbered as the host numbers its own. */
	pid_max = PID_MAX_LIMIT;

	strscpy(boot_command_line, command_line, COMMAND_LINE_SIZE);
	*ret_command_line = command_line;
	console_loglevel = kbox_conf.log_level;
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	set_irq_regs(&kbox_dummy_regs);
	kbox_console_init();
}

void __init mem_init(void)
{
	memblock_free_all();
}

/* The image lies outside of RAM: its init sections cannot be given back. */
void free_initmem(void)
{
}

void __init init_IRQ(void)
{
}

void arch_cpu_idle(void)
{
	kbox_to_host();
}

static void boot_task(void *prev, void *task)
{
	start_kernel();
}

/* The host's group or session @nr, of which perhaps no task is here. */
static void join_outer(struct task_struct *task, enum pid_type type, int nr)
{
	struct pid *pid;

	if (nr <= 0)
		return;
	pid = find_get_pid(nr);
	if (pid)
		put_pid(pid);
	else
		pid = alloc_pid(&init_pid_ns, &nr, 1);
	if (IS_ERR(pid))
		return;
	write_lock_irq(&tasklist_lock);
	change_pid(task, type, pid);
	write_unlock_irq(&tasklist_lock);
}

/*
 * Its group and session, which the first guest inherits, have the host's
 * numbers, so that a guest that goes back to them means the same on both sides.
 */
static void join_group_and_session(struct kbox_task *supervisor)
{
	const unsigned long no_args[6] = { 0 };
	long value;

	if (kbox_conf.supervisor_session == kbox_conf.supervisor_pid) {
		kbox_lk_call(supervisor, __NR_setsid, no_args, &value);
		return;
	}
	join_outer(supervisor->task, PIDTYPE_PGID, kbox_conf.supervisor_group);
	join_outer(supervisor->task, PIDTYPE_SID, kbox_conf.supervisor_session);
}

int kbox_lk_boot(const struct kbox_host_ops *ops,
		 const struct kbox_lk_conf *conf, struct kbox_task **ret_task)
{
	const unsigned long clone_args[6] = {
		0, conf->supervisor_pid, (unsigned long)ret_task
	};
	const unsigned long subreaper_args[6] = { PR_SET_CHILD_SUBREAPER, 1 };
	void *ram;
	long value;

	if (kbox_host)
		return -EBUSY;
	if (conf->ram_bytes % PAGE_SIZE || conf->ram_bytes < SZ_16M ||
	    conf->disk_count > KBOX_LK_DISKS_MAX)
		return -EINVAL;
	if (strscpy(command_line, conf->command_line, COMMAND_LINE_SIZE) < 0)
		return -E2BIG;
	ram = ops->ram_map(conf->ram_bytes);
	if (!ram)
		return -ENOMEM;
	host_ops = *ops;
	kbox_host = &host_ops;
	kbox_conf = *conf;
	kbox_ram_base = (unsigned long)ram;
	kbox_ram_end = kbox_ram_base + conf->ram_bytes;
	init_task.thread.sp = 0;
	kbox_first_context(&init_task, init_stack + THREAD_SIZE / sizeof(long),
			   boot_task);
	kbox_enter_first();
	if (!kbox_init_handle)
		return -EIO;
	if (conf->supervisor_pid == 1) {
		/* The supervisor is its host's process 1, and ours. */
		*ret_task = kbox_init_handle;
		kbox_init_handle->task->thread.local_mem = 1;
		return 0;
	}
	value = kbox_lk_call(kbox_init_handle, KBOX_CALL_CLONE, clone_args,
			     &value) == KBOX_CALL_DONE ? value : -EIO;
	if (value)
		return value;
	(*ret_task)->task->thread.local_mem = 1;
	set_task_comm((*ret_task)->task, "kbox");
	kbox_lk_call(*ret_task, __NR_prctl, subreaper_args, &value);
	join_group_and_session(*ret_task);
	return 0;
}

void kbox_lk_halt(void)
{
	const unsigned long no_args[6] = { 0 };
	long value;

	kbox_lk_call(kbox_init_handle, __NR_sync, no_args, &value);
}

void machine_restart(char *command)
{
	kbox_host->panic("restart");
}

void machine_halt(void)
{
	kbox_host->panic("halt");
}

void machine_power_off(void)
{
	kbox_host->panic("power off");
}
