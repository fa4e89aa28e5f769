/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every limit of the host side, with its reason.
 *
 * Side: host. Limits that are part of a contract are in abi/.
 */
#ifndef KBOX_BASE_LIMITS_H
#define KBOX_BASE_LIMITS_H

/*
 * Longest log line, prefix and newline included: a long path and some words.
 * It lies on the stack, which may be a kernel task's.
 */
#define KBOX_LOG_LINE_MAX 1024

/*
 * Ready watches taken from the host in one round of the event loop. More are
 * taken in the next one; the round is sorted, so it is kept small enough for
 * the stack and large enough that an end of a process is rarely in a later
 * round than a notification that came after it.
 */
#define KBOX_LOOP_ROUND_MAX 64

/* Pieces of one process_vm_writev or pwritev: the host's own UIO_MAXIOV. */
#define KBOX_IOV_MAX 1024

/*
 * Pieces taken through a kernel task's stack at a time, 16 bytes each. The
 * stacks are 32 KiB deep and part of it is used up by the caller.
 */
#define KBOX_STACK_IOV_MAX 64

/* Longest line of the kernel log shown at once; longer ones are broken. */
#define KBOX_CONSOLE_LINE_MAX 512

/* Host descriptors that guests can have open at once: three standard ones. */
#define KBOX_HOST_FDS_MAX 16

/* Watches of host descriptors by kernel files: each open file may ask once. */
#define KBOX_FD_WATCHES_MAX 64

/*
 * Bytes that go to a host descriptor without a non-blocking description at a
 * time: after poll(2) says writable, a pipe takes this much (PIPE_BUF).
 */
#define KBOX_FD_BLOCKING_WRITE_MAX 4096

/* Entries of the shadow cache: a shell session maps a few dozen files. */
#define KBOX_SHADOW_CACHE_MAX 64

/* Bytes of all cached shadows together, when the user does not say. */
#define KBOX_SHADOW_CACHE_BYTES (256ULL << 20)

/*
 * RAM of the library kernel. The least with which it boots and mounts; what
 * it gets by default; and the most, where its own page structs begin to cost.
 */
#define KBOX_RAM_MIN_BYTES (16ULL << 20)
#define KBOX_RAM_DEFAULT_BYTES (128ULL << 20)
#define KBOX_RAM_MAX_BYTES (64ULL << 30)

/* Kernel command line: COMMAND_LINE_SIZE of the kernel's architecture. */
#define KBOX_COMMAND_LINE_MAX 2048

/* Mount options given with -m: the kernel copies one page of them. */
#define KBOX_MOUNT_OPTIONS_MAX 4096

/* Arguments and variables of the first command: the host's MAX_ARG_STRINGS
 * is far higher; this bounds what a typing error can allocate.
 */
#define KBOX_ARGS_MAX 65536

/* Bytes of /etc/passwd and /etc/hostname that are looked at. */
#define KBOX_GUEST_FILE_MAX (256U << 10)

/* Bytes of the kernel log shown when the kernel panics. */
#define KBOX_PANIC_LOG_BYTES 2048

#endif
