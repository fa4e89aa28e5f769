/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the loader and the supervisor say to each other.
 *
 * Side: both. The loader (src/loader) runs inside the guest process right
 * after the host's execve; its first system call asks for the plan.
 *
 * The loader is linked at KBOX_LOADER_BASE, just below where position
 * independent programs go: its heap grows from there. The filter lets mmap of a descriptor through
 * natively when it comes from [KBOX_LOADER_BASE, +KBOX_LOADER_SIZE): the host
 * descriptors of a guest process are nothing but sealed shadows of files that
 * it may map anyway, so a guest that jumps there gains nothing.
 */
#ifndef KBOX_ABI_LOADER_H
#define KBOX_ABI_LOADER_H

#define KBOX_LOADER_BASE 0x550000000000UL	/* above the shadows of sanitizers */
#define KBOX_LOADER_SIZE 0x100000UL

/*
 * Where handlers return to that asked to interrupt calls, in the loader's
 * pages, which stay mapped; and what the instruction pointer is in their
 * rt_sigreturn. See docs/decisions/0021-handlers-restart.md.
 */
#define KBOX_LOADER_SIGRETURN (KBOX_LOADER_BASE + 0x100)
#define KBOX_LOADER_SIGRETURN_IP (KBOX_LOADER_SIGRETURN + 9)

/*
 * System call numbers of the loader's own; no kernel has them, the filter
 * sends them to the supervisor. Only a process in exec may use them.
 *
 * PLAN(struct kbox_loader_plan *): fills the plan and installs the shadows at
 * the host fds named in it. 0 or -errno.
 * LAYOUT(struct kbox_exec_layout *) of abi/lkernel.h: where the final
 * arguments are. The last thing before the jump. 0.
 */
#define KBOX_NR_LOADER_PLAN 0x6b6f01
#define KBOX_NR_LOADER_LAYOUT 0x6b6f02

#define KBOX_LOADER_MAIN_FD 0
#define KBOX_LOADER_INTERP_FD 1

#define KBOX_LOADER_STRINGS_MAX 16384	/* KBOX_EXEC_STRINGS_MAX */

struct kbox_loader_plan {
	unsigned int has_interp;	/* the interpreter is at KBOX_LOADER_INTERP_FD */
	unsigned int uid, euid, gid, egid;
	unsigned int secure;
	/*
	 * strings: 1 + prefix_count NUL-terminated strings: AT_EXECFN, then
	 * the strings that take argv[0]'s place (none: argv stays).
	 */
	unsigned int prefix_count;
	unsigned int strings_len;
	char strings[KBOX_LOADER_STRINGS_MAX];
};

/* Exit codes of a loader that cannot go on; they end the guest. */
enum kbox_loader_exit {
	KBOX_LOADER_EXIT_PLAN = 120,	/* the supervisor gave no plan */
	KBOX_LOADER_EXIT_ELF = 121,	/* a header it cannot use */
	KBOX_LOADER_EXIT_MAP = 122,	/* the host refused a mapping */
};

#endif
