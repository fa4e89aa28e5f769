/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_ELF_H
#define _ASM_KBOX_ELF_H

#include <linux/elf-em.h>
#include <asm/ptrace.h>

#define ELF_CLASS	ELFCLASS64
#define ELF_DATA	ELFDATA2LSB
#define ELF_ARCH	EM_X86_64
#define ELF_PLATFORM	"x86_64"
#define ELF_HWCAP	(0)
#define ELF_EXEC_PAGESIZE PAGE_SIZE
#define ELF_NGREG	27

typedef unsigned long elf_greg_t;
typedef elf_greg_t elf_gregset_t[ELF_NGREG];
typedef struct { unsigned long opaque[64]; } elf_fpregset_t;

#define elf_check_arch(x) ((x)->e_machine == EM_X86_64)

#endif
