// SPDX-License-Identifier: GPL-2.0-only
/*
 * The few functions that a compiler expects of a freestanding program.
 *
 * Side: guest. Written so that the compiler cannot turn them into calls of
 * themselves.
 */
#include "loader.h"

void *memcpy(void *dst, const void *src, unsigned long len)
{
	void *ret = dst;

	__asm__ volatile("rep movsb"
			 : "+D"(dst), "+S"(src), "+c"(len)
			 :
			 : "memory");
	return ret;
}

void *memmove(void *dst, const void *src, unsigned long len)
{
	unsigned char *to = (unsigned char *)dst + len - 1;
	const unsigned char *from = (const unsigned char *)src + len - 1;

	if ((unsigned long)dst - (unsigned long)src >= len)
		return memcpy(dst, src, len);
	__asm__ volatile("std; rep movsb; cld"
			 : "+D"(to), "+S"(from), "+c"(len)
			 :
			 : "memory");
	return dst;
}

void *memset(void *dst, int byte, unsigned long len)
{
	void *ret = dst;

	__asm__ volatile("rep stosb"
			 : "+D"(dst), "+c"(len)
			 : "a"(byte)
			 : "memory");
	return ret;
}

unsigned long strlen(const char *s)
{
	const char *end = s;

	while (*(const volatile char *)end)
		end++;
	return (unsigned long)(end - s);
}
