/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program without a library that checks the registers at its first
 * instruction. Exit code 3: all zero, stack aligned; 4: not.
 */
	.text
	.globl	_start
_start:
	orq	%rbx, %rax
	orq	%rcx, %rax
	orq	%rdx, %rax
	orq	%rsi, %rax
	orq	%rdi, %rax
	orq	%rbp, %rax
	orq	%r8, %rax
	orq	%r9, %rax
	orq	%r10, %rax
	orq	%r12, %rax
	orq	%r13, %rax
	orq	%r14, %rax
	orq	%r15, %rax
	movq	%rsp, %rcx
	andq	$15, %rcx
	orq	%rcx, %rax
	movl	$3, %edi
	testq	%rax, %rax
	jz	1f
	movl	$4, %edi
1:	movl	$231, %eax
	syscall
	.section .note.GNU-stack, "", @progbits
