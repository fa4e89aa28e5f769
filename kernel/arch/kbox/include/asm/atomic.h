/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_ATOMIC_H
#define _ASM_KBOX_ATOMIC_H

#include <linux/types.h>
#include <asm/cmpxchg.h>
#include <asm/barrier.h>

/* One CPU and no interrupts: plain C is atomic. */

#define arch_atomic_read(v)	READ_ONCE((v)->counter)
#define arch_atomic_set(v, i)	WRITE_ONCE((v)->counter, (i))
#define arch_atomic64_read(v)	READ_ONCE((v)->counter)
#define arch_atomic64_set(v, i)	WRITE_ONCE((v)->counter, (i))

#define ATOMIC64_INIT(i)	{ (i) }

#define KBOX_ATOMIC_OP(prefix, atype, type, op, c_op)			\
static __always_inline void						\
arch_##prefix##_##op(type i, atype *v)					\
{									\
	v->counter = v->counter c_op i;					\
	barrier();							\
}									\
static __always_inline type						\
arch_##prefix##_fetch_##op(type i, atype *v)				\
{									\
	type old = v->counter;						\
									\
	v->counter = old c_op i;					\
	barrier();							\
	return old;							\
}

#define KBOX_ATOMIC_OP_RETURN(prefix, atype, type, op, c_op)		\
static __always_inline type						\
arch_##prefix##_##op##_return(type i, atype *v)				\
{									\
	type new = v->counter c_op i;					\
									\
	v->counter = new;						\
	barrier();							\
	return new;							\
}

#define KBOX_ATOMIC_OPS(prefix, atype, type)				\
	KBOX_ATOMIC_OP(prefix, atype, type, add, +)			\
	KBOX_ATOMIC_OP(prefix, atype, type, sub, -)			\
	KBOX_ATOMIC_OP(prefix, atype, type, and, &)			\
	KBOX_ATOMIC_OP(prefix, atype, type, or, |)			\
	KBOX_ATOMIC_OP(prefix, atype, type, xor, ^)			\
	KBOX_ATOMIC_OP_RETURN(prefix, atype, type, add, +)		\
	KBOX_ATOMIC_OP_RETURN(prefix, atype, type, sub, -)

KBOX_ATOMIC_OPS(atomic, atomic_t, int)
KBOX_ATOMIC_OPS(atomic64, atomic64_t, s64)

#define arch_atomic_add_return		arch_atomic_add_return
#define arch_atomic_sub_return		arch_atomic_sub_return
#define arch_atomic_fetch_add		arch_atomic_fetch_add
#define arch_atomic_fetch_sub		arch_atomic_fetch_sub
#define arch_atomic_fetch_and		arch_atomic_fetch_and
#define arch_atomic_fetch_or		arch_atomic_fetch_or
#define arch_atomic_fetch_xor		arch_atomic_fetch_xor
#define arch_atomic64_add_return	arch_atomic64_add_return
#define arch_atomic64_sub_return	arch_atomic64_sub_return
#define arch_atomic64_fetch_add		arch_atomic64_fetch_add
#define arch_atomic64_fetch_sub		arch_atomic64_fetch_sub
#define arch_atomic64_fetch_and		arch_atomic64_fetch_and
#define arch_atomic64_fetch_or		arch_atomic64_fetch_or
#define arch_atomic64_fetch_xor		arch_atomic64_fetch_xor

#endif
