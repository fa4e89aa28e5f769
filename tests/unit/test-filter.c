// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests' filter: what it says for every number, by a small interpreter of
 * its own. What the host then really does is in test-filter-host.c.
 *
 * Side: host. The interpreter knows the instructions that the filter uses and
 * no others. Expectations come from the table's classes; what has a condition,
 * and what must never be native, is written down here a second time by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/macros.h"
#include "base/syscalls.h"
#include "intercept/filter.h"
#include "loader.h"

#define NUMBERS 1024	/* more than any kernel has */
#define ELSEWHERE 0x7f1234567890ULL
#define STEPS_MAX 16	/* instructions before an unconditional verdict */

static struct sock_filter insns[KBOX_FILTER_INSNS_MAX];
static size_t insn_count;

/* What a run of the program did. */
struct outcome {
	uint32_t verdict;
	unsigned int steps;
	int looked;	/* loaded something else than nr and arch */
};

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t value;

	assert_true(offset % 4 == 0 && offset + 4 <= sizeof(*data));
	memcpy(&value, (const char *)data + offset, sizeof(value));
	return value;
}

static int holds(const struct sock_filter *in, uint32_t acc)
{
	switch (in->code) {
	case BPF_JMP | BPF_JEQ:
		return acc == in->k;
	case BPF_JMP | BPF_JGE:
		return acc >= in->k;
	case BPF_JMP | BPF_JSET:
		return (acc & in->k) != 0;
	}
	fail_msg("instruction %#x", in->code);
	return 0;
}

static struct outcome run(const struct seccomp_data *data)
{
	struct outcome out = { 0 };
	uint32_t acc = 0;
	size_t pc = 0;

	for (;;) {
		const struct sock_filter *in = &insns[pc++];

		assert_true(pc <= insn_count);
		out.steps++;
		if (in->code == (BPF_LD | BPF_W | BPF_ABS)) {
			acc = load(data, in->k);
			out.looked |= in->k > 4;
		} else if (in->code == (BPF_RET | BPF_K)) {
			out.verdict = in->k;
			return out;
		} else if (in->code == (BPF_JMP | BPF_JA)) {
			pc += in->k;
		} else {
			pc += holds(in, acc) ? in->jt : in->jf;
		}
	}
}

static struct outcome call(long nr, const uint64_t args[6], uint64_t ip)
{
	struct seccomp_data data = { .nr = (int)nr,
				     .arch = AUDIT_ARCH_X86_64,
				     .instruction_pointer = ip };

	if (args)
		memcpy(data.args, args, sizeof(data.args));
	return run(&data);
}

static uint32_t verdict(long nr, uint64_t a0, uint64_t a1)
{
	const uint64_t args[6] = { a0, a1, 0, 0, 0, 0 };

	return call(nr, args, ELSEWHERE).verdict;
}

/* Numbers whose verdict depends on more than the number. */
static const int conditional[] = {
	SYS_mmap, SYS_getpgid, SYS_getsid, SYS_getpriority, SYS_setpriority,
	SYS_sched_setparam, SYS_sched_getparam, SYS_sched_setscheduler,
	SYS_sched_getscheduler, SYS_sched_rr_get_interval,
	SYS_timer_create, SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep,
	SYS_ioprio_set, SYS_ioprio_get, SYS_migrate_pages, SYS_get_robust_list,
	SYS_move_pages, SYS_sched_setattr, SYS_sched_getattr, SYS_prctl,
	SYS_msync, SYS_personality, SYS_ptrace,
};

static int is_conditional(long nr)
{
	size_t i;

	for (i = 0; i < KBOX_ARRAY_SIZE(conditional); i++)
		if (conditional[i] == nr)
			return 1;
	return 0;
}

/* The verdict of the table's class, where no condition holds. */
static uint32_t class_verdict(long nr)
{
	const struct kbox_syscall_info *info = kbox_syscall_info(nr);

	if (!info)
		return SECCOMP_RET_USER_NOTIF;
	switch (info->class) {
	case KBOX_SYSCALL_HOST:
		return SECCOMP_RET_ALLOW;
	case KBOX_SYSCALL_DENY:
		return SECCOMP_RET_ERRNO | (uint32_t)info->error;
	default:
		return SECCOMP_RET_USER_NOTIF;
	}
}

static const uint64_t values[] = {
	0, 1, 2, 3, 15, 16, 0x20, 0x22, 1000, 0x7fffffff, 0x80000000,
	0xffffffff, ~0ULL, -100ULL, 1ULL << 32, (1ULL << 32) + 1,
};

static void test_every_number(void **state)
{
	struct outcome out;
	long nr;

	(void)state;
	for (nr = 0; nr < NUMBERS; nr++) {
		if (is_conditional(nr))
			continue;
		out = call(nr, NULL, ELSEWHERE);
		assert_int_equal(out.verdict, class_verdict(nr));
		assert_false(out.looked);
		assert_true(out.steps <= STEPS_MAX);
	}
}

static void test_arguments_do_not_matter(void **state)
{
	uint64_t args[6];
	size_t i, j;
	long nr;

	(void)state;
	for (nr = 0; nr < NUMBERS; nr++)
		for (i = 0; i < KBOX_ARRAY_SIZE(values); i++) {
			if (is_conditional(nr))
				continue;
			for (j = 0; j < 6; j++)
				args[j] = values[i];
			assert_int_equal(call(nr, args, KBOX_LOADER_BASE).verdict,
					 class_verdict(nr));
		}
}

static void test_conditions_only_add_native(void **state)
{
	size_t i, j, k;
	uint64_t args[6];
	uint32_t got;

	(void)state;
	for (i = 0; i < KBOX_ARRAY_SIZE(conditional); i++)
		for (j = 0; j < KBOX_ARRAY_SIZE(values); j++) {
			for (k = 0; k < 6; k++)
				args[k] = values[j];
			got = call(conditional[i], args, ELSEWHERE).verdict;
			if (got != SECCOMP_RET_ALLOW)
				assert_int_equal(got,
						 class_verdict(conditional[i]));
		}
}

static void test_own_pid(void **state)
{
	static const int by_pid[] = {
		SYS_getpgid, SYS_getsid, SYS_sched_setparam,
		SYS_sched_getparam, SYS_sched_setscheduler,
		SYS_sched_getscheduler, SYS_sched_rr_get_interval,
		SYS_get_robust_list, SYS_sched_setattr, SYS_sched_getattr,
		SYS_migrate_pages, SYS_move_pages,
	};
	size_t i;
	int nr;

	(void)state;
	for (i = 0; i < KBOX_ARRAY_SIZE(by_pid); i++) {
		nr = by_pid[i];
		assert_int_equal(verdict(nr, 0, 7), SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(nr, 1ULL << 32, 7), SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(nr, 1, 0), class_verdict(nr));
		assert_int_equal(verdict(nr, -1ULL, 0), class_verdict(nr));
	}
}

static void test_own_priority(void **state)
{
	const uint32_t ask = SECCOMP_RET_USER_NOTIF;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const int cpu = i ? SYS_setpriority : SYS_getpriority;
		const int io = i ? SYS_ioprio_set : SYS_ioprio_get;

		/* PRIO_PROCESS, PRIO_PGRP, PRIO_USER */
		assert_int_equal(verdict(cpu, 0, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(cpu, 1, 0), ask);
		assert_int_equal(verdict(cpu, 2, 0), ask);
		assert_int_equal(verdict(cpu, 0, 1), ask);
		/* IOPRIO_WHO_PROCESS, _PGRP, _USER */
		assert_int_equal(verdict(io, 1, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(io, 2, 0), ask);
		assert_int_equal(verdict(io, 3, 0), ask);
		assert_int_equal(verdict(io, 1, 1), ask);
	}
}

/* MS_SYNC, alone or with other bits, goes to the kernel's files first. */
/* Natively what the host does for the tracer of a stopped thread alone. */
static void test_ptrace(void **state)
{
	const uint64_t native[] = {
		PTRACE_PEEKTEXT, PTRACE_POKEDATA, PTRACE_POKEUSER,
		PTRACE_GETREGS,	 0x420e,
	};
	const uint64_t asked[] = {
		PTRACE_TRACEME,	   PTRACE_CONT,	     PTRACE_ATTACH,
		PTRACE_DETACH,	   PTRACE_SYSCALL,   PTRACE_SETOPTIONS,
		PTRACE_SEIZE,	   PTRACE_INTERRUPT, 1ULL << 32,
		(1ULL << 32) + 16, 0xffffffff,
	};
	uint64_t args[6] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KBOX_ARRAY_SIZE(native); i++) {
		args[0] = native[i];
		assert_int_equal(call(SYS_ptrace, args, ELSEWHERE).verdict,
				 SECCOMP_RET_ALLOW);
	}
	for (i = 0; i < KBOX_ARRAY_SIZE(asked); i++) {
		args[0] = asked[i];
		assert_int_equal(call(SYS_ptrace, args, ELSEWHERE).verdict,
				 SECCOMP_RET_USER_NOTIF);
	}
}

static void test_msync(void **state)
{
	const uint64_t flags[] = { 4, 5, 6, 7, 8, 0xffffffff };
	uint64_t args[6] = { 0 };
	uint64_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		args[2] = i;
		assert_int_equal(call(SYS_msync, args, ELSEWHERE).verdict,
				 SECCOMP_RET_ALLOW);
	}
	for (i = 0; i < KBOX_ARRAY_SIZE(flags); i++) {
		args[2] = flags[i];
		assert_int_equal(call(SYS_msync, args, ELSEWHERE).verdict,
				 SECCOMP_RET_USER_NOTIF);
	}
}

static void test_own_clock(void **state)
{
	static const int by_clock[] = { SYS_timer_create, SYS_clock_gettime,
					SYS_clock_getres, SYS_clock_nanosleep };
	/* MAKE_PROCESS_CPUCLOCK(1, CPUCLOCK_SCHED) of linux/posix-timers.h */
	const uint64_t of_init = (uint32_t)((~1U << 3) | 2U);
	size_t i;

	(void)state;
	for (i = 0; i < KBOX_ARRAY_SIZE(by_clock); i++) {
		assert_int_equal(verdict(by_clock[i], CLOCK_TAI, 0),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(by_clock[i], of_init, 0),
				 SECCOMP_RET_USER_NOTIF);
	}
}

static void test_mmap(void **state)
{
	static const struct {
		uint64_t flags, fd, ip;
		uint32_t verdict;
	} cases[] = {
		{ MAP_PRIVATE, 3, ELSEWHERE, SECCOMP_RET_USER_NOTIF },
		{ MAP_SHARED, 0, ELSEWHERE, SECCOMP_RET_USER_NOTIF },
		{ MAP_PRIVATE, -1ULL, ELSEWHERE, SECCOMP_RET_ALLOW },
		{ MAP_PRIVATE, 0xffffffff, ELSEWHERE, SECCOMP_RET_ALLOW },
		{ MAP_PRIVATE, -2ULL, ELSEWHERE, SECCOMP_RET_USER_NOTIF },
		{ MAP_PRIVATE | MAP_ANONYMOUS, 3, ELSEWHERE, SECCOMP_RET_ALLOW },
		{ MAP_PRIVATE | MAP_FIXED, 3, ELSEWHERE, SECCOMP_RET_USER_NOTIF },
		{ MAP_PRIVATE, 3, KBOX_LOADER_BASE, SECCOMP_RET_ALLOW },
		{ MAP_PRIVATE, 3, KBOX_LOADER_BASE + KBOX_LOADER_SIZE - 1,
		  SECCOMP_RET_ALLOW },
		{ MAP_PRIVATE, 3, KBOX_LOADER_BASE + KBOX_LOADER_SIZE,
		  SECCOMP_RET_USER_NOTIF },
		{ MAP_PRIVATE, 3, KBOX_LOADER_BASE - 1, SECCOMP_RET_USER_NOTIF },
		{ MAP_PRIVATE, 3, (uint32_t)KBOX_LOADER_BASE + 0x100,
		  SECCOMP_RET_USER_NOTIF },
		{ MAP_PRIVATE, 3, KBOX_LOADER_BASE + (1ULL << 32),
		  SECCOMP_RET_USER_NOTIF },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KBOX_ARRAY_SIZE(cases); i++) {
		const uint64_t args[6] = { 0, 4096, PROT_READ, cases[i].flags,
					   cases[i].fd, 0 };

		assert_int_equal(call(SYS_mmap, args, cases[i].ip).verdict,
				 cases[i].verdict);
	}
}

static void test_prctl(void **state)
{
	uint64_t args[6] = { 0 };
	uint64_t op;

	(void)state;
	for (op = 0; op < 100; op++) {
		args[0] = op;
		assert_int_equal(call(SYS_prctl, args, ELSEWHERE).verdict,
				 SECCOMP_RET_USER_NOTIF);
		assert_int_equal(call(SYS_prctl, args, KBOX_LOADER_BASE).verdict,
				 op == PR_SET_NAME ? SECCOMP_RET_ALLOW :
						     SECCOMP_RET_USER_NOTIF);
	}
}

/* Whatever the table says one day: these reach out of the process. */
static void test_never_native(void **state)
{
	static const int never[] = {
		SYS_read, SYS_write, SYS_open, SYS_openat, SYS_openat2,
		SYS_stat, SYS_access, SYS_close, SYS_close_range, SYS_dup,
		SYS_dup2, SYS_dup3, SYS_fcntl, SYS_ioctl, SYS_socket,
		SYS_connect, SYS_sendmsg, SYS_recvmsg, SYS_pipe2, SYS_chdir,
		SYS_fchdir, SYS_chroot, SYS_mount, SYS_umount2, SYS_pivot_root,
		SYS_open_tree, SYS_fsopen, SYS_setns, SYS_unshare, SYS_unlink,
		SYS_memfd_create, SYS_memfd_secret, SYS_execve, SYS_execveat,
		SYS_clone, SYS_clone3, SYS_fork, SYS_vfork, SYS_exit,
		SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill,
		SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
		SYS_pidfd_send_signal, SYS_pidfd_open, SYS_pidfd_getfd,
		SYS_process_vm_readv, SYS_process_vm_writev,
		SYS_process_madvise, SYS_kcmp,
		SYS_prlimit64, SYS_setrlimit, SYS_seccomp, SYS_bpf,
		SYS_perf_event_open, SYS_io_uring_setup, SYS_io_uring_enter,
		SYS_io_uring_register, SYS_io_setup, SYS_io_submit,
		SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key,
		SYS_init_module, SYS_finit_module, SYS_delete_module,
		SYS_kexec_load, SYS_kexec_file_load, SYS_reboot, SYS_swapon,
		SYS_swapoff, SYS_acct, SYS_settimeofday, SYS_clock_settime,
		SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_syslog,
		SYS_quotactl, SYS_name_to_handle_at, SYS_open_by_handle_at,
		SYS_shmget, SYS_shmat, SYS_semget, SYS_msgget, SYS_mq_open,
		SYS_inotify_init1, SYS_fanotify_init, SYS_epoll_create1,
		SYS_signalfd4, SYS_eventfd2, SYS_timerfd_create, SYS_vhangup,
		SYS_setpgid, SYS_setsid, SYS_iopl, SYS_ioperm,
		SYS_remap_file_pages, SYS_landlock_restrict_self, SYS_setuid,
	};
	uint64_t args[6];
	size_t i, j, k;

	(void)state;
	for (i = 0; i < KBOX_ARRAY_SIZE(never); i++)
		for (j = 0; j < KBOX_ARRAY_SIZE(values); j++) {
			for (k = 0; k < 6; k++)
				args[k] = values[j];
			assert_int_not_equal(
				call(never[i], args, KBOX_LOADER_BASE).verdict,
				SECCOMP_RET_ALLOW);
		}
}

static void test_other_ways_in(void **state)
{
	struct seccomp_data data = { .nr = SYS_getpid,
				     .arch = AUDIT_ARCH_I386 };
	const uint32_t refused = SECCOMP_RET_ERRNO | ENOSYS;
	long nr;

	(void)state;
	for (nr = 0; nr < NUMBERS; nr++) {
		data.nr = (int)nr;
		assert_int_equal(run(&data).verdict, SECCOMP_RET_KILL_PROCESS);
		assert_int_equal(verdict(nr | 0x40000000, 0, 0), refused);
	}
	assert_int_equal(verdict(-1, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(verdict(-2, 0, 0), refused);
	assert_int_equal(verdict(0x7fffffff, 0, 0), refused);
	assert_int_equal(verdict(0x3fffffff, 0, 0), SECCOMP_RET_USER_NOTIF);
	assert_int_equal(verdict(KBOX_NR_LOADER_PLAN, 0, 0),
			 SECCOMP_RET_USER_NOTIF);
	assert_int_equal(verdict(KBOX_NR_LOADER_LAYOUT, 0, 0),
			 SECCOMP_RET_USER_NOTIF);
}

static void test_too_small(void **state)
{
	static struct sock_filter small[KBOX_FILTER_INSNS_MAX];
	size_t cap;

	(void)state;
	for (cap = 0; cap < insn_count; cap += insn_count / 7) {
		memset(small, 0xa5, sizeof(small));
		assert_int_equal(kbox_filter_build(small, cap, 0), -E2BIG);
		assert_int_equal(((unsigned char *)&small[cap])[0], 0xa5);
	}
	assert_int_equal(kbox_filter_build(small, insn_count, 0), insn_count);
}

static void build(unsigned int flags)
{
	int count = kbox_filter_build(insns, KBOX_ARRAY_SIZE(insns), flags);

	assert_true(count > 0);
	insn_count = (size_t)count;
}

/* Arguments that conditions care for, and a few that they do not. */
static const uint64_t probes[] = { 0, 1, 4, 15, 16, 0x20, (uint64_t)-1 };

/* @fn for every number with many arguments, from a guest and the loader. */
static void for_all_calls(void (*fn)(long nr, const uint64_t args[6],
				     uint64_t ip))
{
	for (long nr = 0; nr < NUMBERS; nr++)
		for (size_t i = 0; i < KBOX_ARRAY_SIZE(probes) * 6; i++) {
			uint64_t args[6] = { 0 };

			args[i % 6] = probes[i / 6];
			fn(nr, args, ELSEWHERE);
			fn(nr, args, KBOX_LOADER_BASE + 8);
		}
}

static uint32_t judged(long nr, const uint64_t args[6], uint64_t ip)
{
	int verdict = kbox_filter_judge(nr, args, ip);

	return verdict == KBOX_FILTER_ALLOW  ? SECCOMP_RET_ALLOW :
	       verdict == KBOX_FILTER_NOTIFY ? SECCOMP_RET_USER_NOTIF :
					       SECCOMP_RET_ERRNO |
						       (uint32_t)-verdict;
}

static void check_judge(long nr, const uint64_t args[6], uint64_t ip)
{
	assert_int_equal(call(nr, args, ip).verdict, judged(nr, args, ip));
}

/* The supervisor knows what the filter would have said. */
static void test_judge(void **state)
{
	(void)state;
	for_all_calls(check_judge);
}

static void check_denied(long nr, const uint64_t args[6], uint64_t ip)
{
	uint32_t plain = judged(nr, args, ip);

	assert_int_equal(call(nr, args, ip).verdict,
			 plain == SECCOMP_RET_ALLOW ? plain :
						      SECCOMP_RET_USER_NOTIF);
}

static void test_see_denied(void **state)
{
	(void)state;
	build(KBOX_FILTER_SEE_DENIED);
	for_all_calls(check_denied);
	build(0);
}

/* All is seen but what only the loader needs; nothing more is allowed. */
static void check_native(long nr, const uint64_t args[6], uint64_t ip)
{
	uint32_t plain = judged(nr, args, ip);
	uint32_t seen = call(nr, args, ip).verdict;

	if (ip == ELSEWHERE)
		assert_int_equal(seen, SECCOMP_RET_USER_NOTIF);
	else if (plain != SECCOMP_RET_ALLOW)
		assert_int_equal(seen, SECCOMP_RET_USER_NOTIF);
	if (nr == SYS_mprotect && ip != ELSEWHERE)
		assert_int_equal(seen, SECCOMP_RET_ALLOW);
}

static void test_see_native(void **state)
{
	(void)state;
	build(KBOX_FILTER_SEE_DENIED | KBOX_FILTER_SEE_NATIVE);
	for_all_calls(check_native);
	build(0);
}

static int setup(void **state)
{
	(void)state;
	build(0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_arguments_do_not_matter),
		cmocka_unit_test(test_conditions_only_add_native),
		cmocka_unit_test(test_own_pid),
		cmocka_unit_test(test_own_priority),
		cmocka_unit_test(test_msync),
		cmocka_unit_test(test_ptrace),
		cmocka_unit_test(test_own_clock),
		cmocka_unit_test(test_mmap),
		cmocka_unit_test(test_prctl),
		cmocka_unit_test(test_never_native),
		cmocka_unit_test(test_other_ways_in),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_see_denied),
		cmocka_unit_test(test_see_native),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
