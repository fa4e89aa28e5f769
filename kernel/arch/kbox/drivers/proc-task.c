// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/stat, status and statm: what of a guest is the host's.
 *
 * Side: kernel. The stock functions, to which the linker's --wrap redirects
 * through here, know names, numbers, credentials and files; states, times,
 * memory, sessions and signals of a guest are the host's, and are put in from
 * the host's text of the same file.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "kbox-drivers.h"

typedef int show_fn(struct seq_file *m, struct pid_namespace *ns,
		    struct pid *pid, struct task_struct *task);

show_fn __real_proc_tid_stat, __wrap_proc_tid_stat;
show_fn __real_proc_tgid_stat, __wrap_proc_tgid_stat;
show_fn __real_proc_pid_status, __wrap_proc_pid_status;
show_fn __real_proc_pid_statm, __wrap_proc_pid_statm;

bool kbox_is_guest(const struct task_struct *task)
{
	return task->thread.handle && !task->thread.local_mem &&
	       !is_global_init((struct task_struct *)task);
}

/*
 * Let @show write, and take what it wrote out again. NULL when there was no
 * room (seq_file will come again with more), or no memory: then it stays.
 */
static char *take_text(struct seq_file *m, size_t start)
{
	char *text;

	if (seq_has_overflowed(m))
		return NULL;
	text = kstrndup(m->buf + start, m->count - start, GFP_KERNEL);
	if (text)
		m->count = start;
	return text;
}

/*
 * Fields of stat by their number in proc(5), behind the name, that are the
 * host's: the group, session and terminal, faults and times, priorities, threads,
 * start and sizes, signals, the processor.
 */
#define BIT_OF(n)	(1ULL << (n))
#define FROM_HOST (BIT_OF(5) | BIT_OF(6) | GENMASK_ULL(20, 10) | \
		   GENMASK_ULL(24, 22) | GENMASK_ULL(34, 31) | \
		   GENMASK_ULL(41, 38))

static void put_stat_field(struct seq_file *m, unsigned int number,
			   const char *own, const char *hosts)
{
	switch (number) {
	case 3:
		/* Whoever asks about itself does not sleep. */
		seq_puts(m, own[0] == 'R' ? own : hosts);
		return;
	case 7:
		/* A terminal of this kernel's, or else the user's. */
		if (own[0] == '0' && hosts[0] != '0')
			seq_printf(m, "%d", (int)new_encode_dev(
						    MKDEV(TTYAUX_MAJOR, 1)));
		else
			seq_puts(m, own);
		return;
	case 8:
		seq_puts(m, own[0] == '-' ? hosts : own);
		return;
	}
	seq_puts(m, number < 64 && BIT_OF(number) & FROM_HOST ? hosts : own);
}

static void put_stat(struct seq_file *m, char *own, char *hosts)
{
	char *own_rest = strrchr(own, ')'), *hosts_rest = strrchr(hosts, ')');
	unsigned int number = 3;
	char *field, *other;

	if (!own_rest || !hosts_rest || !own_rest[1] || !hosts_rest[1]) {
		seq_puts(m, own);
		return;
	}
	own_rest[1] = '\0';
	seq_puts(m, own);
	own_rest += 2;
	hosts_rest += 2;
	strim(own_rest);
	while ((field = strsep(&own_rest, " "))) {
		other = strsep(&hosts_rest, " ");
		seq_putc(m, ' ');
		put_stat_field(m, number++, field, other ? other : field);
	}
	seq_putc(m, '\n');
}

static int show_stat(struct seq_file *m, struct pid_namespace *ns,
		     struct pid *pid, struct task_struct *task, bool whole)
{
	size_t start = m->count;
	struct kbox_lines lines;
	char *own;
	int err;

	err = whole ? __real_proc_tgid_stat(m, ns, pid, task) :
		      __real_proc_tid_stat(m, ns, pid, task);
	if (err || !kbox_is_guest(task) ||
	    kbox_lines_get(KBOX_TEXT_STAT, task_tgid_nr(task),
			   whole ? 0 : task_pid_nr(task), &lines))
		return err;
	own = lines.bytes ? take_text(m, start) : NULL;
	if (own)
		put_stat(m, own, lines.bytes);
	kfree(own);
	kfree(lines.bytes);
	return 0;
}

int __wrap_proc_tid_stat(struct seq_file *m, struct pid_namespace *ns,
			 struct pid *pid, struct task_struct *task)
{
	return show_stat(m, ns, pid, task, false);
}

int __wrap_proc_tgid_stat(struct seq_file *m, struct pid_namespace *ns,
			  struct pid *pid, struct task_struct *task)
{
	return show_stat(m, ns, pid, task, true);
}

/* Lines of status that are the host's. */
static const char *const status_keys[] = {
	"TracerPid:", "Threads:", "SigQ:", "SigPnd:", "ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:",
	"Speculation_Store_Bypass:", "SpeculationIndirectBranch:",
	"Cpus_allowed:", "Cpus_allowed_list:", "THP_enabled:",
	"voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:",
};

/* Those about memory, which a kernel without an MMU words differently. */
static void put_status_memory(struct seq_file *m,
			      const struct kbox_lines *hosts)
{
	const char *line;

	for (line = hosts->bytes; line < hosts->bytes + hosts->len;
	     line += strlen(line) + 1)
		if (strstarts(line, "Vm") || strstarts(line, "Rss") ||
		    strstarts(line, "HugetlbPages:"))
			seq_printf(m, "%s\n", line);
}

static void put_status_line(struct seq_file *m, const char *own,
			    const struct kbox_lines *hosts)
{
	const char *other = NULL;
	unsigned int i;

	if (strstarts(own, "Mem:"))
		put_status_memory(m, hosts);
	if (strstarts(own, "Mem:") || strstarts(own, "Slack:") ||
	    strstarts(own, "Shared:"))
		return;
	if (strstarts(own, "State:") && !strstarts(own, "State:\tR"))
		other = kbox_lines_find(hosts, "State:");
	for (i = 0; !other && i < ARRAY_SIZE(status_keys); i++)
		if (strstarts(own, status_keys[i]))
			other = kbox_lines_find(hosts, status_keys[i]);
	seq_printf(m, "%s\n", other ? other : own);
}

int __wrap_proc_pid_status(struct seq_file *m, struct pid_namespace *ns,
			   struct pid *pid, struct task_struct *task)
{
	size_t start = m->count;
	struct kbox_lines hosts;
	char *own, *rest, *line;
	int err = __real_proc_pid_status(m, ns, pid, task);

	if (err || !kbox_is_guest(task) ||
	    kbox_lines_get(KBOX_TEXT_STATUS, task_tgid_nr(task),
			   task_pid_nr(task), &hosts))
		return err;
	own = hosts.bytes ? take_text(m, start) : NULL;
	rest = own;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			put_status_line(m, line, &hosts);
	kfree(own);
	kfree(hosts.bytes);
	return 0;
}

int __wrap_proc_pid_statm(struct seq_file *m, struct pid_namespace *ns,
			  struct pid *pid, struct task_struct *task)
{
	struct kbox_lines hosts;

	if (!kbox_is_guest(task) ||
	    kbox_lines_get(KBOX_TEXT_STATM, task_tgid_nr(task), 0, &hosts))
		return __real_proc_pid_statm(m, ns, pid, task);
	seq_printf(m, "%s\n", hosts.bytes ? hosts.bytes : "0 0 0 0 0 0 0");
	kfree(hosts.bytes);
	return 0;
}
