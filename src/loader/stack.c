// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initial stack: reading what the host made, building what the program
 * is to see.
 *
 * Side: guest. From high to low addresses the host leaves
 *
 *	the loader's own name, environment strings, argument strings,
 *	a gap, the platform's name, 16 random bytes, a gap,
 *	auxiliary vector, envp, argv, argc
 *
 * Argument and environment strings stay where they are; the strings of a #!
 * line grow down over argv[0], so all of them stay in one piece and in order.
 * Below them, and below the end of the old vectors, come AT_EXECFN, the
 * platform's name and the random bytes, and then the vectors, moved down.
 * Everything moves to lower addresses, so copying upwards is safe.
 */
#include <linux/auxvec.h>
#include <linux/mman.h>

#include "loader.h"
#include "syscall.h"

#define KBOX_RANDOM_BYTES 16

void kbox_stack_read(unsigned long sp, struct kbox_stack *ret_stack)
{
	unsigned long *word = (unsigned long *)sp;
	struct kbox_stack *stack = ret_stack;

	stack->sp = sp;
	stack->argc = *word++;
	stack->argv = word;
	word += stack->argc + 1;
	stack->envp = word;
	while (*word++)
		;
	stack->auxv = word;
	while (word[0] != AT_NULL)
		word += 2;
	stack->end = word + 2;
}

unsigned long kbox_stack_auxv(const struct kbox_stack *stack,
			      unsigned long type)
{
	const unsigned long *aux;

	for (aux = stack->auxv; aux[0] != AT_NULL; aux += 2)
		if (aux[0] == type)
			return aux[1];
	return 0;
}

void kbox_stack_allow_exec(const struct kbox_stack *stack)
{
	/* The highest thing on the stack is the host's AT_EXECFN. */
	unsigned long top = kbox_stack_auxv(stack, AT_EXECFN);
	unsigned long start = KBOX_PAGE_DOWN(stack->sp);

	top += strlen((const char *)top) + 1;
	if (kbox_mprotect(start, KBOX_PAGE_UP(top) - start,
			  PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN))
		kbox_exit(KBOX_LOADER_EXIT_MAP);
}

/* Where argument and environment strings lie, the prefix not yet counted. */
static void kbox_stack_strings(const struct kbox_stack *stack,
			       struct kbox_exec_layout *ret_layout)
{
	struct kbox_exec_layout *layout = ret_layout;

	layout->env_end = kbox_stack_auxv(stack, AT_EXECFN);
	layout->env_start = stack->envp[0] ? stack->envp[0] : layout->env_end;
	layout->arg_end = layout->env_start;
	layout->arg_start = stack->argc ? stack->argv[0] : layout->arg_end;
}

/* Take @len bytes for @src off @top; the copy's address. */
static unsigned long kbox_push(unsigned long *top, unsigned long len,
			       unsigned long align)
{
	*top = (*top - len) & ~(align - 1);
	return *top;
}

struct kbox_aux_strings {
	unsigned long execfn, platform, random;
};

static void kbox_fix_auxv(unsigned long *aux,
			  const struct kbox_loader_plan *plan,
			  const struct kbox_image *program,
			  const struct kbox_image *interp,
			  const struct kbox_aux_strings *strings)
{
	for (; aux[0] != AT_NULL; aux += 2) {
		switch (aux[0]) {
		case AT_PHDR:
			aux[1] = program->phdr;
			break;
		case AT_PHNUM:
			aux[1] = program->phnum;
			break;
		case AT_ENTRY:
			aux[1] = program->entry;
			break;
		case AT_BASE:
			aux[1] = interp ? interp->bias : 0;
			break;
		case AT_UID:
			aux[1] = plan->uid;
			break;
		case AT_EUID:
			aux[1] = plan->euid;
			break;
		case AT_GID:
			aux[1] = plan->gid;
			break;
		case AT_EGID:
			aux[1] = plan->egid;
			break;
		case AT_SECURE:
			aux[1] = plan->secure;
			break;
		case AT_EXECFN:
			aux[1] = strings->execfn;
			break;
		case AT_PLATFORM:
			aux[1] = strings->platform;
			break;
		case AT_RANDOM:
			aux[1] = strings->random;
			break;
		}
	}
}

/* argc, argv, envp and the auxiliary vector to @sp; returns the latter. */
static unsigned long *kbox_move_vectors(const struct kbox_stack *stack,
					unsigned long sp,
					const struct kbox_loader_plan *plan,
					unsigned long prefix)
{
	const char *string = plan->strings + strlen(plan->strings) + 1;
	unsigned long kept = stack->argc, i, len;
	unsigned long *old = stack->argv, *new = (unsigned long *)sp;
	unsigned long *old_envp = stack->envp;
	unsigned long env_words = (unsigned long)(stack->auxv - old_envp);
	unsigned long aux_words = (unsigned long)(stack->end - stack->auxv);

	if (plan->prefix_count && kept) {
		kept--;
		old++;
	}
	*new++ = plan->prefix_count + kept;
	for (i = 0; i < plan->prefix_count; i++) {
		*new++ = prefix;
		len = strlen(string) + 1;
		string += len;
		prefix += len;
	}
	for (i = 0; i < kept; i++)
		*new++ = *old++;
	*new++ = 0;
	memmove(new, old_envp, (env_words + aux_words) * sizeof(*new));
	return new + env_words;
}

void kbox_stack_build(const struct kbox_stack *stack,
		      const struct kbox_loader_plan *plan,
		      const struct kbox_image *program,
		      const struct kbox_image *interp,
		      struct kbox_exec_layout *ret_layout)
{
	struct kbox_exec_layout *layout = ret_layout;
	unsigned long old_platform = kbox_stack_auxv(stack, AT_PLATFORM);
	unsigned long old_random = kbox_stack_auxv(stack, AT_RANDOM);
	unsigned long execfn_len = strlen(plan->strings) + 1;
	unsigned long prefix_len = plan->strings_len - execfn_len;
	unsigned long platform_len = 0, random_len = 0;
	unsigned long top = (unsigned long)stack->end;
	unsigned long words = (unsigned long)(stack->end - &stack->argv[-1]);
	struct kbox_aux_strings strings;
	unsigned long *auxv;

	kbox_stack_strings(stack, layout);
	if (plan->prefix_count) {
		if (stack->argc > 1)
			layout->arg_start = stack->argv[1];
		else
			layout->arg_start = layout->arg_end;
		layout->arg_start -= prefix_len;
		if (top > layout->arg_start)
			top = layout->arg_start;
		words += plan->prefix_count;
		words -= stack->argc ? 1 : 0;
	}
	if (old_platform)
		platform_len = strlen((const char *)old_platform) + 1;
	if (old_random)
		random_len = KBOX_RANDOM_BYTES;
	strings.execfn = kbox_push(&top, execfn_len, 1);
	strings.platform = kbox_push(&top, platform_len, 1);
	strings.random = kbox_push(&top, random_len, 16);
	layout->stack = kbox_push(&top, words * sizeof(words), 16);

	auxv = kbox_move_vectors(stack, layout->stack, plan, layout->arg_start);
	layout->auxv = (unsigned long)auxv;
	memcpy((void *)strings.random, (const void *)old_random, random_len);
	memmove((void *)strings.platform, (const void *)old_platform,
		platform_len);
	memcpy((void *)strings.execfn, plan->strings, execfn_len);
	memcpy((void *)layout->arg_start, plan->strings + execfn_len,
	       plan->prefix_count ? prefix_len : 0);
	kbox_fix_auxv(auxv, plan, program, interp, &strings);
}
