/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest processes as host processes.
 *
 * Side: host.
 */
#ifndef KBOX_GUEST_PROCESS_H
#define KBOX_GUEST_PROCESS_H

#include "box.h"

/*
 * Get a pidfd of a new process, if descriptors allow, and announce it with
 * box->process_added.
 */
void kbox_process_open(struct kbox_box *box, struct kbox_process *process);

/* Send @sig to the process itself, never to one that got its number. 0, -errno */
int kbox_process_signal(const struct kbox_process *process, int sig);

/* For a guest that broke the rules, with the reason for the log. */
void kbox_process_punish(struct kbox_box *box, struct kbox_process *process,
			 const char *reason);

/* The same for one that has no entry yet, by the number of any thread. */
void kbox_stranger_punish(struct kbox_box *box, int tid, const char *reason);

/* At the end: how many of these were not named, if any. */
void kbox_punished_summary(const struct kbox_box *box);

/* Whether the host process has ended, waited for or not. */
bool kbox_process_gone(const struct kbox_process *process);

/* Whether @pid is a live host process or thread of this box, seen or not. */
bool kbox_pid_is_ours(struct kbox_box *box, int pid);

#endif
