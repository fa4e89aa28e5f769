// SPDX-License-Identifier: GPL-2.0-only
/*
 * Build and install the guests' seccomp filter.
 *
 * Side: host, in the child that becomes the first guest. The filter is the
 * first thing that a system call of a guest meets.
 *
 * The program: the architecture, the x32 numbers, then a binary search for the
 * run of numbers that the call is in. Its leaves are verdicts, a few with a
 * condition on arguments before them.
 *
 * Invariants
 *  1. Every number has a verdict; one that the table does not have is notified,
 *     never allowed.
 *  2. Nothing but the number and the architecture is loaded on the way to an
 *     unconditional verdict. So the host finds out at installation that a call
 *     is always allowed and no longer runs the filter for it (seccomp_cache in
 *     the host's kernel/seccomp.c).
 *  3. A condition looks at the low half of an argument only, which is all that
 *     the host looks at in the int arguments that the table has conditions on.
 *
 * It does not use libseccomp, which cannot test the instruction pointer.
 * Sources: seccomp(2), the kernel's Documentation/userspace-api/seccomp_filter.
 */
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/macros.h"
#include "loader.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define X32_FIRST 0x40000000U	/* __X32_SYSCALL_BIT, and all above it */
/* By which a tracer skips a call: the host leaves the result to the tracer. */
#define NO_CALL 0xffffffffU
#define JUMP_MAX 255U		/* the reach of a conditional jump */

#define ALLOW SECCOMP_RET_ALLOW
#define NOTIFY SECCOMP_RET_USER_NOTIF
#define DENY(error) (SECCOMP_RET_ERRNO | (error))

#define DATA(member) ((uint32_t)offsetof(struct seccomp_data, member))
#define LOADER_END (KBOX_LOADER_BASE + KBOX_LOADER_SIZE)

_Static_assert(KBOX_LOADER_BASE >> 32 == LOADER_END >> 32,
	       "the loader lies within one 4 GiB block");

enum term_op {
	TERM_EQ,	/* argument == value */
	TERM_NE,	/* argument != value */
	TERM_LT,	/* argument < value, unsigned */
	TERM_ANY,	/* argument & value */
	TERM_LOADER,	/* the call comes from the loader's code */
};

struct term {
	unsigned char op;
	unsigned char arg;
	unsigned char end;	/* the last one of an alternative */
	uint32_t value;
};

/* Holds when all terms of one of its alternatives hold. */
struct condition {
	unsigned int count;
	struct term terms[4];
};

/* The numbers first to last have a verdict; with a condition, unless it holds. */
struct range {
	uint32_t first, last;
	uint32_t verdict;
	int condition;		/* -1 for none */
};

#include "filter-table.h"

/* What is left of a condition when all but the loader's calls are seen. */
#define FROM_LOADER (-2)
static const struct condition from_loader = {
	1, { { TERM_LOADER, 0, 1, 0 } },
};

/* Runs without gaps: at most one gap before each run and one after the last. */
struct search {
	unsigned int count;
	struct range runs[2 * KBOX_ARRAY_SIZE(ranges) + 1];
};

struct program {
	unsigned int flags;
	struct sock_filter *insns;
	size_t cap;
	size_t len;		/* may run past cap: then it did not fit */
};

static void emit(struct program *p, uint16_t code, unsigned int jt,
		 unsigned int jf, uint32_t k)
{
	if (p->len < p->cap)
		p->insns[p->len] = (struct sock_filter)BPF_JUMP(
			code, k, (uint8_t)jt, (uint8_t)jf);
	p->len++;
}

static void emit_load(struct program *p, uint32_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void emit_return(struct program *p, uint32_t verdict)
{
	emit(p, BPF_RET | BPF_K, 0, 0, verdict);
}

static unsigned int term_size(const struct term *t)
{
	return t->op == TERM_LOADER ? 5 : 2;
}

/* Falls through when @t holds, else goes to instruction @fail. */
static void emit_term(struct program *p, const struct term *t, size_t fail)
{
	if (t->op == TERM_LOADER) {
		emit_load(p, DATA(instruction_pointer) + 4);
		emit(p, BPF_JMP | BPF_JEQ, 0, fail - p->len - 1,
		     KBOX_LOADER_BASE >> 32);
		emit_load(p, DATA(instruction_pointer));
		emit(p, BPF_JMP | BPF_JGE, 0, fail - p->len - 1,
		     (uint32_t)KBOX_LOADER_BASE);
		emit(p, BPF_JMP | BPF_JGE, fail - p->len - 1, 0,
		     (uint32_t)LOADER_END);
		return;
	}
	emit_load(p, DATA(args) + 8U * t->arg);
	switch (t->op) {
	case TERM_EQ:
		emit(p, BPF_JMP | BPF_JEQ, 0, fail - p->len - 1, t->value);
		break;
	case TERM_NE:
		emit(p, BPF_JMP | BPF_JEQ, fail - p->len - 1, 0, t->value);
		break;
	case TERM_ANY:
		emit(p, BPF_JMP | BPF_JSET, 0, fail - p->len - 1, t->value);
		break;
	default:
		emit(p, BPF_JMP | BPF_JGE, fail - p->len - 1, 0, t->value);
		break;
	}
}

static const struct condition *condition_of(const struct range *r)
{
	return r->condition == FROM_LOADER ? &from_loader :
	       r->condition < 0		   ? NULL :
					     &conditions[r->condition];
}

/*
 * The alternative of @c that begins with term @from: the index behind its last
 * term, and in *@ret_size its instructions. With SEE_NATIVE only the loader
 * makes calls natively: 0 instructions for what others might do.
 */
static unsigned int next_alternative(const struct condition *c,
				     unsigned int from, unsigned int flags,
				     unsigned int *ret_size)
{
	bool keep = !(flags & KBOX_FILTER_SEE_NATIVE);
	unsigned int i = from, size = 1;

	do {
		keep |= c->terms[i].op == TERM_LOADER;
		size += term_size(&c->terms[i]);
	} while (!c->terms[i++].end);
	*ret_size = keep ? size : 0;
	return i;
}

static void emit_condition(struct program *p, const struct condition *c)
{
	unsigned int i, j, size;

	for (i = 0; i < c->count; i = j) {
		size_t fail = p->len;

		j = next_alternative(c, i, p->flags, &size);
		if (!size)
			continue;
		fail += size;
		for (; i < j; i++)
			emit_term(p, &c->terms[i], fail);
		emit_return(p, ALLOW);
	}
}

static unsigned int leaf_size(const struct range *r, unsigned int flags)
{
	const struct condition *c = condition_of(r);
	unsigned int i = 0, size, sum = 1;

	while (c && i < c->count) {
		i = next_alternative(c, i, flags, &size);
		sum += size;
	}
	return sum;
}

/* Instructions that emit_search() makes for runs @from up to, not with, @to. */
static unsigned int search_size(const struct search *s, unsigned int flags,
				unsigned int from, unsigned int to)
{
	unsigned int mid = (from + to) / 2, left;

	if (mid == from)
		return leaf_size(&s->runs[from], flags);
	left = search_size(s, flags, from, mid);
	return left + search_size(s, flags, mid, to) +
	       (left > JUMP_MAX ? 2 : 1);
}

static void emit_search(struct program *p, const struct search *s,
			unsigned int from, unsigned int to)
{
	unsigned int mid = (from + to) / 2, left;

	if (mid == from) {
		const struct condition *c = condition_of(&s->runs[from]);

		if (c)
			emit_condition(p, c);
		emit_return(p, s->runs[from].verdict);
		return;
	}
	left = search_size(s, p->flags, from, mid);
	if (left > JUMP_MAX) {
		emit(p, BPF_JMP | BPF_JGE, 0, 1, s->runs[mid].first);
		emit(p, BPF_JMP | BPF_JA, 0, 0, left);
	} else {
		emit(p, BPF_JMP | BPF_JGE, left, 0, s->runs[mid].first);
	}
	emit_search(p, s, from, mid);
	emit_search(p, s, mid, to);
}

static bool is_denied(uint32_t verdict)
{
	return (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

/* What becomes of a run when somebody watches. */
static struct range watched(const struct range *r, unsigned int flags)
{
	struct range result = *r;

	if (flags & KBOX_FILTER_SEE_DENIED && is_denied(r->verdict))
		result.verdict = NOTIFY;
	if (flags & KBOX_FILTER_SEE_NATIVE && r->verdict == ALLOW) {
		result.verdict = NOTIFY;
		result.condition = FROM_LOADER;
	}
	return result;
}

/* Append the run first to last, after the gap before it. */
static void add_run(struct search *s, uint32_t *next, const struct range *r)
{
	if (r->first > *next)
		s->runs[s->count++] =
			(struct range){ *next, r->first - 1, NOTIFY, -1 };
	s->runs[s->count++] = *r;
	*next = r->last + 1;
}

int kbox_filter_build(struct sock_filter *buf, size_t cap, unsigned int flags)
{
	struct program p = { .flags = flags, .insns = buf, .cap = cap };
	struct search s = { 0 };
	uint32_t next = 0;
	size_t i;

	for (i = 0; i < KBOX_ARRAY_SIZE(ranges); i++) {
		struct range run = watched(&ranges[i], flags);

		add_run(&s, &next, &run);
	}
	s.runs[s.count++] = (struct range){ next, X32_FIRST - 1, NOTIFY, -1 };

	emit_load(&p, DATA(arch));
	emit(&p, BPF_JMP | BPF_JEQ, 1, 0, AUDIT_ARCH_X86_64);
	emit_return(&p, SECCOMP_RET_KILL_PROCESS);
	emit_load(&p, DATA(nr));
	emit(&p, BPF_JMP | BPF_JGE, 0, 3, X32_FIRST);
	emit(&p, BPF_JMP | BPF_JEQ, 0, 1, NO_CALL);
	emit_return(&p, ALLOW);
	emit_return(&p, DENY(ENOSYS));
	emit_search(&p, &s, 0, s.count);
	return p.len <= cap ? (int)p.len : -E2BIG;
}

static bool term_holds(const struct term *t, const unsigned long args[6],
		       unsigned long ip)
{
	uint32_t arg = (uint32_t)args[t->arg];

	switch (t->op) {
	case TERM_EQ:
		return arg == t->value;
	case TERM_NE:
		return arg != t->value;
	case TERM_LT:
		return arg < t->value;
	case TERM_ANY:
		return arg & t->value;
	default:
		return ip >= KBOX_LOADER_BASE && ip < LOADER_END;
	}
}

static bool condition_holds(const struct condition *c,
			    const unsigned long args[6], unsigned long ip)
{
	bool all = true;

	for (unsigned int i = 0; i < c->count; i++) {
		all &= term_holds(&c->terms[i], args, ip);
		if (c->terms[i].end && all)
			return true;
		all |= c->terms[i].end;
	}
	return false;
}

int kbox_filter_judge(long nr, const unsigned long args[6], unsigned long ip)
{
	unsigned int from = 0, to = KBOX_ARRAY_SIZE(ranges);

	while (from < to) {
		unsigned int mid = (from + to) / 2;
		const struct range *r = &ranges[mid];

		if (nr < (long)r->first) {
			to = mid;
		} else if (nr > (long)r->last) {
			from = mid + 1;
		} else {
			if (r->condition >= 0 &&
			    condition_holds(&conditions[r->condition], args, ip))
				return KBOX_FILTER_ALLOW;
			if (is_denied(r->verdict))
				return -(int)(r->verdict & SECCOMP_RET_DATA);
			return r->verdict == ALLOW ? KBOX_FILTER_ALLOW :
						     KBOX_FILTER_NOTIFY;
		}
	}
	return KBOX_FILTER_NOTIFY;
}

int kbox_filter_install(unsigned int flags)
{
	struct sock_filter insns[KBOX_FILTER_INSNS_MAX];
	struct sock_fprog prog = { .filter = insns };
	int ret;

	ret = kbox_filter_build(insns, KBOX_FILTER_INSNS_MAX, flags);
	if (ret < 0)
		return ret;
	prog.len = (unsigned short)ret;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	ret = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER |
				   SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			   &prog);
	return ret < 0 ? -errno : ret;
}
