/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fork, vfork, clone, clone3 and posix_spawn; exit codes, death by signal and
 * all ways to wait for them.
 * Run: dyn glibc gdyn
 */
#include "guest.h"
#include <spawn.h>

struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		 stack_size, tls, set_tid, set_tid_size, cgroup;
};

static int global = 1;

static int clone_fn(void *arg)
{
	global = *(int *)arg;
	return 9;
}

static void clones(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct clone3_args ca = { .exit_signal = SIGCHLD };
	int value = 77;
	long pid;
	pid_t tid = 0;

	pid = clone(clone_fn, stack + sizeof(stack), CLONE_VM | SIGCHLD, &value);
	SHOW("clone VM", wait_code((pid_t)pid));
	say("shared memory: %d", global);
	value = 78;
	pid = clone(clone_fn, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &value);
	say("vfork order: %d", global);
	SHOW("clone vfork", wait_code((pid_t)pid));
	value = 79;
	pid = clone(clone_fn, stack + sizeof(stack), SIGCHLD, &value);
	SHOW("clone", wait_code((pid_t)pid));
	say("own memory: %d", global);

	pid = syscall(SYS_clone3, &ca, sizeof(ca));
	if (pid == 0)
		_exit(getppid() > 0 ? 21 : 22);
	SHOW("clone3", wait_code((pid_t)pid));
	ca.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
	ca.parent_tid = ca.child_tid = (uint64_t)(uintptr_t)&tid;
	pid = syscall(SYS_clone3, &ca, sizeof(ca));
	if (pid == 0)
		_exit(tid == getpid() ? 23 : 24);
	say("parent tid: %d", tid == pid);
	SHOW("clone3 settid", wait_code((pid_t)pid));
	ca = (struct clone3_args){ .exit_signal = SIGCHLD };
	SHOW("clone3 small", syscall(SYS_clone3, &ca, 8));
	SHOW("clone3 bad pointer", syscall(SYS_clone3, 1, sizeof(ca)));
	SHOW("clone bad flags", syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0));
	SHOW("clone thread alone", syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
}

static void waits(void)
{
	siginfo_t si;
	struct rusage ru;
	int status, i, sum = 0;
	pid_t pid, a, b;

	SHOW("no children", waitpid(-1, &status, 0));
	SHOW("not a child", waitpid(getppid(), &status, 0));
	for (i = 0; i < 256; i++)
		sum += wait_code(CHILD(_exit(i))) == i;
	say("exit codes passed: %d", sum);
	SHOW("exit 256", wait_code(CHILD(_exit(256 + 3))));
	pid = CHILD(sleep_ms(50); _exit(4));
	SHOW("WNOHANG", waitpid(pid, &status, WNOHANG));
	memset(&si, 0, sizeof(si));
	SHOW("waitid WNOWAIT", waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT));
	say("code %d status %d pid %d uid %d", si.si_code, si.si_status, si.si_pid == pid, si.si_uid == getuid());
	SHOW("waitid", waitid(P_PID, (id_t)pid, &si, WEXITED));
	SHOW("waitid again", waitid(P_PID, (id_t)pid, &si, WEXITED));
	SHOW("waitid no options", waitid(P_ALL, 0, &si, 0));
	pid = CHILD(_exit(3));
	SHOW("wait4", wait4(pid, &status, 0, &ru) == pid);
	say("wait4 status: %d", status_code(status));
	a = CHILD(setpgid(0, 0); sleep_ms(20); _exit(1));
	b = CHILD(setpgid(0, 0); sleep_ms(10); _exit(2));
	setpgid(a, a);
	setpgid(b, b);
	SHOW("by group", waitpid(-b, &status, 0) == b);
	SHOW("any", waitpid(-1, &status, 0) == a);
	SHOW("wait bad options", waitpid(-1, &status, 0x1000));
}

static void deaths(void)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGABRT,
		SIGFPE, SIGKILL, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1,
		SIGUSR2, SIGBUS, SIGSYS, SIGXCPU, 40 };
	struct rlimit none = { 0, 0 };
	char name[32];

	setrlimit(RLIMIT_CORE, &none);
	for (size_t i = 0; i < COUNT(sigs); i++) {
		snprintf(name, sizeof(name), "death by %d", sigs[i]);
		SHOW(name, wait_code(CHILD(signal(sigs[i], SIG_DFL); kill(getpid(), sigs[i]); _exit(1))) % 1000 == sigs[i]);
	}
	SHOW("null pointer", wait_code(CHILD(*(volatile int *)8 = 1)));
	SHOW("divide", wait_code(CHILD(__asm__ volatile("idiv %0" : : "r"(0) : "rax", "rdx"))));
	SHOW("trap", wait_code(CHILD(__builtin_trap())));
	SHOW("abort", wait_code(CHILD(abort())));
	SHOW("killed while blocked", wait_code(({
		int p[2];
		MUST(pipe(p));
		pid_t c = CHILD(read(p[0], p, 1));
		sleep_ms(30);
		kill(c, SIGKILL);
		c;
	})));
}

int main(int argc, char **argv)
{
	char *args[] = { argv[0], "spawned", NULL };
	char *env[] = { "A=1", NULL };
	char self[PATH_MAX] = "";
	pid_t pid;
	int err;

	if (argc > 1) {
		say("spawned with A=%s", getenv("A") ? getenv("A") : "?");
		return 13;
	}
	MUST(readlink("/proc/self/exe", self, sizeof(self) - 1));
	waits();
	clones();
	deaths();
	err = posix_spawn(&pid, self, NULL, NULL, args, env);
	SHOW("spawned", wait_code(pid));
	SHOW("posix_spawn", err);
	SHOW("posix_spawn missing", posix_spawn(&pid, "/no/such", NULL, NULL, args, env));
	pid = vfork();
	if (pid == 0) {
		execve(self, args, env);
		_exit(127);
	}
	SHOW("vfork exec", wait_code(pid));
	pid = vfork();
	if (pid == 0) {
		execve("/no/such/file", args, env);
		_exit(errno);
	}
	SHOW("vfork failed exec", wait_code(pid));
	SHOW("system", system("exit 6") >> 8);
	return 0;
}
