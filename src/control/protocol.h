/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said between a sandbox and "kbox ps", "exec", "kill" and "top".
 *
 * Side: host, both ends. A sandbox listens on a SOCK_SEQPACKET socket in the
 * user's folder (folder.h); each message is one packet. A client sends requests
 * on one connection and gets one answer to each; KBOX_CONTROL_EXEC gets a second
 * one, KBOX_CONTROL_ENDED, when its program has ended. Both ends are of one
 * program: another version is refused, not understood.
 *
 * Invariants
 *  1. Each end has checked that the other one's user is its own (SO_PEERCRED)
 *     before it reads or sends anything.
 *  2. What was received has the size that it says; texts end with a NUL.
 */
#ifndef KBOX_CONTROL_PROTOCOL_H
#define KBOX_CONTROL_PROTOCOL_H

#include <stdint.h>

#include "../base/limits.h"

#define KBOX_CONTROL_VERSION 0x6b620001U

enum kbox_control_kind {
	/* Requests */
	KBOX_CONTROL_INFO,	/* answered with struct kbox_control_info */
	KBOX_CONTROL_KILL,	/* number: a signal, for the first program */
	KBOX_CONTROL_EXEC,	/* with struct kbox_control_exec and 3 files */
	KBOX_CONTROL_SIGNAL,	/* number: for the program of this connection */
	/* Answers */
	KBOX_CONTROL_DONE,	/* number: 0 or -errno */
	KBOX_CONTROL_STARTED,	/* number: of the process */
	KBOX_CONTROL_FAILED,	/* number: exit status; a text of why follows */
	KBOX_CONTROL_ENDED,	/* number: status as of wait(2) */
};

/* Every message begins with this. */
struct kbox_control_head {
	uint32_t version;	/* KBOX_CONTROL_VERSION */
	uint32_t kind;		/* enum kbox_control_kind */
	int32_t number;
	uint32_t size;		/* bytes of the message, this included */
};

#define KBOX_CONTROL_IMAGE_MAX 256

/* One box, at this moment. */
struct kbox_control_info {
	struct kbox_control_head head;
	char name[KBOX_CONTROL_NAME_MAX + 1];
	char image[KBOX_CONTROL_IMAGE_MAX];	/* cut off at the front */
	int32_t pid;		/* what the user started */
	int32_t supervisor;
	uint64_t since_ns;	/* CLOCK_REALTIME */
	uint64_t now_ns;	/* CLOCK_MONOTONIC, of the counters */
	uint64_t calls;		/* notifications */
	uint32_t by_nr[KBOX_COUNTED_NRS + 1];	/* of these */
	uint32_t processes;	/* how many; the first of them follow */
	int32_t pids[KBOX_CONTROL_PIDS_MAX];
};

/* A program to be run: texts follow each other in @texts. */
struct kbox_control_exec {
	struct kbox_control_head head;
	uint32_t has_work_dir;	/* the first text is one */
	uint32_t env_count;	/* then so many NAME=VALUE */
	uint32_t arg_count;	/* then so many arguments, one at least */
	char texts[];
};

/* Why it could not be started. */
struct kbox_control_failure {
	struct kbox_control_head head;
	char why[KBOX_CONTROL_WHY_MAX];
};

#endif
