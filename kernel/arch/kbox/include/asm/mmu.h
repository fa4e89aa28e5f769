/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_MMU_H
#define _ASM_KBOX_MMU_H

typedef struct {
	unsigned long end_brk;	/* wanted by the stock no-MMU code */
	int tgid;	/* the host process whose memory this stands for */
} mm_context_t;

#endif
