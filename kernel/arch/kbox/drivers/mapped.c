// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which files a process has mapped, for /proc/PID/maps.
 *
 * Side: kernel. mmap and exec note their files here; proc-maps.c asks.
 *
 * The host knows the mappings, as mappings of memfds that are named after the
 * inode with the contents (KBOX_SHADOW_NAME). What it cannot know is under
 * which path the guest opened the file, what that path is now, and whether it
 * was deleted: so an opened path is kept per memory and inode.
 *
 * Invariants
 *  1. A path is kept as long as the memory exists, unless it is found to be
 *     mapped no more. That is looked at each time the list has doubled, so it
 *     is at most twice as long as need be; and before a file system is
 *     unmounted, which a kept path would prevent.
 *  2. A child starts with a copy of its parent's list.
 *  3. The list goes with the last user of the memory, as its mappings would.
 *
 * Not done: of a file that is mapped under two of its hard links, all mappings
 * show the later one; what the child of a vfork maps, its parent shows without
 * a name.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "kbox-drivers.h"

#define ROOM_MIN	8
#define PRUNE_MIN	64	/* a shorter list is not worth looking through */
#define NEWEST_KEPT	8	/* the host may be about to map them */

struct mapped_file {
	u64 dev, ino;		/* of the inode with the contents */
	struct path path;
	bool seen;
};

struct mapped {
	struct hlist_node node;
	const struct mm_struct *mm;	/* only compared */
	unsigned int count, room, prune_at;
	struct mapped_file *files;
};

/* All lists, by the memory that they belong to. */
static DEFINE_HASHTABLE(lists, 6);

static struct mapped *find_list(const struct mm_struct *mm)
{
	struct mapped *list;

	hash_for_each_possible(lists, list, node, (unsigned long)mm)
		if (list->mm == mm)
			return list;
	return NULL;
}

static struct mapped_file *find(struct mapped *list, u64 dev, u64 ino)
{
	unsigned int i;

	for (i = 0; list && i < list->count; i++)
		if (list->files[i].ino == ino && list->files[i].dev == dev)
			return &list->files[i];
	return NULL;
}

/* The path under which @mm maps that inode, or NULL; valid until it sleeps. */
const struct path *kbox_mapped_path(struct mm_struct *mm, u64 dev, u64 ino)
{
	struct mapped_file *file = find(find_list(mm), dev, ino);

	return file ? &file->path : NULL;
}

static bool grow(struct mapped *list, unsigned int room)
{
	struct mapped_file *files;

	files = krealloc_array(list->files, room, sizeof(*files), GFP_KERNEL);
	if (!files)
		return false;
	list->files = files;
	list->room = room;
	return true;
}

static struct mapped *list_new(const struct mm_struct *mm, unsigned int room)
{
	struct mapped *list = kzalloc(sizeof(*list), GFP_KERNEL);

	if (!list || !grow(list, max(room, ROOM_MIN))) {
		kfree(list);
		return NULL;
	}
	list->mm = mm;
	list->prune_at = PRUNE_MIN;
	hash_add(lists, &list->node, (unsigned long)mm);
	return list;
}

static void list_free(struct mapped *list)
{
	unsigned int i;

	if (!list)
		return;
	hash_del(&list->node);
	for (i = 0; i < list->count; i++)
		path_put(&list->files[i].path);
	kfree(list->files);
	kfree(list);
}

/* @mm is a new copy of current's memory. */
void kbox_mapped_inherit(const struct mm_struct *mm)
{
	struct mapped *from = find_list(current->mm), *to;
	unsigned int i;

	if (!from)
		return;
	to = list_new(mm, from->count);
	if (!to)
		return;
	/* The copy has no more room than list_new() was asked for. */
	to->count = min(from->count, to->room);
	to->prune_at = from->prune_at;
	for (i = 0; i < to->count; i++) {
		to->files[i] = from->files[i];
		path_get(&to->files[i].path);
	}
}

/*
 * The last user is gone; others may still hold the bare mm for long. Of a
 * process that was killed for want of memory there is nothing more to hope for:
 * the next one is chosen.
 */
void __real_exit_mmap(struct mm_struct *mm);
void __wrap_exit_mmap(struct mm_struct *mm);
void __wrap_exit_mmap(struct mm_struct *mm)
{
	list_free(find_list(mm));
	__real_exit_mmap(mm);
	set_bit(MMF_OOM_SKIP, &mm->flags);
}

static void see_line(struct mapped *list, const char *line)
{
	struct kbox_map_line map;
	struct mapped_file *file;

	if (kbox_map_parse(line, &map) && map.is_file) {
		file = find(list, map.dev, map.ino);
		if (file)
			file->seen = true;
	}
}

/* Forget what @mm does not map any more, but for the @newest in the list. */
static void prune(struct mm_struct *mm, unsigned int newest)
{
	struct mapped *list = find_list(mm);
	unsigned int i, count, kept = 0, out = 0;
	struct kbox_lines text;
	struct path *gone;
	char *line;

	if (!list || !list->count ||
	    kbox_lines_get(KBOX_TEXT_MAPS, mm->context.tgid, 0, &text))
		return;
	/* Nothing sleeps from here on, so the list stays as it is. */
	count = list->count;
	gone = kmalloc_array(count, sizeof(*gone), GFP_ATOMIC);
	if (!gone)
		goto out;
	for (i = 0; i < count; i++)
		list->files[i].seen = i + newest >= count;
	for (line = text.bytes; line < text.bytes + text.len;
	     line += strlen(line) + 1)
		see_line(list, line);
	for (i = 0; i < count; i++) {
		if (list->files[i].seen)
			list->files[kept++] = list->files[i];
		else
			gone[out++] = list->files[i].path;
	}
	list->count = kept;
	list->prune_at = max(2 * kept, PRUNE_MIN);
	while (out)
		path_put(&gone[--out]);
	kfree(gone);
out:
	kfree(text.bytes);
}

/* current maps @path, or is about to. */
void kbox_mapped_note(const struct path *path)
{
	const struct inode *inode = d_real_inode(path->dentry);
	u64 dev = new_encode_dev(inode->i_sb->s_dev), ino = inode->i_ino;
	struct mm_struct *mm = current->mm;
	struct mapped *list = find_list(mm);
	struct mapped_file *file = find(list, dev, ino);

	if (file) {
		struct path old = file->path;

		if (path_equal(&old, path))
			return;
		path_get(path);
		file->path = *path;
		path_put(&old);
		return;
	}
	if (list && list->count >= list->prune_at)
		prune(mm, NEWEST_KEPT);
	if (!list)
		list = list_new(mm, ROOM_MIN);
	/* Another thread may have noted something meanwhile: room for both. */
	if (!list || (list->count == list->room && !grow(list, 2 * list->room)))
		return;
	if (list->count == list->room)
		return;
	path_get(path);
	list->files[list->count++] = (struct mapped_file) {
		.dev = dev, .ino = ino, .path = *path
	};
}

/* The process with the lowest number from *@nr on, referenced; or NULL. */
static struct task_struct *next_process(int *nr)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while (!task) {
		pid = find_ge_pid(*nr, &init_pid_ns);
		if (!pid)
			break;
		*nr = pid_nr(pid) + 1;
		task = pid_task(pid, PIDTYPE_TGID);
	}
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

/* Before an unmount: what is mapped no more must not hold it up. */
void kbox_mapped_prune_all(void)
{
	struct task_struct *task;
	struct mm_struct *mm;
	int nr = 1;

	while ((task = next_process(&nr))) {
		mm = get_task_mm(task);
		put_task_struct(task);
		if (!mm)
			continue;
		if (mm->context.tgid)
			prune(mm, 0);
		mmput(mm);
	}
}
