/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the loader share.
 *
 * Side: guest. See loader.c for the whole.
 */
#ifndef KBOX_LOADER_LOADER_H
#define KBOX_LOADER_LOADER_H

#include "../../abi/lkernel.h"
#include "../../abi/loader.h"

#define KBOX_PAGE_SIZE 4096UL
#define KBOX_PAGE_DOWN(x) ((x) & ~(KBOX_PAGE_SIZE - 1))
#define KBOX_PAGE_UP(x) KBOX_PAGE_DOWN((x) + KBOX_PAGE_SIZE - 1)
#define KBOX_PAGE_OFFSET(x) ((x) & (KBOX_PAGE_SIZE - 1))

/* One past the last address of a program: x86-64's TASK_SIZE. */
#define KBOX_TASK_SIZE 0x7ffffffff000UL

/* An ELF file in memory. Addresses are final, the bias is added. */
struct kbox_image {
	unsigned long bias;	/* what was added to the file's addresses */
	unsigned long entry;
	unsigned long phdr;	/* 0 when no segment holds the table */
	unsigned long phnum;
	int stack_exec;		/* PT_GNU_STACK asks for it */
};

enum kbox_image_place {
	KBOX_IMAGE_PROGRAM,	/* at 2/3 of the address space, with an offset */
	KBOX_IMAGE_ANYWHERE,	/* in the host's mmap area */
};

/*
 * Map the ELF file behind @fd. @place and @offset (bytes, a multiple of the
 * page size) concern position-independent files only. Does not return when
 * the file cannot be used: the guest ends with an enum kbox_loader_exit.
 */
void kbox_image_map(int fd, enum kbox_image_place place, unsigned long offset,
		    struct kbox_image *ret_image);

/* The initial stack as the host's execve laid it out. */
struct kbox_stack {
	unsigned long sp;	/* of argc */
	unsigned long argc;
	unsigned long *argv;
	unsigned long *envp;
	unsigned long *auxv;	/* pairs, the last one AT_NULL */
	unsigned long *end;	/* behind the auxiliary vector */
};

void kbox_stack_read(unsigned long sp, struct kbox_stack *ret_stack);

/* Value of auxiliary vector entry @type, 0 when it is missing. */
unsigned long kbox_stack_auxv(const struct kbox_stack *stack,
			      unsigned long type);

/* Let code run on the stack, as PT_GNU_STACK with PF_X asks. */
void kbox_stack_allow_exec(const struct kbox_stack *stack);

/*
 * Rebuild argc, argv, envp and the auxiliary vector for the program of @plan.
 * @interp is NULL for a program without interpreter. @ret_layout->stack is the
 * stack pointer to start with. @stack is invalid afterwards.
 */
void kbox_stack_build(const struct kbox_stack *stack,
		      const struct kbox_loader_plan *plan,
		      const struct kbox_image *program,
		      const struct kbox_image *interp,
		      struct kbox_exec_layout *ret_layout);

/* start.S */
void kbox_loader_main(unsigned long sp) __attribute__((noreturn));
void kbox_loader_jump(unsigned long entry, unsigned long sp)
	__attribute__((noreturn));

/* string.c; the compiler calls the first three by itself */
void *memcpy(void *dst, const void *src, unsigned long len);
void *memmove(void *dst, const void *src, unsigned long len);
void *memset(void *dst, int byte, unsigned long len);
unsigned long strlen(const char *s);

#endif
