// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loader: what the host kernel executes in place of a guest's program.
 *
 * Side: guest, freestanding; it sees nothing but abi/. Last station of an
 * execve: the library kernel has checked the program and made the plan, the
 * supervisor has let the host execute this file with the guest's own arguments
 * and environment. The loader asks for the plan, maps the program and its
 * interpreter from shadows, puts right what the host could not know (auxiliary
 * vector, arguments of #! scripts, name of the process) and jumps.
 *
 * Invariants
 *  1. PLAN is its first system call, LAYOUT its last; in between it makes only
 *     calls that the filter leaves to the host, so an exec costs two
 *     notifications beside its own.
 *  2. It reads the files only through private mappings, and trusts nothing in
 *     them: a hostile file ends its own process and harms nothing else.
 *  3. It leaves registers, stack and memory as the host's own ELF code does;
 *     what differs is that its own two mappings remain, that the heap follows
 *     them, and that gaps between segments stay reserved.
 *
 * It does not look at PT_INTERP (the plan tells whether there is one) nor at
 * PT_GNU_PROPERTY (x86-64 needs none of it at this place).
 *
 * Source: fs/binfmt_elf.c of Linux; System V ABI, AMD64 supplement, 3.4.
 */
#include <linux/auxvec.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <stddef.h>

#include "loader.h"
#include "syscall.h"

#define KBOX_NAME_SIZE 16	/* TASK_COMM_LEN */

/*
 * How many pages a position-independent program may be moved up, as the
 * host's default vm.mmap_rnd_bits: 2^28.
 */
#define KBOX_RANDOM_PAGES_MASK 0xfffffffUL

extern char kbox_loader_end[];	/* loader.lds: behind the bss */

/*
 * The plan is too large for a stack frame, and its pages are touched only as
 * far as the supervisor fills them.
 */
static struct kbox_loader_plan kbox_plan;

static unsigned long kbox_rotate(unsigned long x, int by)
{
	return x << by | x >> (64 - by);
}

/*
 * A number that tells nothing about AT_RANDOM, whose bytes become the C
 * library's stack canary and pointer guard: SipHash rounds over both halves.
 */
static unsigned long kbox_random(const struct kbox_stack *stack)
{
	const unsigned long *seed =
		(const unsigned long *)kbox_stack_auxv(stack, AT_RANDOM);
	unsigned long v0 = 0x736f6d6570736575UL, v1 = 0x646f72616e646f6dUL;
	unsigned long v2 = 0x6c7967656e657261UL, v3 = 0x7465646279746573UL;
	int i;

	if (!seed)
		return 0;
	v0 ^= seed[0];
	v2 ^= seed[0];
	v1 ^= seed[1];
	v3 ^= seed[1];
	for (i = 0; i < 6; i++) {
		v0 += v1;
		v1 = kbox_rotate(v1, 13) ^ v0;
		v0 = kbox_rotate(v0, 32);
		v2 += v3;
		v3 = kbox_rotate(v3, 16) ^ v2;
		v0 += v3;
		v3 = kbox_rotate(v3, 21) ^ v0;
		v2 += v1;
		v1 = kbox_rotate(v1, 17) ^ v2;
		v2 = kbox_rotate(v2, 32);
	}
	return v0 ^ v1 ^ v2 ^ v3;
}

/*
 * The offset of a position-independent program. A heap right behind the
 * loader tells that the host does not randomise (setarch -R, sysctl).
 */
static unsigned long kbox_program_offset(const struct kbox_stack *stack)
{
	if (kbox_brk(0) == KBOX_PAGE_UP((unsigned long)kbox_loader_end))
		return 0;
	return (kbox_random(stack) & KBOX_RANDOM_PAGES_MASK) * KBOX_PAGE_SIZE;
}

static void kbox_get_plan(struct kbox_loader_plan *plan)
{
	unsigned int i, strings = 0;

	if (kbox_syscall3(KBOX_NR_LOADER_PLAN, (unsigned long)plan, 0, 0))
		kbox_exit(KBOX_LOADER_EXIT_PLAN);
	if (plan->strings_len > sizeof(plan->strings))
		kbox_exit(KBOX_LOADER_EXIT_PLAN);
	for (i = 0; i < plan->strings_len; i++)
		strings += !plan->strings[i];
	if (!strings || strings - 1 != plan->prefix_count ||
	    plan->strings[plan->strings_len - 1])
		kbox_exit(KBOX_LOADER_EXIT_PLAN);
}

/* Name the host's process after the program, not after the loader. */
static void kbox_set_name(const char *path)
{
	char name[KBOX_NAME_SIZE] = "";
	const char *base = path;
	unsigned long len;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	len = (unsigned long)(path - base);
	if (len > sizeof(name) - 1)
		len = sizeof(name) - 1;
	memcpy(name, base, len);
	kbox_syscall3(__NR_prctl, PR_SET_NAME, (unsigned long)name, 0);
}

/*
 * What a user may have set that helps to attack a program with more rights ends
 * with its exec. The host does not see those rights, so it has kept it.
 */
static void kbox_clear_personality(void)
{
	const unsigned long unsafe = READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE |
				     ADDR_COMPAT_LAYOUT | MMAP_PAGE_ZERO;
	unsigned long now = (unsigned long)kbox_syscall3(__NR_personality,
							 0xffffffff, 0, 0);

	if (!(now & unsafe))
		return;
	kbox_syscall3(__NR_personality, now & ~unsafe, 0, 0);
	if (now & MMAP_PAGE_ZERO)
		kbox_munmap(0, KBOX_PAGE_SIZE);
}

void kbox_loader_main(unsigned long sp)
{
	struct kbox_loader_plan *plan = &kbox_plan;
	struct kbox_exec_layout layout;
	struct kbox_image program, interp;
	struct kbox_stack stack;

	kbox_get_plan(plan);
	if (plan->secure)
		kbox_clear_personality();
	kbox_stack_read(sp, &stack);

	if (plan->has_interp) {
		kbox_image_map(KBOX_LOADER_MAIN_FD, KBOX_IMAGE_PROGRAM,
			       kbox_program_offset(&stack), &program);
		kbox_image_map(KBOX_LOADER_INTERP_FD, KBOX_IMAGE_ANYWHERE, 0,
			       &interp);
	} else {
		kbox_image_map(KBOX_LOADER_MAIN_FD, KBOX_IMAGE_ANYWHERE, 0,
			       &program);
	}
	if (program.stack_exec)
		kbox_stack_allow_exec(&stack);

	kbox_set_name(plan->strings);
	kbox_stack_build(&stack, plan, &program,
			 plan->has_interp ? &interp : NULL, &layout);
	kbox_syscall3(KBOX_NR_LOADER_LAYOUT, (unsigned long)&layout, 0, 0);
	kbox_loader_jump(plan->has_interp ? interp.entry : program.entry,
			 layout.stack);
}
