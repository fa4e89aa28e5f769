/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host process that becomes the first guest, or one that joins later.
 *
 * Side: host. The first is forked before the kernel is booted, so that it holds
 * nothing of the supervisor's; it waits until its kernel task is ready, puts
 * itself under the filter and executes the loader. One that joins is a copy of
 * the supervisor's memory until then; nobody may look into it (invariant 5).
 *
 * Invariants
 *  1. Before it waits, it has closed every descriptor, has given up every
 *     capability for good, and stands in the loader's folder.
 *  2. It dies with the supervisor from its first instruction on.
 *  3. Between fork and exec it uses only the shared pages, its stack and
 *     system calls.
 *  4. What its kernel task is given pointers to lies in the shared pages (see
 *     kbox_child_alloc), which both processes have at the same address.
 *  5. Until the loader runs no guest can read or write its memory: its task
 *     shows none in /proc, and struct kbox_process.unborn keeps tracers away.
 */
#ifndef KBOX_LAUNCH_CHILD_H
#define KBOX_LAUNCH_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct kbox_child_shared;

struct kbox_child {
	int pid;		/* 0: none */
	int pid_fd;		/* owned */
	size_t shared_size;	/* bytes */
	struct kbox_child_shared *shared;
};

/*
 * Fork it. @loader_dir_fd is the loader's folder; @signals the signal mask that
 * the first guest shall have; @strings_bytes the room needed for arguments and
 * environment. One that @joins a box that runs is put into a session of its own.
 * 0 or -errno.
 */
int kbox_child_start(struct kbox_child *child, int loader_dir_fd,
		     const sigset_t *signals, size_t strings_bytes, bool joins);

/*
 * Memory in the shared pages, aligned to 16 bytes and zeroed; it stays until
 * kbox_child_done(). NULL when it is used up.
 */
void *kbox_child_alloc(struct kbox_child *child, size_t size);
char *kbox_child_strdup(struct kbox_child *child, const char *text);

/*
 * Let it go on with @argv and @envp, which lie in the shared pages, and wait
 * until it is under the filter made with @filter_flags. *@ret_listener is owned by the caller. 0, or
 * -errno after one line that says what failed.
 */
int kbox_child_go(struct kbox_child *child, char **argv, char **envp,
		  unsigned int filter_flags, int *ret_listener);

/* Kill and reap it, if it has not been reaped, and free the rest. */
void kbox_child_done(struct kbox_child *child);

/* It is a guest now, and reaped by others: leave its process alone. */
void kbox_child_release(struct kbox_child *child);

#endif
