/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The front: the process that the user started.
 *
 * Side: host. Invariants are in front.h. Everything from run_front() down runs
 * in the front.
 */
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "keeper.h"
#include "leftovers.h"
#include "signals.h"

/* Descriptors of the front; 2 stays the user's, for messages. */
enum { FRONT_SOCKET = 0, FRONT_TERMINAL = 1 };

struct state {
	int supervisor;			/* 0: has been waited for */
	int status;			/* then: as of wait(2) */
	int keeper;			/* 0: none */
	int signal_fd;
	int lock_fd;			/* -1: the loader is not known */
	bool strangers;			/* had children when it was started */
	bool away;			/* continued in the background */
	struct kbox_front_loader loader;
	struct kbox_terminal terminal;
};

/* One message with the file that guests execute and the lock of its slot. */
union loader_control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static void receive_loader(struct state *state, int flags)
{
	union loader_control control;
	struct kbox_front_loader loader;
	struct iovec data = { &loader, sizeof(loader) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;

	if (recvmsg(FRONT_SOCKET, &message, MSG_CMSG_CLOEXEC | flags) !=
	    sizeof(loader))
		return;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&state->lock_fd, CMSG_DATA(header), sizeof(int));
	state->loader = loader;
}

static void start_keeper(struct state *state)
{
	int pid = kbox_keeper_start(FRONT_SOCKET, state->lock_fd,
				    &state->loader);

	/* Without one, what it is for goes without. */
	state->keeper = pid > 0 ? pid : 0;
}

/*
 * The supervisor says that the first guest has stopped: so does the whole job
 * that kbox is part of, as it would of the terminal's suspend character. A job
 * that nobody could continue does not, and the guest goes on at once.
 */
static void stop_job(const struct state *state)
{
	sigset_t stop, pending;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	/* Stopped here. */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigpending(&pending);
	if (!sigismember(&pending, SIGCONT))
		kill(state->supervisor, SIGCONT);
}

/* Continued: is the terminal ours again, and how has it been set meanwhile? */
static void look_for_terminal(struct state *state)
{
	state->away = tcgetpgrp(FRONT_TERMINAL) != getpgrp();
	if (!state->away)
		kbox_terminal_note(&state->terminal);
}

/* A job that runs in the background is moved to the foreground in silence. */
static void check_away(struct state *state)
{
	if (!state->away)
		return;
	look_for_terminal(state);
	if (!state->away)
		kill(state->supervisor, SIGCONT);
}

/* The supervisor of a terminal that was taken is in a session of its own. */
static void forward_all(struct state *state,
			const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;

	if (sig == SIGTSTP && info->ssi_pid == (uint32_t)state->supervisor) {
		stop_job(state);
		return;
	}
	if (sig == SIGCONT)
		look_for_terminal(state);
	kill(state->supervisor, sig);
}

/*
 * Otherwise it is in the same group and gets by itself what a terminal sends;
 * but a hang-up goes to the leader of the session alone.
 */
static void forward(struct state *state, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;
	bool sent = info->ssi_code <= 0;
	bool leaders = sig == SIGHUP && getsid(0) == getpid();

	if (!state->supervisor)
		return;
	if (state->terminal.taken)
		forward_all(state, info);
	else if ((sent || leaders) && sig != SIGQUIT)
		kill(state->supervisor, sig);
}

static void reap(struct state *state)
{
	int pid, status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == state->keeper)
			state->keeper = 0;
		if (pid != state->supervisor)
			continue;
		state->supervisor = 0;
		state->status = status;
	}
}

static void wait_for_supervisor(struct state *state)
{
	struct signalfd_siginfo info;
	struct pollfd fds[2] = {
		{ .fd = state->signal_fd, .events = POLLIN },
		{ .fd = FRONT_SOCKET, .events = POLLIN },
	};

	while (state->supervisor) {
		int wait_ms = state->away ? KBOX_FOREGROUND_POLL_MS : -1;

		if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
			break;
		check_away(state);
		if (fds[1].revents) {
			receive_loader(state, 0);
			if (state->lock_fd >= 0)
				start_keeper(state);
			fds[1].fd = -1;
			fds[1].revents = 0;
		}
		if (!(fds[0].revents & POLLIN) ||
		    read(state->signal_fd, &info, sizeof(info)) !=
			    sizeof(info))
			continue;
		if (info.ssi_signo == SIGCHLD)
			reap(state);
		else
			forward(state, &info);
	}
}

/* The last ones are on their way out; strangers would keep us for ever. */
static void wait_for_rest(const struct state *state)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	unsigned int rounds = KBOX_KILL_GRACE_NS / 1000000;
	int pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG | __WALL);
		if (!pid)
			nanosleep(&nap, NULL);
	} while (pid >= 0 && !state->strangers && rounds--);
}

static void clean_up(struct state *state)
{
	bool clean;

	/* It ended before we looked. */
	if (state->lock_fd < 0)
		receive_loader(state, MSG_DONTWAIT);
	clean = kbox_keeper_needless(FRONT_SOCKET);
	if (state->keeper) {
		kill(state->keeper, SIGKILL);
		waitpid(state->keeper, NULL, 0);
	}
	/* Orphans of the supervisor would be children of ours now. */
	if (clean && waitpid(-1, NULL, WNOHANG | __WALL) < 0)
		return;
	if (state->lock_fd >= 0 &&
	    kbox_leftovers_kill(state->loader.dev, state->loader.ino))
		kbox_warn("not all guests have ended");
	wait_for_rest(state);
}

static int exit_status(int status)
{
	int sig;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	sig = WTERMSIG(status);
	/* These it dies of only before it has begun. */
	if (sig != SIGINT && sig != SIGTERM && sig != SIGHUP && sig != SIGQUIT)
		kbox_error("the supervisor was ended by signal %d (%s)", sig,
			   strsignal(sig));
	return KBOX_EXIT_SIGNAL + sig;
}

/* Keep only what is needed: others may wait for the rest to be closed. */
static int take_descriptors(struct state *state, int socket_fd,
			    const sigset_t *signals)
{
	if (dup2(socket_fd, FRONT_SOCKET) < 0)
		return -1;
	if (state->terminal.fd < 0)
		close(FRONT_TERMINAL);
	else if (dup2(state->terminal.fd, FRONT_TERMINAL) < 0)
		return -1;
	else
		state->terminal.fd = FRONT_TERMINAL;
	close_range(3, ~0U, 0);
	state->signal_fd = signalfd(-1, signals, SFD_CLOEXEC);
	return state->signal_fd;
}

static void run_front(struct state *state, int socket_fd,
		      const sigset_t *signals) KBOX_NORETURN;
static void run_front(struct state *state, int socket_fd,
		      const sigset_t *signals)
{
	if (take_descriptors(state, socket_fd, signals) < 0) {
		kill(state->supervisor, SIGKILL);
		waitpid(state->supervisor, &state->status, 0);
	}
	wait_for_supervisor(state);
	clean_up(state);
	kbox_terminal_restore(&state->terminal);
	_exit(exit_status(state->status));
}

/* In the new process. */
static void become_supervisor(const struct kbox_front *front,
			      const sigset_t *signals,
			      const struct sigaction *child_action)
{
	/* Until they are blocked again, each of them ends us: nothing is lost. */
	sigaction(SIGCHLD, child_action, NULL);
	sigprocmask(SIG_SETMASK, signals, NULL);
	if (prctl(PR_SET_PDEATHSIG, KBOX_SIGNAL_ORPHANED, 0, 0, 0) < 0 ||
	    getppid() != front->pid)
		_exit(KBOX_EXIT_FAILED);
	if (front->terminal.taken)
		setsid();
}

int kbox_front_start(struct kbox_front *front)
{
	struct sigaction child_action, usual = { .sa_handler = SIG_DFL };
	struct state state = { .lock_fd = -1, .signal_fd = -1 };
	sigset_t signals, original;
	siginfo_t info;
	int pair[2], pid;

	kbox_terminal_save(&front->terminal);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	front->pid = getpid();
	state.strangers = !waitid(P_ALL, 0, &info,
				  WEXITED | WNOHANG | WNOWAIT);
	/* Were it ignored, there would be no status to pass on. */
	sigaction(SIGCHLD, &usual, &child_action);
	kbox_signals_of_kbox(&signals, front->terminal.taken);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &original);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid = fork();
	if (pid > 0) {
		state.supervisor = pid;
		state.terminal = front->terminal;
		run_front(&state, pair[0], &signals);
	}
	front->socket_fd = pair[1];
	kbox_close(pair[0]);
	if (pid < 0)
		return -errno;
	become_supervisor(front, &original, &child_action);
	return 0;
}

void kbox_front_tell_loader(struct kbox_front *front,
			    const struct kbox_loader_slot *slot)
{
	struct kbox_front_loader loader = {
		.dev = slot->file.dev,
		.ino = slot->file.ino,
	};
	union loader_control control = {
		.header = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	struct iovec data = { &loader, sizeof(loader) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &slot->lock_fd, sizeof(int));
	/* A front that is gone needs to know nothing. */
	sendmsg(front->socket_fd, &message, MSG_NOSIGNAL);
}

void kbox_front_tell_end(struct kbox_front *front)
{
	send(front->socket_fd, "", 1, MSG_NOSIGNAL);
	front->socket_fd = kbox_close(front->socket_fd);
}
