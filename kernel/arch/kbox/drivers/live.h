/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live files: those with MAP_SHARED mappings. Side: kernel.
 * What they are, and the invariants, are in live.c.
 */
#ifndef KBOX_LIVE_H
#define KBOX_LIVE_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>

struct kbox_live {
	struct hlist_node by_inode;
	struct inode *inode;
	struct mutex lock;
	struct task_struct *writer;	/* has the lock over a write */
	unsigned int references;
	unsigned int truncations;
	int fd;				/* the host's memfd */
	bool writable;			/* somebody may store through a mapping */
	bool failed;			/* the memfd lags behind the file */
	bool changed;			/* by the pull under way */
	bool dead;
	loff_t size;			/* of the memfd */
	unsigned int round;		/* the last periodic one that is done */
	loff_t round_pos;		/* where the next one goes on */
	struct file *file;		/* an opening of our own */
	struct vm_area_struct vma;	/* for page_mkwrite, when writable */
};

/* The live file of @inode, with a reference, or NULL. */
struct kbox_live *kbox_live_find(struct inode *inode);
void kbox_live_put(struct kbox_live *live);

/* The same, locked. */
struct kbox_live *kbox_live_lock(struct inode *inode);
void kbox_live_unlock(struct kbox_live *live);

/* From mappings to the file: bytes [@start, @end) of it. Locked; sleeps. */
int kbox_live_pull(struct kbox_live *live, loff_t start, loff_t end);

/* From the file to mappings. Locked; sleeps. */
void kbox_live_push(struct kbox_live *live, loff_t start, loff_t end);

/* The file's size may have changed: so does the memfd's. Does not sleep. */
void kbox_live_resize(struct kbox_live *live);

/* Pull [@start, @end) of @inode if it is live. 0 or -errno. */
int kbox_live_pull_inode(struct inode *inode, loff_t start, loff_t end);

/* live-ops.c: whether the operations of @file keep live files coherent. */
bool kbox_live_is_wrapped(const struct file *file);

/* live-pull.c: as kbox_live_pull(), with the memfd's bytes compared first. */
int kbox_live_pull_pages(struct kbox_live *live, loff_t start, loff_t end);

#endif
