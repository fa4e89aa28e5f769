/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests that trace guests.
 *
 * Side: host. The host stops, resumes and examines; who may be traced by whom
 * is judged here, at PTRACE_ATTACH, PTRACE_SEIZE and PTRACE_TRACEME, and never
 * again: the host obeys nobody but the tracer.
 *
 * Invariants
 *  1. Tracer and tracee are guests of this box, and the library kernel allows
 *     it by the credentials that they have inside.
 *  2. A process gains no rights by an exec while it is traced by one who may
 *     not trace it afterwards: the library kernel is told who traces it, as
 *     the exec begins, and until the exec is over nobody can attach. One who
 *     has been allowed to, and may not have done so yet, counts as the tracer.
 *  3. The filter is not weaker for a tracee: the host applies it after a tracer
 *     could change the call, and nobody may suspend it.
 */
#ifndef KBOX_DISPATCH_PTRACE_H
#define KBOX_DISPATCH_PTRACE_H

#include "../guest/box.h"

/* The live thread with that number, made known if need be; or NULL. */
struct kbox_thread *kbox_ptrace_find(struct kbox_box *box, int tid);

/*
 * Whether @thread may control thread @tid, of which the library kernel has a
 * task: 0, -EPERM, -ESRCH.
 */
int kbox_ptrace_may(struct kbox_box *box, struct kbox_thread *thread, int tid);

/* The number of the thread that traces @thread, which begins an exec; or 0. */
int kbox_tracer_of(struct kbox_box *box, const struct kbox_thread *thread);

#endif
