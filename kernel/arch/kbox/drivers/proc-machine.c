// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine as guests see it: processors, memory and load of the host.
 *
 * Side: kernel. Guests run on the host's processors and in its memory; what
 * this kernel has of both would tell programs nothing that they ask for. What
 * it counts of its own work (/proc/vmstat, zoneinfo, diskstats) is shown as it
 * is.
 *
 * Three ways lead here: cpuinfo_op, which every architecture has; the linker
 * (--wrap) for the load, and for the making of files in /proc; and the lists in
 * /sys/devices/system/cpu are taken away and made anew.
 */
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel_stat.h>
#include <linux/proc_fs.h>
#include <linux/sched/loadavg.h>
#include <linux/sched/stat.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/sysfs.h>
#include <linux/sysinfo.h>

#include "kbox-drivers.h"

/* All lines that start with @key ("" for all) to @m. */
static int show_lines(struct seq_file *m, int kind, const char *key)
{
	struct kbox_lines lines;
	const char *line;
	int err = kbox_lines_get(kind, 0, 0, &lines);

	if (err)
		return err;
	for (line = lines.bytes; line < lines.bytes + lines.len;
	     line += strlen(line) + 1)
		if (strstarts(line, key))
			seq_printf(m, "%s\n", line);
	kfree(lines.bytes);
	return 0;
}

static void *cpu_start(struct seq_file *m, loff_t *pos)
{
	return *pos == 0 ? (void *)1UL : NULL;
}

static void *cpu_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void cpu_stop(struct seq_file *m, void *v)
{
}

static int cpu_show(struct seq_file *m, void *v)
{
	return show_lines(m, KBOX_TEXT_CPU_INFO, "");
}

const struct seq_operations cpuinfo_op = {
	.start	= cpu_start,
	.next	= cpu_next,
	.stop	= cpu_stop,
	.show	= cpu_show,
};

/* /proc/stat: times and start of the machine, counts of this kernel. */
static int stat_show(struct seq_file *m, void *v)
{
	int err = show_lines(m, KBOX_TEXT_CPU_TIMES, "cpu");

	if (err)
		return err;
	seq_puts(m, "intr 0\n");
	seq_printf(m, "ctxt %llu\n", nr_context_switches());
	show_lines(m, KBOX_TEXT_CPU_TIMES, "btime ");
	seq_printf(m, "processes %lu\n", total_forks);
	seq_printf(m, "procs_running %u\n", nr_running());
	seq_printf(m, "procs_blocked %u\n", nr_iowait());
	seq_puts(m, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
	return 0;
}

static int memory_show(struct seq_file *m, void *v)
{
	return show_lines(m, KBOX_TEXT_MEMORY, "");
}

static int uptime_show(struct seq_file *m, void *v)
{
	return show_lines(m, KBOX_TEXT_UPTIME, "");
}

/* @offset and @shift are for numbers with fewer bits than the host's. */
void __wrap_get_avenrun(unsigned long *loads, unsigned long offset, int shift);
void __wrap_get_avenrun(unsigned long *loads, unsigned long offset, int shift)
{
	unsigned int i;

	kbox_host->load(loads);
	for (i = 0; i < 3; i++)
		loads[i] = ((loads[i] >> (SI_LOAD_SHIFT - FSHIFT)) + offset)
			   << shift;
}

/* Settings of memory that are the host's, in /proc/sys/vm. */
static int show_number(const struct ctl_table *table, int write, void *buffer,
		       size_t *lenp, loff_t *ppos)
{
	unsigned long number = 0;
	struct ctl_table shown = {
		.procname = table->procname,
		.data = &number,
		.maxlen = sizeof(number),
		.mode = table->mode,
	};
	struct kbox_lines lines;
	int err = kbox_lines_get((long)table->data, 0, 0, &lines);

	if (!err && lines.bytes)
		err = kstrtoul(lines.bytes, 10, &number);
	if (!err)
		kfree(lines.bytes);
	return err ?: proc_doulongvec_minmax(&shown, write, buffer, lenp, ppos);
}

#define HOST_NUMBER(name, kind) \
	{						\
		.procname	= name,			\
		.data		= (void *)(kind),	\
		.mode		= 0444,			\
		.proc_handler	= show_number,		\
	}

static struct ctl_table host_numbers[] = {
	HOST_NUMBER("mmap_min_addr", KBOX_TEXT_MMAP_MIN_ADDR),
	HOST_NUMBER("max_map_count", KBOX_TEXT_MAX_MAP_COUNT),
};

/* The stock files cannot be taken away once they are there. */
struct proc_dir_entry *
__real_proc_create(const char *name, umode_t mode,
		   struct proc_dir_entry *parent, const struct proc_ops *ops);
struct proc_dir_entry *
__wrap_proc_create(const char *name, umode_t mode,
		   struct proc_dir_entry *parent, const struct proc_ops *ops);
struct proc_dir_entry *
__wrap_proc_create(const char *name, umode_t mode,
		   struct proc_dir_entry *parent, const struct proc_ops *ops)
{
	if (!parent && !strcmp(name, "stat"))
		return proc_create_single(name, 0444, NULL, stat_show);
	/* Flags and counts of this kernel's own pages, for programs of root's. */
	if (strstarts(name, "kpage"))
		return NULL;
	return __real_proc_create(name, mode, parent, ops);
}

typedef int show_fn(struct seq_file *m, void *v);
struct proc_dir_entry *
__real_proc_create_single_data(const char *name, umode_t mode,
			       struct proc_dir_entry *parent, show_fn *show,
			       void *data);
struct proc_dir_entry *
__wrap_proc_create_single_data(const char *name, umode_t mode,
			       struct proc_dir_entry *parent, show_fn *show,
			       void *data);
struct proc_dir_entry *
__wrap_proc_create_single_data(const char *name, umode_t mode,
			       struct proc_dir_entry *parent, show_fn *show,
			       void *data)
{
	if (!parent && !strcmp(name, "meminfo"))
		show = memory_show;
	else if (!parent && !strcmp(name, "uptime"))
		show = uptime_show;
	return __real_proc_create_single_data(name, mode, parent, show, data);
}

struct cpu_list {
	struct device_attribute attr;
	int kind;
};

static ssize_t list_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	const struct cpu_list *list = container_of(attr, struct cpu_list, attr);
	struct kbox_lines lines;
	ssize_t n;

	if (kbox_lines_get(list->kind, 0, 0, &lines) || !lines.bytes)
		return sysfs_emit(buf, "0\n");
	n = sysfs_emit(buf, "%s\n", lines.bytes);
	kfree(lines.bytes);
	return n;
}

#define CPU_LIST(name, kind) \
	{ __ATTR(name, 0444, list_show, NULL), kind }

static struct cpu_list cpu_lists[] = {
	CPU_LIST(online, KBOX_TEXT_CPUS_ONLINE),
	CPU_LIST(possible, KBOX_TEXT_CPUS_POSSIBLE),
	CPU_LIST(present, KBOX_TEXT_CPUS_PRESENT),
};

static int __init machine_init(void)
{
	struct device *cpus = bus_get_dev_root(&cpu_subsys);
	unsigned int i;

	if (!register_sysctl("vm", host_numbers))
		pr_warn("cannot show the host's settings of memory\n");
	if (!cpus)
		return 0;
	for (i = 0; i < ARRAY_SIZE(cpu_lists); i++) {
		struct attribute *attr = &cpu_lists[i].attr.attr;

		sysfs_remove_file(&cpus->kobj, attr);
		if (sysfs_create_file(&cpus->kobj, attr))
			pr_warn("cannot show the list of %s CPUs\n", attr->name);
	}
	put_device(cpus);
	return 0;
}
late_initcall(machine_init);
