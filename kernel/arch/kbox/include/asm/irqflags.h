/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_IRQFLAGS_H
#define _ASM_KBOX_IRQFLAGS_H

/*
 * Nothing interrupts kernel code here: "interrupts" are functions that the
 * supervisor calls between two runs. The flag only keeps the stock kernel's
 * bookkeeping true.
 */
#define ARCH_IRQ_DISABLED	0
#define ARCH_IRQ_ENABLED	1

extern unsigned long kbox_irq_flag;

static inline unsigned long arch_local_save_flags(void)
{
	return kbox_irq_flag;
}

static inline void arch_local_irq_restore(unsigned long flags)
{
	kbox_irq_flag = flags;
	asm volatile("" ::: "memory");
}

#include <asm-generic/irqflags.h>

#endif
