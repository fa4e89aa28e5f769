/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a program natively, or through the loader under a parent that plays
 * the supervisor.
 *
 * Side: host, test only. The parent answers PLAN with descriptors of real
 * files and checks the strings that LAYOUT tells of; every other call of the
 * program is the host's.
 */
#ifndef KBOX_TEST_LOADER_HARNESS_H
#define KBOX_TEST_LOADER_HARNESS_H

#include <stddef.h>

#define HARNESS_OUTPUT_MAX (256 * 1024)	/* of one program */
#define HARNESS_PREFIX_MAX 4

struct harness_program {
	const char *path;	/* AT_EXECFN, and what execve(2) gets natively */
	const char *file;	/* the ELF file; path unless path is a script */
	const char *const *argv;
	const char *const *envp;
	const char *prefix[HARNESS_PREFIX_MAX];	/* up to the first NULL */
	int fixed_addresses;	/* no randomisation */
	int plan_error;		/* answer PLAN with this errno */
	int stop_before_jump;	/* kill it at LAYOUT; no interpreter */
};

struct harness_result {
	int status;		/* of waitpid(2) */
	int reached_layout;
	int strings_wrong;	/* LAYOUT told something else than argv, envp */
	size_t output_len;
	char output[HARNESS_OUTPUT_MAX];
};

/* Both fill @result and end the test program when the host fails. */
void harness_run_native(const struct harness_program *program,
			struct harness_result *result);
void harness_run_loader(const struct harness_program *program,
			const char *loader, struct harness_result *result);

/* The PT_INTERP of @file in @path (of @size bytes), 0; or -1: none. */
int harness_interp(const char *file, char *path, size_t size);

void harness_die(const char *what) __attribute__((noreturn));

#endif
