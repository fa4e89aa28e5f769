/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a call is owed that the host restarts after a handler.
 *
 * Side: host. A signal that comes while nobody has received a notification
 * makes the host give up the call, run the handler and restart the call,
 * whatever the call and the handler's flags are (src/dispatch/sigaction.c).
 * When the call is one that natively ends with EINTR then, it is owed that, if
 * it has to wait.
 *
 * Theory of operation: a handler ends with rt_sigreturn, which is notified. The
 * frame at the stack pointer says where the thread goes back to. When that is
 * a system call instruction, with the number of a call in its register, it is
 * noted here (src/dispatch/sigreturn.c), and the thread's next call, if it is
 * that one, is the restart. A signal that came just before the instruction
 * looks the same, and no program can tell it from one just after.
 *
 * Invariants
 *  1. Only the thread's very next call is owed anything. One in between was
 *     made by another handler, or by a program that went elsewhere.
 *  2. A call that need not wait is owed nothing: its result is what counts.
 *
 * Sources: signal(7); arch/x86/kernel/signal.c, kernel/seccomp.c.
 */
#ifndef KBOX_GUEST_OWED_H
#define KBOX_GUEST_OWED_H

#include "box.h"

/*
 * @thread's handler is over, and it goes back to make call @nr: the instruction
 * ends at @ip, the stack pointer is @sp. @interrupts: the handler asked to
 * interrupt. When another handler took over before that call, what it was
 * owed already stays.
 */
void kbox_owed_note(struct kbox_thread *thread, long nr, unsigned long ip,
		    unsigned long sp, bool interrupts);

/* It goes back to something else. */
void kbox_owed_forget(struct kbox_thread *thread);

/* thread->call has come: is it the one that was noted? Sets thread->owed. */
void kbox_owed_judge(struct kbox_thread *thread);

/*
 * Whether @thread's call, given up because of what it is owed with @value, is
 * to be made again, since the handler does not interrupt such a call.
 */
bool kbox_owed_again(const struct kbox_thread *thread, long value);

#endif
