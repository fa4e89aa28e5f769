/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_ARCHRANDOM_H
#define _ASM_KBOX_ARCHRANDOM_H

/* The host's randomness is the CPU's: nothing waits for entropy at boot. */
size_t __must_check kbox_random_longs(unsigned long *v, size_t max_longs);

static inline size_t __must_check
arch_get_random_longs(unsigned long *v, size_t max_longs)
{
	return kbox_random_longs(v, max_longs);
}

static inline size_t __must_check
arch_get_random_seed_longs(unsigned long *v, size_t max_longs)
{
	return kbox_random_longs(v, max_longs);
}

#endif
