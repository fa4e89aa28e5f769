/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace between guests: tracing a child from its start, attaching to one whose
 * call is blocked, system call and single steps, registers and memory, events
 * of forks and threads, who may trace whom, and process_vm_readv.
 * Run: root glibc args start
 */
#include "guest.h"
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

static volatile long word = 0x1122334455667788;
static char text[4096];

static int stop_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		return -errno;
	if (WIFSTOPPED(status) && status >> 16)
		return 5000 + (status >> 16);
	return status_code(status);
}

static long ptrace_nr(int request, pid_t pid, unsigned long addr,
		      unsigned long data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static long tracer_of(pid_t pid)
{
	char path[64], *at;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	MUST(get_file(path, text, sizeof(text)));
	at = strstr(text, "TracerPid:");
	return at ? atol(at + 10) : -1;
}

static void from_the_start(void)
{
	struct user_regs_struct regs;
	unsigned long value = 0;
	int stops = 0, got;
	pid_t pid = CHILD({
		ptrace_nr(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		syscall(SYS_getppid);
		syscall(SYS_fchmodat, -1, 0, 0);
		_exit(word == 5 ? 7 : 8);
	});

	SHOW("stopped", stop_of(pid));
	SHOW("tracer", tracer_of(pid) == getpid());
	SHOW("peek", ptrace_nr(PTRACE_PEEKDATA, pid, (unsigned long)&word,
			       (unsigned long)&value));
	say("word: %lx", value);
	SHOW("poke", ptrace_nr(PTRACE_POKEDATA, pid, (unsigned long)&word, 5));
	SHOW("bad address", ptrace_nr(PTRACE_POKEDATA, pid, 16, 5));
	SHOW("options", ptrace_nr(PTRACE_SETOPTIONS, pid, 0,
				  PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	SHOW("bad options", ptrace_nr(PTRACE_SETOPTIONS, pid, 0, 1 << 30));
	for (;;) {
		MUST(ptrace_nr(PTRACE_SYSCALL, pid, 0, 0));
		got = stop_of(pid);
		if (got != 2000 + (SIGTRAP | 0x80))
			break;
		MUST(ptrace_nr(PTRACE_GETREGS, pid, 0, (unsigned long)&regs));
		say("call %lld: %lld", (long long)regs.orig_rax,
		    regs.orig_rax == SYS_getppid && stops % 2 ?
			    regs.rax == (unsigned long)getpid() :
			    (long long)regs.rax);
		/* Another call is made in place of this one. */
		if (regs.orig_rax == SYS_fchmodat && stops % 2 == 0) {
			regs.orig_rax = SYS_dup;
			regs.rdi = 1000000;
			MUST(ptrace_nr(PTRACE_SETREGS, pid, 0,
				       (unsigned long)&regs));
		}
		stops++;
	}
	SHOW("end", got);
	say("stops: %d", stops);
	SHOW("gone", ptrace_nr(PTRACE_CONT, pid, 0, 0));
}

/* A call whose number becomes -1 is not made, and has the tracer's result. */
static void skipped(void)
{
	struct user_regs_struct regs;
	pid_t pid = CHILD({
		ptrace_nr(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(syscall(SYS_getppid) == 77 ? 9 : 8);
	});
	int got = stop_of(pid);

	while (got % 1000 == SIGTRAP || got % 1000 == SIGSTOP) {
		MUST(ptrace_nr(PTRACE_SYSCALL, pid, 0, 0));
		got = stop_of(pid);
		if (got != 2000 + SIGTRAP)
			break;
		MUST(ptrace_nr(PTRACE_GETREGS, pid, 0, (unsigned long)&regs));
		if (regs.orig_rax != SYS_getppid || regs.rax != -ENOSYS)
			continue;
		regs.orig_rax = -1;
		regs.rax = 77;
		MUST(ptrace_nr(PTRACE_SETREGS, pid, 0, (unsigned long)&regs));
	}
	SHOW("skipped", got);
}

static void steps(void)
{
	int n = 0, got = 0;
	pid_t pid = CHILD({
		ptrace_nr(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(3);
	});

	SHOW("to step", stop_of(pid));
	for (; n < 40; n++) {
		MUST(ptrace_nr(PTRACE_SINGLESTEP, pid, 0, 0));
		got = stop_of(pid);
		if (got != 2000 + SIGTRAP)
			break;
	}
	SHOW("stepped", n > 5);
	if (n == 40) {
		MUST(ptrace_nr(PTRACE_CONT, pid, 0, SIGKILL));
		got = stop_of(pid);
	}
	SHOW("ended", got == 3 || got == 1000 + SIGKILL);
}

static pid_t blocked_reader(int *ret_write_fd)
{
	int fds[2];
	pid_t pid;

	MUST(pipe(fds));
	pid = CHILD({
		char c = 0;
		ssize_t got;

		close(fds[1]);
		got = read(fds[0], &c, 1);
		_exit(got == 1 && c == 'x' ? 4 : got < 0 ? errno : 60);
	});
	close(fds[0]);
	*ret_write_fd = fds[1];
	sleep_ms(50);
	return pid;
}

static void attached(void)
{
	int fd;
	pid_t pid = blocked_reader(&fd);

	SHOW("attach", ptrace_nr(PTRACE_ATTACH, pid, 0, 0));
	SHOW("attached", stop_of(pid));
	SHOW("again", ptrace_nr(PTRACE_ATTACH, pid, 0, 0));
	SHOW("interrupt", ptrace_nr(PTRACE_INTERRUPT, pid, 0, 0));
	SHOW("detach", ptrace_nr(PTRACE_DETACH, pid, 0, 0));
	SHOW("tracer now", tracer_of(pid));
	write(fd, "x", 1);
	SHOW("reader", wait_code(pid));
	close(fd);
}

/* In a process that has never attached otherwise. */
static void seized(void)
{
	int fd;
	pid_t pid = blocked_reader(&fd);

	SHOW("seize badly", ptrace_nr(PTRACE_SEIZE, pid, 1, 0));
	SHOW("seize", ptrace_nr(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
	SHOW("runs", ptrace_nr(PTRACE_CONT, pid, 0, 0));
	SHOW("interrupt", ptrace_nr(PTRACE_INTERRUPT, pid, 0, 0));
	SHOW("interrupted", stop_of(pid));
	SHOW("continue", ptrace_nr(PTRACE_CONT, pid, 0, 0));
	sleep_ms(20);
	kill(pid, SIGUSR1);
	SHOW("signal", stop_of(pid));
	SHOW("without it", ptrace_nr(PTRACE_CONT, pid, 0, 0));
	write(fd, "x", 1);
	SHOW("reader", stop_of(pid));
	close(fd);
}

static void *in_thread(void *arg)
{
	return arg;
}

static void events(void)
{
	unsigned long child = 0;
	pid_t pid = CHILD({
		pthread_t thread;

		ptrace_nr(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		if (fork() == 0)
			_exit(1);
		wait(NULL);
		pthread_create(&thread, NULL, in_thread, NULL);
		pthread_join(thread, NULL);
		_exit(2);
	});
	int status, forks = 0, threads = 0, ends = 0, starts = 0;
	pid_t got;

	SHOW("to fork", stop_of(pid));
	MUST(ptrace_nr(PTRACE_SETOPTIONS, pid, 0,
		       PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE));
	MUST(ptrace_nr(PTRACE_CONT, pid, 0, 0));
	while ((got = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			ends++;
			continue;
		}
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8)) {
			MUST(ptrace_nr(PTRACE_GETEVENTMSG, got, 0,
				       (unsigned long)&child));
			forks += child > 0;
		} else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_CLONE << 8)) {
			threads++;
		} else {
			starts += WSTOPSIG(status) == SIGSTOP;
		}
		ptrace_nr(PTRACE_CONT, got, 0,
			  WSTOPSIG(status) == SIGCHLD ? SIGCHLD : 0);
	}
	say("forks %d, threads %d, starts %d, ends %d", forks, threads, starts,
	    ends);
}

static void executed(const char *self, const char *what)
{
	pid_t pid = CHILD({
		ptrace_nr(PTRACE_TRACEME, 0, 0, 0);
		execl(self, self, what, NULL);
		_exit(9);
	});
	int got;

	SHOW("exec trap", stop_of(pid));
	MUST(ptrace_nr(PTRACE_CONT, pid, 0, 0));
	while ((got = stop_of(pid)) >= 2000)
		MUST(ptrace_nr(PTRACE_CONT, pid, 0, 0));
	SHOW("executed", got);
}

/* A set-id program gains nothing under a tracer without rights. */
static void set_id(const char *self)
{
	char copy[] = "./set-id", command[PATH_MAX + 32];
	pid_t pid;

	snprintf(command, sizeof(command), "/proc/self/exe");
	(void)self;
	pid = CHILD({
		int from = open(command, O_RDONLY);
		int to = open(copy, O_WRONLY | O_CREAT, 0755);
		ssize_t n;

		while ((n = read(from, text, sizeof(text))) > 0)
			write(to, text, (size_t)n);
		fchown(to, 1234, 0);
		fchmod(to, 04755);
	});
	wait_code(pid);
	pid = CHILD({
		setgid(1000);
		setuid(1000);
		executed(copy, "ids");
		pid = CHILD({ execl(copy, copy, "ids", NULL); });
		SHOW("not traced", wait_code(pid));
	});
	SHOW("set-id", wait_code(pid));
	unlink(copy);
}

static void rights(const char *self)
{
	pid_t target = CHILD(for (;;) pause());
	pid_t pid;

	sleep_ms(20);
	SHOW("attach to oneself", ptrace_nr(PTRACE_ATTACH, getpid(), 0, 0));
	SHOW("attach to nobody", ptrace_nr(PTRACE_ATTACH, 4000000, 0, 0));
	SHOW("not attached", ptrace_nr(PTRACE_CONT, target, 0, 0));
	SHOW("unknown", ptrace_nr(9999, target, 0, 0) < 0);
	if (getuid() == 0) {
		pid = CHILD({
			setgid(1000);
			setuid(1000);
			SHOW("attach to root's",
			     ptrace_nr(PTRACE_ATTACH, target, 0, 0));
			SHOW("seize root's",
			     ptrace_nr(PTRACE_SEIZE, target, 0, 0));
		});
		wait_code(pid);
		set_id(self);
	}
	kill(target, SIGKILL);
	wait_code(target);
}

/* A parent without capabilities may not trace a child that has them. */
static void asked_for(void)
{
	struct {
		unsigned int version;
		int pid;
	} head = { 0x20080522, 0 };
	struct {
		unsigned int effective, permitted, inheritable;
	} none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	wait_code(CHILD({
		int go[2];
		char c;
		pid_t pid;

		MUST(pipe(go));
		pid = CHILD({
			close(go[1]);
			MUST(read(go[0], &c, 1));
			SHOW("asked for by one with rights",
			     ptrace_nr(PTRACE_TRACEME, 0, 0, 0));
		});
		MUST(syscall(SYS_capset, &head, none));
		MUST(write(go[1], "", 1));
		wait_code(pid);
	}));
}

static void memory(void)
{
	static char here[300000], there[300000];
	struct iovec local[2] = { { here, 100 }, { here + 100, 200000 } };
	struct iovec remote[3] = { { there, 50 }, { there + 50, 0 },
				   { there + 50, 250000 } };
	struct iovec bad = { (void *)16, 8 };
	pid_t pid;

	memset(there, 'q', sizeof(there));
	pid = CHILD({ prctl(PR_SET_PDEATHSIG, SIGKILL); for (;;) pause(); });
	sleep_ms(20);
	SHOW("read", process_vm_readv(pid, local, 2, remote, 3, 0));
	say("same: %d %d", !memcmp(here, there, 200100), here[200100]);
	memset(here, 'r', sizeof(here));
	SHOW("write", process_vm_writev(pid, local, 1, remote, 1, 0));
	memset(here, 0, sizeof(here));
	SHOW("read back", process_vm_readv(pid, local, 1, remote, 3, 0));
	say("written: %.60s", here);
	SHOW("bad address", process_vm_readv(pid, local, 1, &bad, 1, 0));
	SHOW("flags", process_vm_readv(pid, local, 1, remote, 1, 1));
	SHOW("many", process_vm_readv(pid, local, 1025, remote, 1, 0));
	SHOW("none", process_vm_readv(pid, local, 0, remote, 1, 0));
	SHOW("nobody", process_vm_readv(4000000, local, 1, remote, 1, 0));
	SHOW("self", process_vm_readv(getpid(), local, 1, remote, 1, 0));
	if (getuid() == 0)
		wait_code(CHILD({
			setgid(1000);
			setuid(1000);
			SHOW("root's", process_vm_readv(pid, local, 1, remote,
							1, 0));
		}));
	kill(pid, SIGKILL);
	wait_code(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "ids")) {
		say("real and effective user alike: %d", getuid() == geteuid());
		return 0;
	}
	wait_code(CHILD(seized()));
	from_the_start();
	skipped();
	steps();
	attached();
	events();
	executed("/proc/self/exe", "ids");
	rights(argv[0]);
	asked_for();
	memory();
	return 0;
}
