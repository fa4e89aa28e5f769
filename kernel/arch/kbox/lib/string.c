// SPDX-License-Identifier: GPL-2.0-only
/*
 * memcpy, memmove and memset of the library kernel. Side: kernel.
 *
 * Short lengths by overlapping loads and stores, so that there is no loop and
 * no branch per byte; long ones by the string instructions, which are the
 * fastest way on every CPU of the last ten years.
 */
#include <linux/types.h>
#include <linux/export.h>
#include <linux/string.h>

typedef unsigned char u8x16 __attribute__((vector_size(16), aligned(1)));
typedef u64 u64_una __attribute__((aligned(1), may_alias));
typedef u32 u32_una __attribute__((aligned(1), may_alias));
typedef u16 u16_una __attribute__((aligned(1), may_alias));

/* From here on "rep movsb" beats sixteen bytes at a time. */
#define KBOX_REP_MIN 512

static inline void copy_below_16(char *d, const char *s, size_t n)
{
	if (n >= 8) {
		u64 a = *(const u64_una *)s;
		u64 b = *(const u64_una *)(s + n - 8);

		*(u64_una *)d = a;
		*(u64_una *)(d + n - 8) = b;
	} else if (n >= 4) {
		u32 a = *(const u32_una *)s;
		u32 b = *(const u32_una *)(s + n - 4);

		*(u32_una *)d = a;
		*(u32_una *)(d + n - 4) = b;
	} else if (n >= 2) {
		u16 a = *(const u16_una *)s;
		u16 b = *(const u16_una *)(s + n - 2);

		*(u16_una *)d = a;
		*(u16_una *)(d + n - 2) = b;
	} else if (n) {
		*d = *s;
	}
}

/* Ascending; right for overlapping areas when @d lies below @s. */
static inline void copy_up(char *d, const char *s, size_t n)
{
	u8x16 tail = *(const u8x16 *)(s + n - 16);
	char *last = d + n - 16;

	for (; d < last; d += 16, s += 16)
		*(u8x16 *)d = *(const u8x16 *)s;
	*(u8x16 *)last = tail;
}

static inline void copy_down(char *d, const char *s, size_t n)
{
	u8x16 head = *(const u8x16 *)s;
	size_t left = n;

	for (; left > 16; left -= 16)
		*(u8x16 *)(d + left - 16) = *(const u8x16 *)(s + left - 16);
	*(u8x16 *)d = head;
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *ret = to;

	if (n < 16)
		copy_below_16(to, from, n);
	else if (n < KBOX_REP_MIN)
		copy_up(to, from, n);
	else
		asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)
			     : : "memory");
	return ret;
}
EXPORT_SYMBOL(memcpy);

void *memmove(void *to, const void *from, size_t n)
{
	if ((unsigned long)to - (unsigned long)from >= n)
		return memcpy(to, from, n);
	if (n < 16)
		copy_below_16(to, from, n);
	else
		copy_down(to, from, n);
	return to;
}
EXPORT_SYMBOL(memmove);

void *memset(void *to, int c, size_t n)
{
	void *ret = to;

	asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return ret;
}
EXPORT_SYMBOL(memset);
