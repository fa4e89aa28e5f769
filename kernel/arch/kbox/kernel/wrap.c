// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the stock kernel that have to be answered differently, without
 * a patch: the linker redirects calls between objects (--wrap, see Makefile).
 * Side: kernel.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/init_task.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/threads.h>
#include <linux/ramfs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/vmalloc.h>
#include <asm/kbox.h>

/*
 * The number of a task is given by the host. Choosing it takes a capability
 * that a guest need not have. Kernel threads, which the host does not know,
 * are numbered from the top, where the host arrives last; process 1 is the
 * first to be made.
 */
struct pid *__real_alloc_pid(struct pid_namespace *ns, pid_t *set_tid,
			     size_t set_tid_size);
struct pid *__wrap_alloc_pid(struct pid_namespace *ns, pid_t *set_tid,
			     size_t set_tid_size);
struct pid *__wrap_alloc_pid(struct pid_namespace *ns, pid_t *set_tid,
			     size_t set_tid_size)
{
	static pid_t top = PID_MAX_LIMIT - 1;
	static bool have_init;
	const struct cred *old;
	struct pid *pid;

	if (!have_init) {
		have_init = true;
		return __real_alloc_pid(ns, set_tid, set_tid_size);
	}
	old = override_creds(&init_cred);
	if (set_tid_size) {
		pid = __real_alloc_pid(ns, set_tid, set_tid_size);
	} else {
		do {
			pid = __real_alloc_pid(ns, &top, 1);
			top = top > PID_MAX_LIMIT / 2 ? top - 1 :
							PID_MAX_LIMIT - 1;
		} while (pid == ERR_PTR(-EEXIST));
	}
	revert_creds(old);
	return pid;
}

/* /proc/PID/cmdline, environ and mem: a process's memory, at the host. */
int __wrap_access_remote_vm(struct mm_struct *mm, unsigned long addr,
			    void *buf, int len, unsigned int gup_flags);
int __wrap_access_remote_vm(struct mm_struct *mm, unsigned long addr,
			    void *buf, int len, unsigned int gup_flags)
{
	struct kbox_mem_write one = { addr, buf, len };
	unsigned long done = 0;

	if (!mm->context.tgid)
		return 0;
	if (gup_flags & FOLL_FORCE)
		kbox_host->mem_force(mm->context.tgid, buf, addr, len,
				     !!(gup_flags & FOLL_WRITE), &done);
	else if (gup_flags & FOLL_WRITE)
		kbox_host->mem_write(mm->context.tgid, &one, 1, &done);
	else
		kbox_host->mem_read(mm->context.tgid, buf, addr, len, &done);
	return done;
}

/*
 * Without an MMU a ramfs file is made contiguous when it grows, for mappings
 * that no guest of ours makes: growing stays lazy.
 */
int __wrap_ramfs_nommu_expand_for_mapping(struct inode *inode, size_t newsize);
int __wrap_ramfs_nommu_expand_for_mapping(struct inode *inode, size_t newsize)
{
	truncate_setsize(inode, newsize);
	return 0;
}

/* Contiguous views of scattered pages: RAM is mapped a second time. */
static void *alias(struct page **pages, unsigned int count)
{
	unsigned long long *offsets;
	unsigned int i;
	void *addr;

	offsets = kmalloc_array(count, sizeof(*offsets), GFP_KERNEL);
	if (!offsets)
		return NULL;
	for (i = 0; i < count; i++)
		offsets[i] = page_to_phys(pages[i]);
	addr = kbox_host->ram_alias(offsets, count);
	kfree(offsets);
	return addr;
}

void *__wrap_vm_map_ram(struct page **pages, unsigned int count, int node);
void *__wrap_vm_map_ram(struct page **pages, unsigned int count, int node)
{
	return alias(pages, count);
}

void __wrap_vm_unmap_ram(const void *mem, unsigned int count);
void __wrap_vm_unmap_ram(const void *mem, unsigned int count)
{
	kbox_host->ram_unalias((void *)mem, count);
}

/* vunmap() is not told the length. */
struct vmap_area_note {
	struct list_head link;
	const void *addr;
	unsigned int count;
};
static LIST_HEAD(vmaps);

void *__wrap_vmap(struct page **pages, unsigned int count,
		  unsigned long flags, pgprot_t prot);
void *__wrap_vmap(struct page **pages, unsigned int count,
		  unsigned long flags, pgprot_t prot)
{
	struct vmap_area_note *note = kmalloc(sizeof(*note), GFP_KERNEL);

	if (!note)
		return NULL;
	note->addr = alias(pages, count);
	note->count = count;
	if (!note->addr) {
		kfree(note);
		return NULL;
	}
	list_add(&note->link, &vmaps);
	return (void *)note->addr;
}

void __wrap_vunmap(const void *addr);
void __wrap_vunmap(const void *addr)
{
	struct vmap_area_note *note;

	list_for_each_entry(note, &vmaps, link) {
		if (note->addr == addr) {
			list_del(&note->link);
			kbox_host->ram_unalias((void *)addr, note->count);
			kfree(note);
			return;
		}
	}
	BUG_ON(addr);
}

/* Locked shared memory is counted by mm/mlock.c, which needs an MMU. */
int user_shm_lock(size_t size, struct ucounts *ucounts)
{
	return 1;
}

void user_shm_unlock(size_t size, struct ucounts *ucounts)
{
}

/*
 * /sys/kernel/slab: two thousand files about the allocator, five out of six in
 * /sys, would be made at each boot, for half a millisecond and a megabyte.
 * The folders stay empty.
 */
int __real_sysfs_create_group(struct kobject *kobj,
			      const struct attribute_group *group);
int __wrap_sysfs_create_group(struct kobject *kobj,
			      const struct attribute_group *group);
int __wrap_sysfs_create_group(struct kobject *kobj,
			      const struct attribute_group *group)
{
	if (kobj->kset && !strcmp(kobject_name(&kobj->kset->kobj), "slab"))
		return 0;
	return __real_sysfs_create_group(kobj, group);
}
