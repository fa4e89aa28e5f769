// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests' filter on the real host, in a forked child: which calls are done
 * natively, which are refused, which come to the listener.
 *
 * Side: host. The child makes its calls one after the other and keeps each
 * result; the parent is the supervisor and answers every notification with
 * ANSWER. Skipped as a whole where the host has no listener for us.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "intercept/filter.h"
#include "loader.h"

#define ANSWER 4242
#define OWN_PID 1000000000L	/* stands for the number of the test */
#define STEPS 32

struct shared {
	long listener;	/* the child's fd or -errno, 0 until it is known */
	int go;		/* the parent has the listener */
	long results[STEPS];
};

static struct shared *shared;

/* Not libc's syscall(): no errno, no cancellation, any number. */
static long raw(long nr, long a0, long a1, long a2, long a3, long a4)
{
	register long r10 __asm__("r10") = a3;
	register long r8 __asm__("r8") = a4;
	register long r9 __asm__("r9") = 0;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a0), "S"(a1), "d"(a2), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

struct step {
	long nr;
	long args[5];
	long expected;
	int notified;
};

#define NATIVE(nr, expected, ...) { nr, { __VA_ARGS__ }, expected, 0 }
#define ASKED(nr, ...) { nr, { __VA_ARGS__ }, ANSWER, 1 }

static const struct step steps[] = {
	NATIVE(SYS_set_robust_list, -EINVAL, 0, 1),
	NATIVE(SYS_getppid, OWN_PID, 0),
	NATIVE(SYS_sched_setattr, -EINVAL, 0, 0, 0),
	NATIVE(SYS_munmap, 0, 0x10000, 4096),
	NATIVE(SYS_mmap, 0x10000, 0x10000, 4096, PROT_READ,
	       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, 77),
	NATIVE(SYS_mmap, -EBADF, 0, 4096, PROT_READ, MAP_PRIVATE, -1),
	NATIVE(SYS_clock_getres, 0, CLOCK_MONOTONIC, 0),
	NATIVE(SYS_ptrace, -ESRCH, PTRACE_PEEKDATA, 1),
	NATIVE(SYS_io_uring_setup, -ENOSYS, 1),
	NATIVE(SYS_bpf, -EPERM, 0),
	NATIVE(SYS_perf_event_open, -EACCES, 0),
	NATIVE(SYS_userfaultfd, -ENOSYS, 0),
	NATIVE(SYS_keyctl, -ENOSYS, 0),
	NATIVE(SYS_add_key, -ENOSYS, 0),
	NATIVE(SYS_move_pages, -EPERM, 1),
	NATIVE(SYS_getpid | 0x40000000, -ENOSYS, 0),
	NATIVE(-1, -ENOSYS, 0),
	ASKED(SYS_getuid, 0),
	ASKED(SYS_openat, AT_FDCWD, 0, O_RDONLY),
	ASKED(SYS_kill, 1, 0),
	ASKED(SYS_ptrace, PTRACE_TRACEME),
	ASKED(SYS_process_vm_readv, 1),
	ASKED(SYS_getpriority, 2, 0),
	ASKED(SYS_sched_getaffinity, 1, 0, 0),
	ASKED(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, 0),
	ASKED(400, 0),
	ASKED(463, 0),
	ASKED(KBOX_NR_LOADER_PLAN, 0),
	ASKED(SYS_exit_group, 0),
};

_Static_assert(KBOX_ARRAY_SIZE(steps) <= STEPS, "a result for each step");

/* In the child: under the filter, and gone when the test is. */
static void enter(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	__atomic_store_n(&shared->listener, kbox_filter_install(0),
			 __ATOMIC_RELEASE);
	while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE))
		raw(SYS_sched_yield, 0, 0, 0, 0, 0);
}

static void child(void)
{
	size_t i;

	enter();
	for (i = 0; i < KBOX_ARRAY_SIZE(steps); i++) {
		const long *a = steps[i].args;

		shared->results[i] = raw(steps[i].nr, a[0], a[1], a[2], a[3],
					 a[4]);
	}
	for (;;)
		raw(SYS_pause, 0, 0, 0, 0, 0);
}

/* The value that the child puts into @place; 0 after five seconds. */
static long await(const long *place)
{
	long value = 0;
	int i;

	for (i = 0; i < 5000 && !value; i++) {
		value = __atomic_load_n(place, __ATOMIC_ACQUIRE);
		usleep(1000);
	}
	return value;
}

/* The child's listener as an fd of the parent. */
static int fetch_listener(pid_t pid)
{
	int pidfd, fd;

	fd = (int)await(&shared->listener);
	assert_true(fd > 0);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(pidfd >= 0);
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	assert_true(fd >= 0);
	close(pidfd);
	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	return fd;
}

static void answer_all(int listener)
{
	struct seccomp_notif_resp resp;
	struct seccomp_notif req;
	size_t i;

	for (i = 0; i < KBOX_ARRAY_SIZE(steps); i++) {
		if (!steps[i].notified)
			continue;
		memset(&req, 0, sizeof(req));
		assert_int_equal(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req),
				 0);
		assert_int_equal(req.data.nr, steps[i].nr);
		memset(&resp, 0, sizeof(resp));
		resp.id = req.id;
		resp.val = ANSWER;
		assert_int_equal(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND,
				       &resp), 0);
	}
}

static void reap(pid_t pid, int *ret_status)
{
	assert_int_equal(waitpid(pid, ret_status, 0), pid);
}

static void test_on_the_host(void **state)
{
	int listener, status;
	size_t i;
	pid_t pid;

	(void)state;
	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (!pid)
		child();
	listener = fetch_listener(pid);
	alarm(30);
	answer_all(listener);
	alarm(0);
	await(&shared->results[KBOX_ARRAY_SIZE(steps) - 1]);
	kill(pid, SIGKILL);
	reap(pid, &status);
	close(listener);
	for (i = 0; i < KBOX_ARRAY_SIZE(steps); i++)
		assert_int_equal(shared->results[i],
				 steps[i].expected == OWN_PID ?
					 getpid() : steps[i].expected);
}

/* From the loader's place a mapping of a descriptor is the host's business. */
static void test_loader_on_the_host(void **state)
{
	static const unsigned char code[] = {
		0xb8, SYS_mmap, 0, 0, 0, /* mov $SYS_mmap, %eax */
		0x49, 0x89, 0xca,	/* mov %rcx, %r10 */
		0x0f, 0x05,		/* syscall */
		0xc3,			/* ret */
	};
	long (*mapped)(long, long, long, long, long, long);
	void *page;
	int listener, status;
	pid_t pid;

	(void)state;
	memset(shared, 0, sizeof(*shared));
	page = mmap((void *)KBOX_LOADER_BASE, 4096,
		    PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert_ptr_equal(page, (void *)KBOX_LOADER_BASE);
	memcpy(page, code, sizeof(code));
	memcpy(&mapped, &page, sizeof(mapped));
	pid = fork();
	if (!pid) {
		enter();
		shared->results[0] = mapped(0, 4096, PROT_READ, MAP_PRIVATE,
					    999, 0);
		for (;;)
			raw(SYS_pause, 0, 0, 0, 0, 0);
	}
	listener = fetch_listener(pid);
	munmap(page, 4096);
	await(&shared->results[0]);
	kill(pid, SIGKILL);
	reap(pid, &status);
	close(listener);
	assert_int_equal(shared->results[0], -EBADF);
}

static void test_32_bit_call_kills(void **state)
{
	int listener, status;
	pid_t pid;

	(void)state;
	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (!pid) {
		long ret = 20;	/* getpid of 32-bit programs */

		enter();
		__asm__ volatile("int $0x80" : "+a"(ret) : : "memory");
		shared->results[0] = 1;
		for (;;)
			raw(SYS_pause, 0, 0, 0, 0, 0);
	}
	listener = fetch_listener(pid);
	reap(pid, &status);
	close(listener);
	/* A host kernel without 32-bit calls makes it SIGSEGV. */
	assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS ||
					    WTERMSIG(status) == SIGSEGV));
	assert_int_equal(shared->results[0], 0);
}

static int setup(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED ? -1 : 0;
}

/* What installing gives on this host: 0, or -errno. */
static int try_host(void)
{
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid) {
		enter();
		raw(SYS_pause, 0, 0, 0, 0, 0);
	}
	await(&shared->listener);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return shared->listener < 0 ? (int)shared->listener : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_on_the_host),
		cmocka_unit_test(test_loader_on_the_host),
		cmocka_unit_test(test_32_bit_call_kills),
	};
	int ret;

	if (setup())
		return 1;
	ret = try_host();
	if (ret == -ENOSYS || ret == -EINVAL || ret == -EBUSY) {
		printf("1..0 # SKIP no listener: %s\n", strerror(-ret));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
