/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Touching memory that may not be there: which signal does it give?
 *
 * Side: guest. For the programs that test mappings.
 */
#ifndef KBOX_TESTS_TOUCH_H
#define KBOX_TESTS_TOUCH_H

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

static sigjmp_buf touch_env;
static volatile sig_atomic_t touch_code;

static inline void touch_failed(int sig, siginfo_t *si, void *ctx)
{
	(void)ctx;
	touch_code = si->si_code;
	siglongjmp(touch_env, sig);
}

/* To be called first: SIGSEGV and SIGBUS are caught from here on. */
static inline void touch_prepare(void)
{
	struct sigaction sa = { .sa_sigaction = touch_failed,
				.sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

/* The signal that reading @p gives, its si_code then in touch_code; or 0. */
static inline int touch(const volatile char *p)
{
	int sig = sigsetjmp(touch_env, 1);

	if (sig == 0)
		(void)*p;
	return sig;
}

/* The same for writing. */
static inline int touch_write(volatile char *p)
{
	int sig = sigsetjmp(touch_env, 1);

	if (sig == 0)
		*p = 'w';
	return sig;
}

#endif
