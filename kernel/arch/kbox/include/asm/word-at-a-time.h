/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_WORD_AT_A_TIME_H
#define _ASM_KBOX_WORD_AT_A_TIME_H

#include <linux/bitops.h>
#include <linux/wordpart.h>
#include <asm/page.h>

/* Little endian, 64 bits: a zero byte shows as bit 7 of its byte. */
struct word_at_a_time {
	const unsigned long one_bits, high_bits;
};

#define WORD_AT_A_TIME_CONSTANTS { REPEAT_BYTE(0x01), REPEAT_BYTE(0x80) }

static inline unsigned long has_zero(unsigned long a, unsigned long *bits,
				     const struct word_at_a_time *c)
{
	unsigned long mask = ((a - c->one_bits) & ~a) & c->high_bits;

	*bits = mask;
	return mask;
}

#define prep_zero_mask(a, bits, c) (bits)

static inline unsigned long create_zero_mask(unsigned long bits)
{
	bits = (bits - 1) & ~bits;
	return bits >> 7;
}

#define zero_bytemask(mask) (mask)

static inline unsigned long find_zero(unsigned long mask)
{
	return mask ? __fls(mask) / 8 + 1 : 0;
}

/*
 * May read up to seven bytes past the string, never past its page: the
 * dentry names that it is used on lie in RAM, where every page is readable.
 */
static inline unsigned long load_unaligned_zeropad(const void *addr)
{
	unsigned long in_page = PAGE_SIZE -
				((unsigned long)addr & ~PAGE_MASK);
	unsigned long word = 0;

	if (likely(in_page >= sizeof(word)))
		return *(const unsigned long *)addr;
	__builtin_memcpy(&word, addr, in_page);
	return word;
}

#endif
