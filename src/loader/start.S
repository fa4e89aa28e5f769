/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * First and last instructions of the loader, and what it leaves behind.
 *
 * Side: guest. The host's execve jumps to _start with the program's own stack;
 * the loader runs on a stack of its bss, so that the guest finds nothing of the
 * loader's below its stack pointer and so that the vectors can be moved freely.
 */
/*
 * Where handlers return to: KBOX_LOADER_SIGRETURN of abi/loader.h. Unwinders and
 * debuggers know the end of a handler by exactly these first nine bytes. Should
 * a signal take the call from the host, it is made again.
 */
	.section .sigreturn, "ax", @progbits
kbox_loader_sigreturn:
	movq	$15, %rax
	syscall
	jmp	kbox_loader_sigreturn

	.text
	.globl	_start
	.type	_start, @function
_start:
	movq	%rsp, %rdi
	leaq	kbox_loader_stack_end(%rip), %rsp
	xorl	%ebp, %ebp
	call	kbox_loader_main
	hlt
	.size	_start, . - _start

/*
 * void kbox_loader_jump(unsigned long entry, unsigned long sp)
 * The registers are as the host leaves them at an execve: all zero, and of the
 * flags only those that cannot be cleared are set.
 */
	.globl	kbox_loader_jump
	.type	kbox_loader_jump, @function
kbox_loader_jump:
	movq	%rsi, %rsp
	/* Below the new stack pointer nothing of the guest's lies. */
	pushq	%rdi
	pushq	$2
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	popfq
	ret
	.size	kbox_loader_jump, . - kbox_loader_jump

	.bss
	.balign	16
	.skip	8192
kbox_loader_stack_end:

	.section .note.GNU-stack, "", @progbits
