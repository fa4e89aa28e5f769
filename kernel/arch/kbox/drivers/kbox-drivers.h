/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share. Side: kernel.
 */
#ifndef KBOX_DRIVERS_H
#define KBOX_DRIVERS_H

#include <linux/types.h>
#include <asm/kbox.h>

struct file;
struct file_operations;
struct inode;
struct linux_binprm;
struct task_struct;

/* Pieces of memory handed to the host in one operation; lives on stacks. */
#define KBOX_IOV_MAX 64

/*
 * Append @len bytes at @base to @iov, joined with the last piece when that
 * ends there. @count pieces are in use; returns the new count.
 */
static inline unsigned int kbox_iov_add(struct kbox_iovec *iov,
					unsigned int count, void *base,
					unsigned long len)
{
	if (count && iov[count - 1].base + iov[count - 1].len == base) {
		iov[count - 1].len += len;
		return count;
	}
	iov[count].base = base;
	iov[count].len = len;
	return count + 1;
}

/* bind.c: a file of the host's, whose size and times only the host knows. */
bool kbox_is_bind(const struct inode *inode);

/* shadow.c */

/*
 * The inode with the data of regular file @file, or NULL when its contents
 * are not simply those of a page cache (proc, sysfs and the like).
 */
struct inode *kbox_data_inode(struct file *file);

/*
 * Copy [@start, @end) of @inode to the host's @fd, as far as the file reaches.
 * Holes are left out when the opening @file is given. 0 or -errno. Sleeps.
 */
int kbox_copy_to_host(struct file *file, struct inode *inode, int fd,
		      loff_t start, loff_t end);

/*
 * live.c: a host descriptor for a mapping of @len bytes of @file at @pos, as
 * kbox_file_shadow_range(). A @shared one follows the file; guests can store
 * through a @writable one.
 */
int kbox_live_map(struct file *file, bool shared, bool writable, loff_t pos,
		  u64 len, unsigned long have);

/* exec-elf.c */
int kbox_elf_check(struct linux_binprm *bprm, struct file **ret_interp);

struct path;
struct mm_struct;

/* A task whose memory, states and times are those of a host process. */
bool kbox_is_guest(const struct task_struct *task);

/* trace.c: thread @nr, if not 0, traces the current task, which executes. */
void kbox_tracer_note(int nr);
void kbox_tracer_forget(void);

/* mapped.c */
void kbox_mapped_note(const struct path *path);
const struct path *kbox_mapped_path(struct mm_struct *mm, u64 dev, u64 ino);

/* proc-maps.c */

/* A line of the host's /proc/PID/maps. */
struct kbox_map_line {
	unsigned long start, end;
	u64 offset, dev, ino;	/* of the image's file, if it is one */
	char access[5];
	bool is_file;
	const char *name;	/* "" for none, and for what guests must not see */
};
bool kbox_map_parse(const char *line, struct kbox_map_line *ret_map);

/* proc-lines.c */

/* A text of the host's, in lines that each end with a NUL. */
struct kbox_lines {
	char *bytes;
	unsigned long len;
};
/*
 * That text: enum in struct kbox_text. 0 or -errno; ->bytes are the caller's,
 * to be given to kfree(). Sleeps.
 */
int kbox_lines_get(int kind, int tgid, int tid, struct kbox_lines *ret_lines);
/* The line that starts with @key, or NULL. */
const char *kbox_lines_find(const struct kbox_lines *lines, const char *key);

/*
 * Who waits for a host descriptor: the cookie of kbox_host->fd_watch(). Its
 * function is called like an interrupt's, with the poll(2) events that hold.
 */
struct kbox_fd_waiter {
	void (*ready)(struct kbox_fd_waiter *waiter, int events);
};

/* hostfd.c */
extern const struct file_operations kbox_hostfd_fops;
int kbox_hostfd_attach(struct inode *inode, struct file *file);

/* terminal.c */
struct file *kbox_terminal_open(struct inode *inode, int host_fd,
				unsigned int flags);

/* hostfd-ioctl.c */
long kbox_hostfd_ioctl(int host_fd, unsigned int cmd, unsigned long arg);

#endif
