/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rt_sigreturn: a handler is over, and may go back to a call to be restarted.
 *
 * Side: host. The host does it; we look at where it goes, for the EINTR that
 * the host does not give since all handlers restart calls there (sigaction.c).
 * Handlers that asked to interrupt return by way of the loader's pages, so the
 * instruction pointer tells them from others.
 *
 * A call that comes to us again is noted (src/guest/owed.h). For one that the
 * host does without us the frame is changed: the thread goes back behind the
 * instruction, with EINTR.
 *
 * The frame is looked at when it can matter: after a handler that interrupts,
 * or when calls were lost since the thread's last look, be they whosever.
 *
 * Invariants
 *  1. The frame is the guest's. It is copied once, nothing in it is used as
 *     more than a number to compare with, and what is written goes where the
 *     guest can write itself: a false one harms nobody else.
 *  2. The frame is changed only if the bytes that it goes back to are a system
 *     call instruction.
 *
 * Sources: arch/x86/include/asm/sigframe.h, asm/sigcontext.h; futex(2),
 * signal(7); proc(5) on /proc/PID/syscall.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "../../abi/loader.h"
#include "../base/cleanup.h"
#include "../guest/owed.h"
#include "dispatch.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif

static const unsigned char syscall_instruction[] = { 0x0f, 0x05 };
#define SYSCALL_BYTES sizeof(syscall_instruction)

/*
 * The beginning of the host's struct rt_sigframe, as far as it matters, without
 * the return address: that has been popped.
 */
struct frame {
	uint64_t flags, link, stack[3];
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t di, si, bp, bx, dx;
	/* What changes with a call's result, and one in between. */
	struct {
		uint64_t ax, cx, sp, ip;
	} result;
};

static int stack_pointer(int tid, kbox_guest_addr *ret_sp)
{
	KBOX_CLEANUP_FILE FILE *file = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*d %*x %*x %*x %*x %*x %*x %" SCNx64,
			    ret_sp) != 1)
		return -ESRCH;
	return 0;
}

/* A wait for a futex that ends by nothing but a signal, if by no other thread. */
static bool waits_for_futex(const struct frame *frame)
{
	switch (frame->result.ax) {
	case SYS_futex:
		switch ((int)frame->si & FUTEX_CMD_MASK) {
		case FUTEX_WAIT:
		case FUTEX_WAIT_BITSET:
			return !frame->r10;	/* else the host gives EINTR */
		default:
			return false;
		}
	case SYS_futex_waitv:
	case SYS_futex_wait:
		return true;
	default:
		return false;
	}
}

/* Waits of the host's that no handler restarts; lost under a trace at most. */
static bool waits_for_signal(const struct frame *frame)
{
	return frame->result.ax == SYS_pause ||
	       frame->result.ax == SYS_rt_sigsuspend ||
	       frame->result.ax == SYS_rt_sigtimedwait;
}

/*
 * Whether it goes back to make a call. A result, or what a program computes
 * with, may look like a call's number; the instruction tells.
 */
static bool makes_call(int tid, const struct frame *frame)
{
	unsigned char bytes[SYSCALL_BYTES];

	return frame->result.ax < KBOX_COUNTED_NRS &&
	       kbox_guest_read(tid, bytes, frame->result.ip, sizeof(bytes)) ==
		       0 &&
	       !memcmp(bytes, syscall_instruction, sizeof(bytes));
}

/* Let the thread go back behind the call, as the host does with a result. */
static void give_eintr(int tid, kbox_guest_addr addr, struct frame *frame)
{
	frame->result.ip += SYSCALL_BYTES;
	frame->result.ax = (uint64_t)-EINTR;
	frame->result.cx = frame->result.ip;
	/* Where it cannot be written, the call is made again. */
	kbox_guest_write(tid, addr + offsetof(struct frame, result),
			 &frame->result, sizeof(frame->result));
}

static void look(struct kbox_thread *thread, bool interrupts)
{
	kbox_guest_addr addr;
	struct frame frame;

	if (stack_pointer(thread->tid, &addr) < 0 ||
	    kbox_guest_read(thread->tid, &frame, addr, sizeof(frame)) < 0 ||
	    !makes_call(thread->tid, &frame)) {
		kbox_owed_forget(thread);
	} else if (waits_for_signal(&frame) ||
		   (interrupts && waits_for_futex(&frame))) {
		kbox_owed_forget(thread);
		give_eintr(thread->tid, addr, &frame);
	} else {
		kbox_owed_note(thread, (long)frame.result.ax,
			       frame.result.ip + SYSCALL_BYTES,
			       frame.result.sp, interrupts);
	}
}

enum kbox_verdict kbox_dispatch_rt_sigreturn(struct kbox_box *box,
					     struct kbox_thread *thread,
					     struct kbox_call *call)
{
	bool interrupts = call->ip == KBOX_LOADER_SIGRETURN_IP;
	unsigned long lost = thread->process->listener->lost;

	(void)box;
	if (interrupts || thread->lost != lost || thread->last_return.valid)
		look(thread, interrupts);
	thread->lost = lost;
	return KBOX_CONTINUE;
}
