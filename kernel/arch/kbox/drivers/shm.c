// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory. Side: kernel.
 *
 * Keys, rights, times and limits are the stock ipc/shm.c's. The memory is a
 * segment of the host's, which guests attach natively: so both have the same
 * number, which the supervisor chooses. What is attached is the host's to
 * know. A segment that is attached anywhere is attached once here, so that the
 * stock code does not destroy what is in use; the supervisor tells when it no
 * longer is.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/unistd.h>
#include <asm/kbox.h>
#include <../ipc/util.h>

/* One per segment. Its area is in no address space. */
struct attachment {
	struct list_head link;
	struct vm_area_struct area;
};
static LIST_HEAD(attachments);

static bool in_call(long nr)
{
	return current->thread.handle && current->thread.handle->nr == nr;
}

/* The file's inode has the segment's number; see newseg(). */
static int id_of(const struct attachment *a)
{
	return file_inode(a->area.vm_file)->i_ino;
}

static void detach(struct attachment *a)
{
	list_del(&a->link);
	a->area.vm_ops->close(&a->area);
	fput(a->area.vm_file);
	kfree(a);
}

static struct attachment *find(int id)
{
	struct attachment *a;

	list_for_each_entry(a, &attachments, link)
		if (id_of(a) == id)
			return a;
	return NULL;
}

static long attach(struct file *file)
{
	struct attachment *a, *before;
	int err;

	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	vm_flags_init(&a->area, VM_SHARED | VM_MAYSHARE | VM_READ);
	a->area.vm_file = get_file(file);
	err = call_mmap(file, &a->area);
	if (err) {
		fput(file);
		kfree(a);
		return err;
	}
	before = find(id_of(a));
	list_add(&a->link, &attachments);
	if (before)
		detach(before);
	return 0;
}

/* What shmat does once it has checked everything. */
unsigned long __real_do_mmap(struct file *file, unsigned long addr,
			     unsigned long len, unsigned long prot,
			     unsigned long flags, vm_flags_t vm_flags,
			     unsigned long pgoff, unsigned long *populate,
			     struct list_head *uf);
unsigned long __wrap_do_mmap(struct file *file, unsigned long addr,
			     unsigned long len, unsigned long prot,
			     unsigned long flags, vm_flags_t vm_flags,
			     unsigned long pgoff, unsigned long *populate,
			     struct list_head *uf);
unsigned long __wrap_do_mmap(struct file *file, unsigned long addr,
			     unsigned long len, unsigned long prot,
			     unsigned long flags, vm_flags_t vm_flags,
			     unsigned long pgoff, unsigned long *populate,
			     struct list_head *uf)
{
	if (in_call(__NR_shmat))
		return attach(file);
	return __real_do_mmap(file, addr, len, prot, flags, vm_flags, pgoff,
			      populate, uf);
}

/* The memory is the host's: none is to be set aside here. */
struct file *__real_shmem_kernel_file_setup(const char *name, loff_t size,
					    unsigned long flags);
struct file *__wrap_shmem_kernel_file_setup(const char *name, loff_t size,
					    unsigned long flags);
struct file *__wrap_shmem_kernel_file_setup(const char *name, loff_t size,
					    unsigned long flags)
{
	return __real_shmem_kernel_file_setup(name, size, flags | VM_NORESERVE);
}

int __real_ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *new, int limit);
int __wrap_ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *new, int limit);
int __wrap_ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *new, int limit)
{
	int id;

	if (!in_call(KBOX_CALL_SHMGET))
		return __real_ipc_addid(ids, new, limit);
	id = current->thread.handle->args[3];
	/* Taken: by a segment that only this kernel still has. */
	if (idr_find(&ids->ipcs_idr, ipcid_to_idx(id)))
		return -ENOSPC;
	ids->next_id = id;
	id = __real_ipc_addid(ids, new, limit);
	ids->next_id = -1;
	return id;
}

/*
 * A stock segment that no segment of the host's stands behind cannot be made:
 * the number must come from the host.
 */
long kbox_call_shmget(int key, unsigned long size, int flags)
{
	return ksys_shmget(key, size, flags);
}

long kbox_call_shm_detach(int id)
{
	struct attachment *a = find(id);

	if (!a)
		return -EINVAL;
	detach(a);
	return 0;
}
