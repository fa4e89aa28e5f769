/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the library kernel and the supervisor.
 *
 * Side: both. kernel/arch/kbox implements the kbox_lk_*() entry points and
 * calls the host through struct kbox_host_ops; src/lkernel does the opposite.
 *
 * Invariants
 *  1. Everything here runs on one host thread. The supervisor enters the
 *     kernel with kbox_lk_*(); the kernel calls kbox_host_ops only while it is
 *     entered. Kernel tasks are coroutines with 32 KiB stacks, and the host
 *     operations run on them: no large frames in an operation.
 *  2. Only plain C types cross; the header includes nothing, so both Kbuild
 *     and the host compiler read it as it is.
 *  3. Errors are negative errno values, the same on both sides.
 *  4. The number of a kernel task is the number of the host thread that it
 *     serves, and its thread group's number is that of the host process; so
 *     a guest's memory is named by its tgid alone.
 */
#ifndef KBOX_ABI_LKERNEL_H
#define KBOX_ABI_LKERNEL_H

/* A piece of host memory. The same layout as struct iovec. */
struct kbox_iovec {
	void *base;
	unsigned long len;
};

/* One write to guest memory: @len bytes from @src to address @addr. */
struct kbox_mem_write {
	unsigned long addr;
	const void *src;
	unsigned long len;
};

/*
 * Which version of which file. The first five members are the classic key of
 * the shadow cache, the rest is what makes it exact.
 */
struct kbox_file_id {
	unsigned long long dev;		/* the kernel's dev_t, user encoding */
	unsigned long long ino;
	long long mtime_sec;
	long long mtime_nsec;
	unsigned long long size;	/* bytes */
	long long ctime_sec;
	long long ctime_nsec;
	unsigned long long generation;	/* of the inode number */
	unsigned long long version;	/* rises with every change of the contents */
	/*
	 * Not for the cache: a part of a file too large to copy whole, or a
	 * file whose changes the above does not show.
	 */
	unsigned long long once;
};

/*
 * What a host memfd that a guest maps is called, from dev and ino: the guest's
 * /proc/PID/maps is made from the host's, which shows this name.
 */
#define KBOX_SHADOW_NAME "kbox:%llx:%llx"

/*
 * Shadows in the cache have numbers, 1 and up. Who has one in place already says
 * so when asking for it again, and is spared another descriptor.
 */
#define KBOX_SHADOW_HAVE 0x7fffffff

/* A regular file that the kernel has open; valid while the operation runs. */
struct kbox_file;

struct kbox_host_stat {
	unsigned int mode;		/* S_IF* and permissions, as stat(2) */
	unsigned int rdev_major;
	unsigned int rdev_minor;
};

/* Texts of the host's that guests see, as a whole or in part. */
struct kbox_text {
	enum {
		KBOX_TEXT_MAPS,		/* /proc/TGID/maps */
		KBOX_TEXT_SMAPS,	/* ... and so on */
		KBOX_TEXT_SMAPS_ROLLUP,
		KBOX_TEXT_STAT,		/* /proc/TGID/stat; /proc/TGID/task/TID/ ... */
		KBOX_TEXT_STATUS,	/* ... the same for status */
		KBOX_TEXT_STATM,
		KBOX_TEXT_CPU_INFO,	/* /proc/cpuinfo */
		KBOX_TEXT_CPU_TIMES,	/* /proc/stat */
		KBOX_TEXT_MEMORY,	/* /proc/meminfo */
		KBOX_TEXT_UPTIME,	/* /proc/uptime */
		KBOX_TEXT_CPUS_ONLINE,	/* /sys/devices/system/cpu/ ... */
		KBOX_TEXT_CPUS_POSSIBLE,
		KBOX_TEXT_CPUS_PRESENT,
		KBOX_TEXT_MMAP_MIN_ADDR,	/* /proc/sys/vm/ ... */
		KBOX_TEXT_MAX_MAP_COUNT,
	} kind;
	int tgid;
	int tid;		/* 0: of the process as a whole */
};

/* Pieces of memory in one request to a disk. */
#define KBOX_DISK_IOV_MAX 256

/* Not done yet: no errno of Linux, and no success. */
#define KBOX_DISK_LATER 1

/*
 * What a disk of struct kbox_lk_conf is asked for. The kernel keeps it, and the
 * memory that it names, until it is done. Requests that are under way together
 * may be done in any order; a flush covers what was done before it was begun.
 */
struct kbox_disk_request {
	enum {
		KBOX_DISK_READ,
		KBOX_DISK_WRITE,
		KBOX_DISK_ZERO,
		KBOX_DISK_DISCARD,
		KBOX_DISK_FLUSH,
	} op;
	unsigned int disk;		/* index */
	unsigned long long offset, len;	/* bytes, multiples of 512 */
	int flush_first;		/* a flush before the rest of it */
	int durable;			/* on the disk itself once it is done */
	const struct kbox_iovec *iov;	/* for READ and WRITE: @len together */
	unsigned int count;
	int error;			/* of disk_reap: 0 or -errno */
	struct kbox_disk_request *next;	/* the host's, until it is done */
};

/* Pieces of memory in one request to a bind mount: 1 MiB of pages, arguments. */
#define KBOX_BIND_IOV_MAX 264

/*
 * A request to a folder or file of the host's that guests see (kbox_bind in the
 * supervisor), in the terms of FUSE's protocol, linux/fuse.h: @in[0] is a
 * struct fuse_in_header, each argument that follows is a piece of its own, data
 * may be in several. The kernel keeps it, and the memory that it names, until
 * it is done.
 */
struct kbox_bind_request {
	unsigned int bind;		/* index */
	const struct kbox_iovec *in, *out;
	unsigned int in_count, out_count;
	int error;			/* 0 or -errno */
	unsigned int out_bytes;		/* of @out that the reply has */
	struct kbox_bind_request *next;	/* the host's, until it is done */
};

/* Not done yet: no errno of Linux, and no success. */
#define KBOX_BIND_LATER 1

struct kbox_host_ops {
	/* Nanoseconds of the host's CLOCK_MONOTONIC and CLOCK_REALTIME. */
	unsigned long long (*monotonic_ns)(void);
	unsigned long long (*realtime_ns)(void);

	/*
	 * RAM: @bytes of zeroed, page-aligned memory, or NULL. Its pages can
	 * be seen a second time, side by side: ram_alias maps @count pages,
	 * each given by its byte offset in RAM; ram_unalias undoes it.
	 */
	void *(*ram_map)(unsigned long long bytes);
	void *(*ram_alias)(const unsigned long long *offsets,
			   unsigned int count);
	void (*ram_unalias)(void *addr, unsigned int count);

	/* @len bytes of the kernel log; not NUL terminated. */
	void (*console_write)(const char *text, unsigned long len);

	/* The kernel cannot go on. Does not return. */
	void (*panic)(const char *why) __attribute__((noreturn));

	/* Fill with the host's randomness. Never fails, never blocks. */
	void (*random)(void *buf, unsigned long len);

	/*
	 * Guest memory of process @tgid. Both return 0, or -EFAULT when any
	 * byte could not be transferred; *@ret_done tells how many were.
	 */
	int (*mem_read)(int tgid, void *dst, unsigned long addr,
			unsigned long len, unsigned long *ret_done);
	int (*mem_write)(int tgid, const struct kbox_mem_write *writes,
			 unsigned int count, unsigned long *ret_done);
	/*
	 * One piece, read to @buf or written from it, whatever the protection
	 * of the pages: what is written to one that is read-only and private
	 * is the process's own from then on. As above.
	 */
	int (*mem_force)(int tgid, void *buf, unsigned long addr,
			 unsigned long len, int write, unsigned long *ret_done);

	/*
	 * A text of the host's: how many bytes of it are in @buf, @size when
	 * there may be more; or -errno.
	 */
	long (*text)(const struct kbox_text *which, char *buf,
		     unsigned long size);
	/*
	 * /proc/TGID/pagemap and clear_refs: bytes that were transferred, or
	 * -errno.
	 */
	long (*pagemap_read)(int tgid, void *buf, unsigned long size,
			     unsigned long long offset);
	long (*clear_refs)(int tgid, const char *text, unsigned long len);
	/* As sysinfo(2) has it. */
	void (*load)(unsigned long ret_loads[3]);

	/*
	 * Begin with a request. 0 or -errno when it is done already;
	 * KBOX_DISK_LATER when disk_reap will give it back.
	 */
	int (*disk_submit)(struct kbox_disk_request *request);
	/*
	 * A request that was begun earlier and is done now, ->error and all;
	 * NULL: none yet. Does not block.
	 */
	struct kbox_disk_request *(*disk_reap)(void);

	/*
	 * Begin with a request to a bind mount: 0 when it is done already, with
	 * ->error and ->out_bytes; KBOX_BIND_LATER when bind_reap will give it
	 * back, as disk_reap does.
	 */
	int (*bind_submit)(struct kbox_bind_request *request);
	struct kbox_bind_request *(*bind_reap)(void);

	/*
	 * A host descriptor behind a guest's file (standard input and such).
	 * Reads and writes never block: -EAGAIN instead. fd_poll takes and
	 * returns poll(2) events. fd_watch asks for one call of
	 * kbox_lk_fd_ready(cookie) once any of @events holds; asking again
	 * with the same cookie replaces the question, events 0 withdraws it.
	 * fd_ioctl's @arg is kernel memory of the command's own size, but for
	 * TCFLSH, TCXONC, TCSBRK and TCSBRKP, which carry a number in it.
	 */
	long (*fd_read)(int fd, void *buf, unsigned long len);
	long (*fd_write)(int fd, const void *buf, unsigned long len);
	int (*fd_poll)(int fd, int events);
	int (*fd_watch)(int fd, int events, void *cookie);
	int (*fd_ioctl)(int fd, unsigned int cmd, void *arg);
	int (*fd_stat)(int fd, struct kbox_host_stat *ret_st);
	/* No file of a guest is left in front of @fd. */
	void (*fd_put)(int fd);
	/*
	 * Whether process @tgid may read (@sig is SIGTTIN) or set (SIGTTOU) the
	 * terminal behind @fd now: 0 also for what is no terminal; -EIO; or
	 * -ERESTARTSYS after @sig was sent to its host process group. Asked
	 * before the operation, which the host sees as the supervisor's.
	 */
	int (*fd_job_control)(int fd, int tgid, int sig);
	/* Whether @fd is the controlling terminal of process @tgid. */
	int (*fd_controls)(int fd, int tgid);

	/* All of @iov to @offset of a shadow under construction; 0 or -errno. */
	int (*shadow_write)(int fd, const struct kbox_iovec *iov,
			    unsigned int count, unsigned long long offset);

	/*
	 * A sealed shadow of @file, which has the identity @id: a host fd
	 * that the caller owns, or -errno. A miss is filled by calling
	 * kbox_lk_file_fill(@file, fd) back. KBOX_SHADOW_HAVE, and nothing is
	 * owned, when it would be that with the number @have, see below.
	 */
	int (*shadow_get)(const struct kbox_file_id *id, struct kbox_file *file,
			  unsigned long have);
	void (*shadow_put)(int fd);	/* closes what shadow_get returned */

	/*
	 * @id->size bytes of zeroes that nobody else has, and that shared
	 * mappings can write to: a host fd that the caller owns, or -errno.
	 */
	int (*shadow_zero)(const struct kbox_file_id *id);

	/*
	 * The contents of this inode changed or its number became free; @ino
	 * 0: that of all inodes of the device.
	 */
	void (*shadow_invalidate)(unsigned long long dev,
				  unsigned long long ino);

	/*
	 * The memory behind a file that guests map with MAP_SHARED: a memfd,
	 * named by its descriptor (-errno when it cannot be made). Written
	 * with shadow_write. Sizes and offsets are bytes.
	 */
	int (*live_create)(unsigned long long dev, unsigned long long ino,
			   unsigned long long size);
	void (*live_destroy)(int fd);
	/* Up to @len bytes; fewer at the end of the memfd; -errno. */
	long (*live_read)(int fd, void *buf, unsigned long len,
			  unsigned long long offset);
	int (*live_resize)(int fd, unsigned long long size);
	/* Make a range zero and give its memory back. */
	int (*live_clear)(int fd, unsigned long long offset,
			  unsigned long long len);
	/* First offset from @offset on outside of a hole; -ENXIO: none. */
	long long (*live_data)(int fd, unsigned long long offset);
	/*
	 * Process @tgid is about to map it: a host fd as shadow_get gives. The
	 * process counts as a mapper until it ends, executes, or a scan shows
	 * that it has unmapped all of it.
	 */
	int (*live_map)(int fd, int tgid, int writable);
	/* Whether @tgid, or with 0 any process, is a mapper. */
	int (*live_mapped)(int fd, int tgid);
	void (*live_scan)(void);

	/*
	 * The kernel raised @sig for host thread @tid of process @tgid, or
	 * for the process as a whole when @tid is 0.
	 */
	void (*signal)(int tgid, int tid, int sig);

	/*
	 * The signals that are pending for host thread @tid or its process,
	 * blocked ones included; signal N is bit N - 1.
	 */
	unsigned long long (*pending_signals)(int tid);

	/* The signals that host thread @tid blocks or its process ignores. */
	unsigned long long (*refused_signals)(int tid);
};

struct kbox_lk_disk {
	unsigned long long bytes;	/* a multiple of 512 */
	int read_only;
};

#define KBOX_LK_DISKS_MAX 8	/* letters a to h; one image plus overlays */

struct kbox_lk_conf {
	unsigned long long ram_bytes;	/* a multiple of 4 KiB */
	const char *command_line;	/* kernel command line */
	int supervisor_pid;		/* number of the supervisor's own task */
	int supervisor_group;		/* its process group and session at */
	int supervisor_session;		/* the host; 0: not known */
	int log_level;			/* console log level, 0 to 8 */
	unsigned int disk_count;	/* disk 0 is /dev/kboxa, 1 is /dev/kboxb ... */
	struct kbox_lk_disk disks[KBOX_LK_DISKS_MAX];
};

/*
 * A kernel task, seen from the supervisor. The handle outlives the kernel's
 * task_struct: it stays valid until kbox_lk_task_put().
 */
struct kbox_task;

/*
 * Boot. Runs until the kernel is idle. *@ret_task is a task of the
 * supervisor's own, numbered conf->supervisor_pid, whose system calls take
 * pointers into the supervisor's memory: mounts and so on are made with it.
 * It runs as root with all capabilities, is the child subreaper of all guests,
 * and starts on an empty root file system that has /dev, /proc, /sys and
 * /mnt as empty folders. Once in the life of a process; @ops and @conf are
 * copied. 0 or -errno.
 */
int kbox_lk_boot(const struct kbox_host_ops *ops,
		 const struct kbox_lk_conf *conf, struct kbox_task **ret_task);

/* Write everything back, detach the disks. Guests must have ended. */
void kbox_lk_halt(void);

/*
 * The error of a call that the host has to do in the guest's place: read,
 * readv and preadv2 of a signalfd, on a signalfd of the host's own. No errno of
 * Linux has this number.
 */
#define KBOX_ENATIVE 600

enum kbox_call_status {
	KBOX_CALL_DONE,		/* *ret_value is the result */
	KBOX_CALL_PENDING,	/* an event of kbox_lk_run() will bring it */
	KBOX_CALL_EXITED,	/* the task ended in the call */
};

/*
 * Let @task make system call @nr (or one of enum kbox_internal_call). Returns
 * an enum kbox_call_status, or -EBUSY when the task has a call under way, or
 * -ESRCH when it has ended. A result may be one of the kernel's restart codes
 * (-512 to -516), to be given to the host kernel as it is.
 */
int kbox_lk_call(struct kbox_task *task, long nr, const unsigned long args[6],
		 long *ret_value);

/* Calls that are no system calls, but run in a task like one. */
enum kbox_internal_call {
	/*
	 * clone(args[0] = clone flags without the signal, args[1] = number of
	 * the new task, args[2] = struct kbox_task **). Memory flags are
	 * ignored but for threads. Returns 0.
	 */
	KBOX_CALL_CLONE = -1,
	/*
	 * exec(args[0] = dirfd, args[1] = path, args[2] = AT_* flags, args[3] =
	 * number of the thread that traces the caller, or 0). Checks
	 * everything that can fail, then stays pending with an event
	 * KBOX_EVENT_EXEC until kbox_lk_exec_commit() or _abort().
	 */
	KBOX_CALL_EXEC = -2,
	/*
	 * map(args[0] = fd, args[1] = PROT_*, args[2] = MAP_*, args[3] =
	 * length, args[4] = offset, args[5] = number of the shadow that the
	 * caller has, or 0): the checks of mmap(2), then the shadow: returns a
	 * host fd that the caller owns (shadow_put), KBOX_SHADOW_HAVE, or
	 * -errno.
	 */
	KBOX_CALL_MAP = -3,
	/*
	 * hostfd(args[0] = host fd, args[1] = O_ACCMODE flags): a guest file
	 * in front of a host descriptor; returns the guest's fd number.
	 */
	KBOX_CALL_HOSTFD = -4,
	/*
	 * exit(args[0] = wait status): ends the whole thread group of the
	 * task. For a task with a call under way use kbox_lk_kill().
	 */
	KBOX_CALL_EXIT_GROUP = -5,
	/*
	 * pidfd(args[0] = fd, args[1] = unsigned int *): the number of the
	 * process that the pidfd names, also after its end; its file flags
	 * go to *args[1], in the supervisor's memory. With args[2] a folder of
	 * /proc names its process, too. -EBADF for others.
	 */
	KBOX_CALL_PIDFD = -6,
	/*
	 * shmget(args[0] = key, args[1] = bytes, args[2] = flags, args[3] =
	 * number): a segment that does not exist is made with that number.
	 */
	KBOX_CALL_SHMGET = -7,
	/* Nobody has the segment with the number args[0] attached any more. */
	KBOX_CALL_SHM_DETACH = -8,
	/*
	 * msync(): the files that the caller's process maps with MAP_SHARED
	 * hold what was stored in the mappings, and are on the disk. 0 or
	 * -errno.
	 */
	KBOX_CALL_MSYNC = -9,
	/*
	 * may_trace(args[0] = number of a thread, args[1] = the other way
	 * round): whether the caller may control it and read and write its
	 * memory, or it may by the caller's wish control the caller: 0,
	 * -EPERM, or -ESRCH.
	 */
	KBOX_CALL_MAY_TRACE = -10,
	/*
	 * may_clone(args[0] = clone flags): whether the caller may make a
	 * child in namespaces of its own: 0 or the -errno of clone(2).
	 */
	KBOX_CALL_MAY_CLONE = -11,
	/*
	 * terminal(args[0] = host fd): make the device KBOX_TERMINAL_NAME, a
	 * terminal of the kernel's whose line is the host fd. Once. 0 or
	 * -errno.
	 */
	KBOX_CALL_TERMINAL = -12,
};

/* Under /dev, with the number that such consoles have. */
#define KBOX_TERMINAL_NAME "hvc0"
#define KBOX_TERMINAL_MAJOR 229
#define KBOX_TERMINAL_MINOR 0

enum kbox_event_kind {
	KBOX_EVENT_COMPLETED,	/* task's pending call gave value */
	KBOX_EVENT_EXITED,	/* task ended */
	KBOX_EVENT_EXEC,	/* task's exec is ready for the host */
};

struct kbox_event {
	enum kbox_event_kind kind;
	struct kbox_task *task;
	long value;
};

/*
 * Run what can run. 1: *@ret_event is filled, call again; 0: all is idle, the
 * supervisor may sleep until kbox_lk_next_event_ns() or an fd is ready.
 */
int kbox_lk_run(struct kbox_event *ret_event);

/* CLOCK_MONOTONIC time of the kernel's next timer; ~0ULL for none. */
unsigned long long kbox_lk_next_event_ns(void);

/* A host fd that fd_watch asked about is ready for @events. */
void kbox_lk_fd_ready(void *cookie, int events);

/*
 * A memfd of live_create may have lost its last mapper: what was stored in it
 * goes back to its file, soon, in a task of the kernel's own.
 */
void kbox_lk_live_check(void);

/* Make the task's pending call give up, as a signal would. */
void kbox_lk_interrupt(struct kbox_task *task);

/* Signals are pending for @task: those who poll a signalfd look again. */
void kbox_lk_pending(struct kbox_task *task);

/*
 * What the read of @task wants that has just given -KBOX_ENATIVE: the signals
 * go to *@ret_signals; 1 when the descriptor does not block, else 0.
 */
int kbox_lk_signalfd(const struct kbox_task *task,
		     unsigned long long *ret_signals);

/*
 * The host thread behind @task is gone: end this task, or with @group its
 * whole thread group. The end comes as KBOX_EVENT_EXITED per task.
 */
void kbox_lk_kill(struct kbox_task *task, int group);

/*
 * Whether @task could make a child now: 0, -EAGAIN or -ENOMEM as clone(2) has
 * them. Asked before the host's clone, since the kernel's follows later.
 */
int kbox_lk_may_clone(struct kbox_task *task);

void kbox_lk_task_put(struct kbox_task *task);

/* The task's present number and thread group; an exec can change the first. */
int kbox_lk_task_tid(const struct kbox_task *task);
int kbox_lk_task_tgid(const struct kbox_task *task);

/*
 * For those who watch: the name of @task, at most 15 bytes and a NUL in @ret_comm
 * (empty when it has ended).
 */
void kbox_lk_task_comm(const struct kbox_task *task, char ret_comm[16]);

/*
 * What descriptor @fd of @task is, as its /proc/PID/fd link says it; or, with
 * KBOX_FD_CWD, its working folder. The length of the text, which is in @buf,
 * not NUL terminated; -EBADF; -ENAMETOOLONG; -ESRCH when the task has ended. No
 * task runs meanwhile.
 */
#define KBOX_FD_CWD (-100)
long kbox_lk_fd_path(const struct kbox_task *task, int fd, char *buf,
		     unsigned long size);

#define KBOX_EXEC_STRINGS_MAX 16384	/* a path and five nested #! lines */

/* What a pending exec is about to run. */
struct kbox_exec_plan {
	int main_shadow;	/* host fds, owned by the plan's reader */
	int interp_shadow;	/* -1 when there is no PT_INTERP */
	unsigned int uid, euid, gid, egid;	/* after set-id bits */
	int secure;		/* AT_SECURE */
	/*
	 * strings holds 1 + prefix_count NUL-terminated strings: AT_EXECFN,
	 * then what takes the place of argv[0] (a script's interpreter, its
	 * argument, the script); prefix_count 0 leaves argv alone.
	 */
	unsigned int prefix_count;
	unsigned int strings_len;
	char strings[KBOX_EXEC_STRINGS_MAX];
};

/*
 * Valid from KBOX_EVENT_EXEC until abort or, after a commit, the task's next
 * exec. The shadows are given away the first time, then are -1. Before the
 * commit the identity is foreseen; after it has completed, it is final. 0 or
 * -ESRCH.
 */
int kbox_lk_exec_plan(struct kbox_task *task, struct kbox_exec_plan *ret_plan);

/* Where the new image's argument and environment strings lie. */
struct kbox_exec_layout {
	unsigned long arg_start, arg_end, env_start, env_end, stack, auxv;
};

/*
 * The host has executed the loader: make the exec final (other threads,
 * close-on-exec, credentials). The call completes with 0, a result that
 * nobody waits for; from here on the task's memory is that of its tgid.
 */
int kbox_lk_exec_commit(struct kbox_task *task);
/* Where arguments lie, once the loader knows. */
void kbox_lk_exec_layout(struct kbox_task *task,
			 const struct kbox_exec_layout *layout);
/* The host's exec failed: the call completes with @error. */
int kbox_lk_exec_abort(struct kbox_task *task, int error);

/*
 * Copy the whole of @file, holes left holes, into the host file @fd (already
 * of the file's size) with ops->shadow_write. Only inside ops->shadow_get.
 * May switch to other tasks. 0 or -errno; -EAGAIN when the file changed under
 * way: shadow_get then drops the shadow and returns -EAGAIN too, and the kernel
 * asks again with the new identity.
 */
int kbox_lk_file_fill(struct kbox_file *file, int fd);

/* The kernel log so far, for a report of a failure; bytes written to @buf. */
unsigned long kbox_lk_log(char *buf, unsigned long size);

#endif
