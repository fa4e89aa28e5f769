/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_PTRACE_H
#define _ASM_KBOX_PTRACE_H

#include <uapi/asm/ptrace.h>

#ifndef __ASSEMBLY__
/*
 * Registers of guests belong to the host kernel. The stock kernel only wants
 * the type, and a frame that is "from user mode" for the timer handler.
 */
struct pt_regs {
	unsigned long ip;
	unsigned long sp;
};

#define arch_has_single_step()		(0)
#define user_mode(regs)			(1)
#define instruction_pointer(regs)	((regs)->ip)
#define profile_pc(regs)		((regs)->ip)
#define user_stack_pointer(regs)	((regs)->sp)
#define current_pt_regs()		(&kbox_dummy_regs)

extern struct pt_regs kbox_dummy_regs;
#endif
#endif
