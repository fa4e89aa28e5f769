/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_CURRENT_H
#define _ASM_KBOX_CURRENT_H

/* One CPU: the current task is a plain variable, set by switch_to(). */
struct task_struct;
extern struct task_struct *kbox_current;
#define current kbox_current

#endif
