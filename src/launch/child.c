/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host process that becomes the first guest.
 *
 * Side: host. Invariants are in child.h. Everything from run_child() down runs
 * in the child.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <linux/securebits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "../guest/loader-file.h"
#include "../intercept/filter.h"

/* The states of the child, a futex. */
enum child_state {
	CHILD_WAITING,	/* for the supervisor */
	CHILD_GO,
	CHILD_READY,	/* under the filter, about to execute the loader */
	CHILD_FAILED,
};

/* What the child does, for the message when it fails. */
enum child_step {
	STEP_FOLDER,
	STEP_PRIVILEGES,
	STEP_FILTER,
	STEP_EXEC,
};

struct kbox_child_shared {
	_Atomic unsigned int state;
	enum child_step step;
	int error;		/* errno of the step that failed */
	int listener_fd;	/* in the child */
	unsigned int filter_flags;
	char **argv, **envp;
	size_t used;		/* bytes of memory[] */
	_Alignas(16) char memory[];
};

static long futex(_Atomic unsigned int *word, int op, unsigned int value,
		  const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static void set_state(struct kbox_child_shared *shared, enum child_state state)
{
	atomic_store(&shared->state, state);
	futex(&shared->state, FUTEX_WAKE, 1, NULL);
}

static void fail(struct kbox_child_shared *shared, enum child_step step,
		 int error) KBOX_NORETURN;
static void fail(struct kbox_child_shared *shared, enum child_step step,
		 int error)
{
	shared->step = step;
	shared->error = error;
	set_state(shared, CHILD_FAILED);
	_exit(KBOX_EXIT_FAILED);
}

/*
 * Give up all capabilities. For a user without any this changes nothing; root
 * would get all of them back at exec but for the empty bounding set.
 */
static int drop_privileges(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break;
	/* Needs a capability itself; without it there is nothing to lock. */
	prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0);
	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

/*
 * Ignored signals stay ignored, as for any command that a shell starts; but not
 * those that the supervisor ignores, from which one that joins descends.
 */
static void reset_signals(const sigset_t *signals, bool joins)
{
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction action;

		if (sigaction(sig, NULL, &action) < 0 ||
		    (action.sa_handler == SIG_IGN && !joins) ||
		    action.sa_handler == SIG_DFL)
			continue;
		action.sa_handler = SIG_DFL;
		action.sa_flags = 0;
		sigaction(sig, &action, NULL);
	}
	sigprocmask(SIG_SETMASK, signals, NULL);
}

static void wait_for_go(struct kbox_child_shared *shared)
{
	while (atomic_load(&shared->state) == CHILD_WAITING)
		futex(&shared->state, FUTEX_WAIT, CHILD_WAITING, NULL);
}

/* What the supervisor has become since the first guest was forked. */
static void leave_supervisor(void)
{
	/* Not the terminal of whoever started the box. */
	setsid();
	prctl(PR_SET_TIMERSLACK, KBOX_USUAL_TIMERSLACK_NS, 0, 0, 0);
}

static void run_child(struct kbox_child_shared *shared, int loader_dir_fd,
		      const sigset_t *signals, int parent, bool joins)
	KBOX_NORETURN;
static void run_child(struct kbox_child_shared *shared, int loader_dir_fd,
		      const sigset_t *signals, int parent, bool joins)
{
	const struct rlimit no_core = { 0, 0 };
	int err;

	if (joins)
		leave_supervisor();

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != parent)
		_exit(KBOX_EXIT_FAILED);
	/* A program file that cannot be read would make us unreadable too. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (fchdir(loader_dir_fd) < 0)
		fail(shared, STEP_FOLDER, errno);
	if (close_range(0, ~0U, 0) < 0)
		fail(shared, STEP_PRIVILEGES, errno);
	/* A core would be a host file. */
	setrlimit(RLIMIT_CORE, &no_core);
	err = drop_privileges();
	if (err)
		fail(shared, STEP_PRIVILEGES, -err);
	wait_for_go(shared);
	reset_signals(signals, joins);
	err = kbox_filter_install(shared->filter_flags);
	if (err < 0)
		fail(shared, STEP_FILTER, -err);
	shared->listener_fd = err;
	set_state(shared, CHILD_READY);
	execve(KBOX_LOADER_NAME, shared->argv, shared->envp);
	fail(shared, STEP_EXEC, errno);
}

int kbox_child_start(struct kbox_child *child, int loader_dir_fd,
		     const sigset_t *signals, size_t strings_bytes, bool joins)
{
	size_t size = sizeof(struct kbox_child_shared) + strings_bytes +
		      KBOX_CHILD_SCRATCH_BYTES;
	struct kbox_child_shared *shared;
	int parent = getpid(), pid;

	memset(child, 0, sizeof(*child));
	child->pid_fd = -1;
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	child->shared = shared;
	child->shared_size = size;
	pid = fork();
	if (pid == 0)
		run_child(shared, loader_dir_fd, signals, parent, joins);
	if (pid > 0) {
		child->pid = pid;
		child->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	}
	if (pid < 0 || child->pid_fd < 0) {
		int err = -errno;

		kbox_child_done(child);
		return err;
	}
	return 0;
}

void *kbox_child_alloc(struct kbox_child *child, size_t size)
{
	struct kbox_child_shared *shared = child->shared;
	size_t room = child->shared_size - sizeof(*shared) - shared->used;
	void *memory = shared->memory + shared->used;

	if (size > room || room - size < 16)
		return NULL;
	shared->used += (size + 15) & ~(size_t)15;
	return memory;
}

char *kbox_child_strdup(struct kbox_child *child, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = kbox_child_alloc(child, size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static int report(const struct kbox_child_shared *shared)
{
	int error = shared->error;

	switch (shared->step) {
	case STEP_FOLDER:
		kbox_error("cannot enter the loader's folder: %s",
			   strerror(error));
		break;
	case STEP_PRIVILEGES:
		kbox_error("cannot give up privileges: %s", strerror(error));
		break;
	case STEP_FILTER:
		if (error == EBUSY)
			kbox_error("seccomp user notification is in use: kbox "
				   "cannot run inside another sandbox that "
				   "uses it");
		else
			kbox_error("cannot install the seccomp filter: %s; "
				   "kbox needs Linux 5.19 or newer with "
				   "seccomp user notification",
				   strerror(error));
		break;
	case STEP_EXEC:
		kbox_error("the host cannot execute the loader: %s",
			   strerror(error));
		break;
	}
	return error ? -error : -EIO;
}

static int fetch_listener(struct kbox_child *child, int *ret_listener)
{
	int fd = (int)syscall(SYS_pidfd_getfd, child->pid_fd,
			      child->shared->listener_fd, 0);
	int err = errno;

	if (fd < 0) {
		kbox_error("cannot fetch the seccomp listener: %s; does "
			   "kernel.yama.ptrace_scope forbid it?",
			   strerror(err));
		return -err;
	}
	*ret_listener = fd;
	return 0;
}

int kbox_child_go(struct kbox_child *child, char **argv, char **envp,
		  unsigned int filter_flags, int *ret_listener)
{
	/*
	 * To notice when the child was killed in between; and its wake-up does
	 * not come through a filter that notifies of it.
	 */
	const struct timespec tick = { .tv_nsec = 2000000 };
	struct kbox_child_shared *shared = child->shared;
	unsigned int state;

	shared->argv = argv;
	shared->envp = envp;
	shared->filter_flags = filter_flags;
	state = CHILD_WAITING;
	if (atomic_compare_exchange_strong(&shared->state, &state, CHILD_GO))
		futex(&shared->state, FUTEX_WAKE, 1, NULL);
	while ((state = atomic_load(&shared->state)) == CHILD_GO) {
		siginfo_t info = { 0 };

		futex(&shared->state, FUTEX_WAIT, CHILD_GO, &tick);
		if (!waitid(P_PID, (id_t)child->pid, &info,
			    WEXITED | WNOHANG | WNOWAIT) &&
		    info.si_pid && atomic_load(&shared->state) == CHILD_GO) {
			kbox_error("the first guest died before it began");
			return -ECHILD;
		}
	}
	if (state == CHILD_FAILED)
		return report(shared);
	return fetch_listener(child, ret_listener);
}

void kbox_child_release(struct kbox_child *child)
{
	child->pid = 0;
}

void kbox_child_done(struct kbox_child *child)
{
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
		child->pid = 0;
	}
	child->pid_fd = kbox_close(child->pid_fd);
	if (child->shared)
		munmap(child->shared, child->shared_size);
	child->shared = NULL;
}
