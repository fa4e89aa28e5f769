// SPDX-License-Identifier: GPL-2.0-only
/*
 * See harness.h.
 *
 * Side: host, test only.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../abi/lkernel.h"
#include "../../../abi/loader.h"
#include "harness.h"

#define LISTENER_FD 9		/* the child's number of it, close-on-exec */
#define PROGRAM_SECONDS 60	/* a program that runs longer is stuck */
#define STRINGS_MAX (256 * 1024)

struct run {
	const struct harness_program *program;
	struct harness_result *result;
	pid_t pid;
	int listener;
	int stdout_write;	/* what becomes the program's descriptor 1 */
};

void harness_die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(99);
}

int harness_interp(const char *file, char *path, size_t size)
{
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	int fd = open(file, O_RDONLY | O_CLOEXEC), i, found = -1;

	if (fd < 0 || pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		harness_die(file);
	for (i = 0; i < ehdr.e_phnum && found; i++) {
		off_t at = (off_t)(ehdr.e_phoff + i * sizeof(phdr));

		if (pread(fd, &phdr, sizeof(phdr), at) != sizeof(phdr))
			break;
		if (phdr.p_type == PT_INTERP && phdr.p_filesz <= size &&
		    pread(fd, path, phdr.p_filesz, (off_t)phdr.p_offset) > 0)
			found = 0;
	}
	close(fd);
	return found;
}

/* The loader's own two numbers to the parent, the rest to the host. */
static int install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KBOX_NR_LOADER_PLAN, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KBOX_NR_LOADER_LAYOUT, 0,
			 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

static void child_common(const struct harness_program *program, int output)
{
	int null = open("/dev/null", O_RDONLY);

	if (program->fixed_addresses)
		personality(ADDR_NO_RANDOMIZE);
	alarm(PROGRAM_SECONDS);
	if (dup2(null, 0) < 0 || dup2(output, 1) < 0)
		_exit(98);
	closefrom(3);
}

static void __attribute__((noreturn))
child_exec(const char *path, const struct harness_program *program)
{
	execve(path, (char *const *)program->argv,
	       (char *const *)program->envp);
	_exit(97);
}

static void read_output(int fd, struct harness_result *result)
{
	ssize_t got;

	result->output_len = 0;
	do {
		got = read(fd, result->output + result->output_len,
			   HARNESS_OUTPUT_MAX - 1 - result->output_len);
		if (got > 0)
			result->output_len += (size_t)got;
	} while (got > 0 && result->output_len < HARNESS_OUTPUT_MAX - 1);
	result->output[result->output_len] = 0;
	close(fd);
}

void harness_run_native(const struct harness_program *program,
			struct harness_result *result)
{
	int output[2];
	pid_t pid;

	memset(result, 0, offsetof(struct harness_result, output));
	fflush(stdout);
	if (pipe2(output, O_CLOEXEC))
		harness_die("pipe2");
	pid = fork();
	if (pid < 0)
		harness_die("fork");
	if (!pid) {
		child_common(program, output[1]);
		child_exec(program->path, program);
	}
	close(output[1]);
	read_output(output[0], result);
	if (waitpid(pid, &result->status, 0) < 0)
		harness_die("waitpid");
}

/* Put @fd at the program's descriptor @number. */
static void add_fd(struct run *run, __u64 id, int fd, unsigned int number,
		   unsigned int flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.srcfd = (__u32)fd,
		.newfd = number,
		.newfd_flags = flags,
	};

	if (ioctl(run->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0)
		harness_die("ADDFD");
}

static void add_file(struct run *run, __u64 id, const char *path,
		     unsigned int number)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		harness_die(path);
	add_fd(run, id, fd, number, O_CLOEXEC);
	close(fd);
}

static void plan_string(struct kbox_loader_plan *plan, const char *string)
{
	memcpy(plan->strings + plan->strings_len, string, strlen(string) + 1);
	plan->strings_len += (unsigned int)strlen(string) + 1;
}

static int answer_plan(struct run *run, const struct seccomp_notif *notif)
{
	const struct harness_program *program = run->program;
	struct kbox_loader_plan plan = {
		.uid = getuid(), .euid = geteuid(),
		.gid = getgid(), .egid = getegid(),
	};
	struct iovec local = { &plan, sizeof(plan) };
	struct iovec remote = { (void *)notif->data.args[0], sizeof(plan) };
	char interp[4096];

	if (program->plan_error)
		return -program->plan_error;
	add_file(run, notif->id, program->file, KBOX_LOADER_MAIN_FD);
	if (!program->stop_before_jump &&
	    !harness_interp(program->file, interp, sizeof(interp))) {
		plan.has_interp = 1;
		add_file(run, notif->id, interp, KBOX_LOADER_INTERP_FD);
	}
	plan_string(&plan, program->path);
	for (; plan.prefix_count < HARNESS_PREFIX_MAX &&
	       program->prefix[plan.prefix_count]; plan.prefix_count++)
		plan_string(&plan, program->prefix[plan.prefix_count]);
	if (process_vm_writev(run->pid, &local, 1, &remote, 1, 0) !=
	    sizeof(plan))
		harness_die("process_vm_writev");
	return 0;
}

static size_t join(char *to, const char *const *strings)
{
	size_t len = 0;

	for (; *strings; strings++) {
		memcpy(to + len, *strings, strlen(*strings) + 1);
		len += strlen(*strings) + 1;
	}
	return len;
}

static void read_guest(struct run *run, void *to, unsigned long from,
		       size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)from, len };

	if (len && process_vm_readv(run->pid, &local, 1, &remote, 1, 0) !=
	    (ssize_t)len)
		harness_die("process_vm_readv");
}

static int same_strings(struct run *run, unsigned long start,
			unsigned long end, const char *expected, size_t len)
{
	static char found[STRINGS_MAX];

	if (end - start != len || len > sizeof(found))
		return 0;
	read_guest(run, found, start, len);
	return !memcmp(found, expected, len);
}

static void answer_layout(struct run *run, const struct seccomp_notif *notif)
{
	const struct harness_program *program = run->program;
	struct kbox_exec_layout layout;
	static char expected[STRINGS_MAX];
	const char *const *argv = program->argv;
	size_t len = 0;

	run->result->reached_layout = 1;
	read_guest(run, &layout, notif->data.args[0], sizeof(layout));
	if (program->prefix[0]) {
		len = join(expected, program->prefix);
		argv++;
	}
	len += join(expected + len, argv);
	if (!same_strings(run, layout.arg_start, layout.arg_end, expected,
			  len) ||
	    layout.stack % 16)
		run->result->strings_wrong = 1;
	len = join(expected, program->envp);
	if (!same_strings(run, layout.env_start, layout.env_end, expected,
			  len))
		run->result->strings_wrong = 1;
	if (program->stop_before_jump)
		kill(run->pid, SIGKILL);
	else
		add_fd(run, notif->id, run->stdout_write, 1, 0);
}

/* Serve one notification; 0 when the program has gone. */
static int serve(struct run *run)
{
	struct seccomp_notif notif = { 0 };
	struct seccomp_notif_resp resp = { 0 };
	struct pollfd wait = { .fd = run->listener, .events = POLLIN };

	if (poll(&wait, 1, -1) < 0)
		harness_die("poll");
	if (!(wait.revents & POLLIN))
		return 0;
	if (ioctl(run->listener, SECCOMP_IOCTL_NOTIF_RECV, &notif))
		return errno == ENOENT;
	resp.id = notif.id;
	if (notif.data.nr == KBOX_NR_LOADER_PLAN)
		resp.error = answer_plan(run, &notif);
	else
		answer_layout(run, &notif);
	ioctl(run->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	return 1;
}

static int fetch_listener(pid_t pid, int ready)
{
	char byte;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), fd;

	if (pidfd < 0 || read(ready, &byte, 1) != 1)
		harness_die("the child did not start");
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, LISTENER_FD, 0);
	if (fd < 0)
		harness_die("pidfd_getfd");
	close(pidfd);
	return fd;
}

static void __attribute__((noreturn))
loader_child(const struct harness_program *program, const char *loader,
	     int output, int ready, int go)
{
	char byte = 0;
	int listener;

	/* 20 and up survive until the listener is fetched. */
	if (dup3(ready, 20, O_CLOEXEC) < 0 || dup3(go, 21, O_CLOEXEC) < 0)
		_exit(98);
	if (program->fixed_addresses)
		personality(ADDR_NO_RANDOMIZE);
	alarm(PROGRAM_SECONDS);
	if (dup2(output, 1) < 0)
		_exit(98);
	for (listener = 3; listener < 20; listener++)
		close(listener);
	listener = install_filter();
	if (listener < 0 || dup3(listener, LISTENER_FD, O_CLOEXEC) < 0 ||
	    write(20, &byte, 1) != 1 || read(21, &byte, 1) != 1)
		_exit(98);
	child_exec(loader, program);
}

void harness_run_loader(const struct harness_program *program,
			const char *loader, struct harness_result *result)
{
	struct run run = { .program = program, .result = result };
	int output[2], ready[2], go[2];

	memset(result, 0, offsetof(struct harness_result, output));
	fflush(stdout);
	if (pipe2(output, O_CLOEXEC) || pipe2(ready, O_CLOEXEC) ||
	    pipe2(go, O_CLOEXEC))
		harness_die("pipe2");
	/* Programs print less than a pipe holds; it is read at the end. */
	fcntl(output[1], F_SETPIPE_SZ, HARNESS_OUTPUT_MAX);
	run.pid = fork();
	if (run.pid < 0)
		harness_die("fork");
	if (!run.pid)
		loader_child(program, loader, output[1], ready[1], go[0]);
	close(ready[1]);
	run.stdout_write = output[1];
	run.listener = fetch_listener(run.pid, ready[0]);
	if (write(go[1], "", 1) != 1)
		harness_die("write");
	while (serve(&run))
		;
	close(output[1]);
	close(ready[0]);
	close(go[0]);
	close(go[1]);
	close(run.listener);
	read_output(output[0], result);
	if (waitpid(run.pid, &result->status, 0) < 0)
		harness_die("waitpid");
}
