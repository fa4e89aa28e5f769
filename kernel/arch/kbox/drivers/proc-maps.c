// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/maps, smaps and smaps_rollup, made from those of the host.
 *
 * Side: kernel. The stock maps of a kernel without an MMU shows this kernel's
 * own mappings, of which a guest has none; the linker puts this one in its
 * place (--wrap=proc_pid_maps_operations). The other two it has not at all.
 *
 * Theory of operation: the host's text is fetched whole when the file is read
 * from the start, so that what is read in pieces fits together, and is shown
 * line by line: mappings of shadows under the path of the image's file
 * (mapped.c), the loader's not at all, and all others as they are. A name that
 * is a host path is never shown. What smaps says of a mapping follows its line.
 *
 * Not done: numa_maps and map_files, which a kernel without an MMU does not
 * have. The sums of smaps_rollup count the loader's few pages.
 * Source: fs/proc/task_mmu.c.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <kbox/loader.h>

#include "../../../fs/proc/internal.h"
#include "kbox-drivers.h"

/* Host names that look like paths and are none. */
static const char *const anonymous_names[] = {
	"/dev/zero (deleted)", "/anon_hugepage (deleted)", "/SYSV",
};

bool kbox_map_parse(const char *line, struct kbox_map_line *ret_map)
{
	struct kbox_map_line *map = ret_map;
	unsigned int major, minor;
	int used = 0;
	unsigned int i;

	if (sscanf(line, "%lx-%lx %4s %llx %x:%x %llu%n", &map->start,
		   &map->end, map->access, &map->offset, &major, &minor,
		   &map->ino, &used) != 7)
		return false;
	map->dev = new_encode_dev(MKDEV(major, minor));
	map->name = skip_spaces(line + used);
	map->is_file = sscanf(map->name, "/memfd:" KBOX_SHADOW_NAME, &map->dev,
			      &map->ino) == 2;
	if (map->name[0] != '/')
		return true;
	for (i = 0; i < ARRAY_SIZE(anonymous_names); i++)
		if (strstarts(map->name, anonymous_names[i]))
			return true;
	map->name = "";
	return true;
}

/* An open file; what is kept of the host's text. */
struct view {
	struct mm_struct *mm;	/* mm_count */
	bool in_use;		/* between start and stop: mm_users */
	bool hidden;		/* the mapping whose lines are being shown */
	int kind;		/* KBOX_TEXT_MAPS and so on */
	struct kbox_lines text;
};

static int view_load(struct view *view)
{
	kfree(view->text.bytes);
	view->text = (struct kbox_lines) { 0 };
	return view->mm->context.tgid ?
	       kbox_lines_get(view->kind, view->mm->context.tgid, 0,
			      &view->text) : 0;
}

/* Positions are those of lines in the text. */
static void *view_start(struct seq_file *m, loff_t *pos)
{
	struct view *view = m->private;
	int err;

	if (!mmget_not_zero(view->mm))
		return NULL;
	view->in_use = true;
	if (!*pos || !view->text.bytes) {
		err = view_load(view);
		if (err == -ENOMEM)
			return ERR_PTR(err);
	}
	return *pos < view->text.len ? view->text.bytes + *pos : NULL;
}

static void *view_next(struct seq_file *m, void *line, loff_t *pos)
{
	struct view *view = m->private;

	*pos += strlen(line) + 1;
	return *pos < view->text.len ? view->text.bytes + *pos : NULL;
}

static void view_stop(struct seq_file *m, void *line)
{
	struct view *view = m->private;

	if (view->in_use)
		mmput(view->mm);
	view->in_use = false;
}

static bool is_loader(const struct kbox_map_line *map)
{
	/* The heap may follow it at once. */
	return map->start >= KBOX_LOADER_BASE &&
	       map->start < KBOX_LOADER_BASE + KBOX_LOADER_SIZE &&
	       strcmp(map->name, "[heap]");
}

static void show_mapping(struct seq_file *m, struct mm_struct *mm,
			 struct kbox_map_line *map)
{
	const struct path *path = NULL;
	dev_t dev = new_decode_dev(map->dev);

	if (map->is_file) {
		path = kbox_mapped_path(mm, map->dev, map->ino);
		dev = path ? d_inode(path->dentry)->i_sb->s_dev : 0;
		map->ino = path ? d_inode(path->dentry)->i_ino : 0;
	}
	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08lx-%08lx %s %08llx %02x:%02x %llu ", map->start,
		   map->end, map->access, map->offset, MAJOR(dev), MINOR(dev),
		   map->ino);
	if (path) {
		seq_pad(m, ' ');
		seq_path(m, path, "\n");
	} else if (map->name[0]) {
		seq_pad(m, ' ');
		seq_puts(m, map->name);
	}
	seq_putc(m, '\n');
}

static int view_show(struct seq_file *m, void *line)
{
	struct view *view = m->private;
	struct kbox_map_line map;

	if (kbox_map_parse(line, &map)) {
		view->hidden = view->kind != KBOX_TEXT_SMAPS_ROLLUP &&
			       is_loader(&map);
		if (!view->hidden)
			show_mapping(m, view->mm, &map);
	} else if (!view->hidden && view->kind != KBOX_TEXT_MAPS) {
		seq_printf(m, "%s\n", (const char *)line);
	}
	return 0;
}

static const struct seq_operations view_ops = {
	.start	= view_start,
	.next	= view_next,
	.stop	= view_stop,
	.show	= view_show,
};

static int view_open(struct inode *inode, struct file *file, int kind)
{
	struct view *view = __seq_open_private(file, &view_ops, sizeof(*view));
	struct mm_struct *mm;

	if (!view)
		return -ENOMEM;
	mm = proc_mem_open(inode, PTRACE_MODE_READ);
	if (IS_ERR_OR_NULL(mm)) {
		seq_release_private(inode, file);
		return mm ? PTR_ERR(mm) : -ESRCH;
	}
	view->mm = mm;
	view->kind = kind;
	return 0;
}

static int maps_open(struct inode *inode, struct file *file)
{
	return view_open(inode, file, KBOX_TEXT_MAPS);
}

static int smaps_open(struct inode *inode, struct file *file)
{
	return view_open(inode, file, KBOX_TEXT_SMAPS);
}

static int rollup_open(struct inode *inode, struct file *file)
{
	return view_open(inode, file, KBOX_TEXT_SMAPS_ROLLUP);
}

static int view_release(struct inode *inode, struct file *file)
{
	struct view *view = ((struct seq_file *)file->private_data)->private;

	mmdrop(view->mm);
	kfree(view->text.bytes);
	return seq_release_private(inode, file);
}

extern const struct file_operations __wrap_proc_pid_maps_operations;
const struct file_operations __wrap_proc_pid_maps_operations = {
	.open		= maps_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= view_release,
};

const struct file_operations proc_pid_smaps_operations = {
	.open		= smaps_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= view_release,
};

const struct file_operations proc_pid_smaps_rollup_operations = {
	.open		= rollup_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= view_release,
};
