/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest must not reach: processes outside the box, their memory, the
 * host's kernel facilities; nor the tasks of the box's kernel that are no
 * guests, process 1 and the supervisor's.
 * Run: inside root args HOSTPID
 */
#include "guest.h"
#include <sys/ptrace.h>

static int bad;

static void refuse(const char *name, long value)
{
	if (value >= 0) {
		say("FAIL %s was allowed: %ld", name, value);
		bad = 1;
	} else {
		say("%s: %s", name, strerror(errno));
	}
}

static void want(const char *name, int good)
{
	say("%s%s", good ? "" : "FAIL ", name);
	bad |= !good;
}

/* Signals about files: to the box's own processes only, and they are fatal. */
static void own_by_files(pid_t target)
{
	static const int signals[] = { SIGKILL, SIGSTOP, SIGTERM, SIGUSR1, SIGIO };
	int fds[2];

	for (size_t i = 0; i < COUNT(signals); i++) {
		MUST(pipe(fds));
		/* Who has not the rights is refused, or told nothing. */
		fcntl(fds[0], F_SETOWN, target);
		fcntl(fds[0], F_SETSIG, signals[i]);
		MUST(fcntl(fds[0], F_SETFL, O_ASYNC));
		MUST(write(fds[1], "x", 1));
		close(fds[0]);
		close(fds[1]);
	}
}

/* SIGKILL to all that a user may kill: root's processes live. */
static void all_by_user(void)
{
	pid_t child, killer;

	if (getuid() != 0)
		return;
	child = CHILD({ pause(); });
	killer = CHILD({
		MUST(setresuid(54321, 54321, 54321));
		MUST(kill(-1, SIGKILL));
	});
	want("a user signals all", wait_code(killer) == 0);
	want("root's process lives", waitpid(child, NULL, WNOHANG) == 0);
	kill(child, SIGKILL);
	wait_code(child);
}

static void tasks_live(const pid_t *host, size_t count)
{
	char path[64], buf[512];
	pid_t child = CHILD({ pause(); });
	int pidfd;

	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/%d/status", (int)host[i]);
		if (host[i] == 1 || host[i] == getppid())
			want("the kernel's own task lives",
			     get_file(path, buf, sizeof(buf)) > 0 &&
			     strstr(buf, "State:\tS"));
	}
	/* This asks the supervisor's task, or the kernel. */
	MUST(pidfd = (int)syscall(SYS_pidfd_open, child, 0));
	want("pidfd_send_signal works", syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0);
	want("its child ends", wait_code(child) == 1000 + SIGKILL);
	close(pidfd);
}

int main(int argc, char **argv)
{
	char path[64], buf[64];
	struct iovec iov = { buf, sizeof(buf) };
	pid_t host[3];
	size_t count = 0;
	int pidfd, mem;

	want("listener is not among the fds", fcntl(3, F_GETFD) < 0);
	host[count++] = 1;
	if (argc > 1 && atoi(argv[1]) > 0)
		host[count++] = atoi(argv[1]);
	/* The supervisor may show itself as the parent; it takes no signals. */
	if (getppid() > 1)
		host[count++] = getppid();
	for (size_t i = 0; i < count; i++) {
		refuse("kill", kill(host[i], SIGKILL));
		refuse("kill stop", kill(host[i], SIGSTOP));
		refuse("tkill", syscall(SYS_tkill, host[i], SIGTERM));
		refuse("tgkill", syscall(SYS_tgkill, host[i], host[i], SIGTERM));
		refuse("sigqueue", syscall(SYS_rt_sigqueueinfo, host[i], SIGTERM, (siginfo_t[1]){ { .si_code = -1 } }));
		refuse("process_vm_readv", syscall(SYS_process_vm_readv, host[i], &iov, 1, &iov, 1, 0));
		refuse("ptrace", syscall(SYS_ptrace, PTRACE_ATTACH, host[i], 0, 0));
		refuse("PTRACE_SEIZE", syscall(SYS_ptrace, 0x4206, host[i], 0, 0));
		refuse("prlimit other", syscall(SYS_prlimit64, host[i], RLIMIT_NOFILE, (struct rlimit[]){ { 10, 10 } }, NULL));
		refuse("setpriority other", setpriority(PRIO_PROCESS, (id_t)host[i], 19));
		refuse("sched_setaffinity other", sched_setaffinity(host[i], 8, (cpu_set_t[1]){ { { 1 } } }));
		refuse("setpgid other", setpgid(host[i], 0));
		pidfd = (int)syscall(SYS_pidfd_open, host[i], 0);
		refuse("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, 0, 0));
		refuse("pidfd_send_signal", syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0));
		close(pidfd);
		snprintf(path, sizeof(path), "/proc/%d/mem", (int)host[i]);
		mem = open(path, O_RDWR);
		refuse("mem read", mem < 0 ? -1 : pread(mem, buf, 8, (off_t)(uintptr_t)main & ~4095L));
		refuse("mem write", mem < 0 ? -1 : pwrite(mem, buf, 8, (off_t)(uintptr_t)main & ~4095L));
		close(mem);
		snprintf(path, sizeof(path), "/proc/%d/environ", (int)host[i]);
		mem = open(path, O_RDONLY);
		want("environ is empty", mem < 0 || read(mem, buf, 8) <= 0);
		close(mem);
		own_by_files(host[i]);
	}
	all_by_user();
	tasks_live(host, count);
	refuse("bpf", syscall(SYS_bpf, 0, 0, 0));
	refuse("perf_event_open", syscall(SYS_perf_event_open, 0, 0, -1, -1, 0));
	refuse("io_uring_setup", syscall(SYS_io_uring_setup, 8, (char[200]){ 0 }));
	refuse("userfaultfd", syscall(SYS_userfaultfd, 0));
	refuse("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0));
	refuse("init_module", syscall(SYS_init_module, buf, 10, ""));
	refuse("keyctl", syscall(SYS_keyctl, 0, -3, 1));
	refuse("iopl", syscall(SYS_iopl, 3));
	refuse("x32 getpid", syscall(0x40000000L | SYS_getpid));
	refuse("unknown number", syscall(800, 0));
	/* The host's table of this process: none of it may answer. */
	for (int fd = 3; fd < 1100; fd++)
		if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED) {
			say("FAIL host descriptor %d can be mapped", fd);
			bad = 1;
		}
	want("getpid works still", getpid() > 0);
	return bad;
}
