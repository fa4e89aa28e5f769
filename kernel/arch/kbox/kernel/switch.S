/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching between coroutines: tasks of the kernel, and the host. Side: kernel.
 * Switches happen in function calls, so only what the ABI calls callee-saved
 * has to be kept: no segment, no vector register, no signal mask.
 */
#include <linux/linkage.h>

	.text

/*
 * void *kbox_switch_stack(unsigned long *save_sp, unsigned long new_sp, void *cookie)
 * Returns, on the new stack, the cookie of whoever switched to it.
 */
SYM_FUNC_START(kbox_switch_stack)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdx, %rax
	ret
SYM_FUNC_END(kbox_switch_stack)

/* The first thing on a new stack: call the function in rbx(cookie, r12). */
SYM_FUNC_START(kbox_first_frame)
	movq	%rax, %rdi
	movq	%r12, %rsi
	xorl	%ebp, %ebp
	call	*%rbx
	ud2
SYM_FUNC_END(kbox_first_frame)

	.section .note.GNU-stack, "", @progbits
