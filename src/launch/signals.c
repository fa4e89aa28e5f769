/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that kbox itself gets.
 *
 * Side: host.
 */
#include "signals.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/macros.h"

void kbox_signals_of_kbox(sigset_t *ret_set, bool terminal_taken)
{
	struct sigaction action;

	sigemptyset(ret_set);
	sigaddset(ret_set, SIGINT);
	sigaddset(ret_set, SIGTERM);
	/* Blocked, it would come through although it is ignored. */
	if (sigaction(SIGHUP, NULL, &action) || action.sa_handler != SIG_IGN)
		sigaddset(ret_set, SIGHUP);
	sigaddset(ret_set, SIGQUIT);
	/* So that the terminal can be set from the background. */
	sigaddset(ret_set, SIGTTOU);
	if (!terminal_taken)
		return;
	sigaddset(ret_set, SIGTSTP);
	sigaddset(ret_set, SIGCONT);
	sigaddset(ret_set, SIGWINCH);
}

void kbox_signals_block(struct kbox_signals *signals, int front,
			bool terminal_taken)
{
	sigset_t set;

	memset(signals, 0, sizeof(*signals));
	signals->watch.fd = -1;
	signals->front = front;
	kbox_signals_of_kbox(&set, terminal_taken);
	sigaddset(&set, KBOX_SIGNAL_ORPHANED);
	sigprocmask(SIG_BLOCK, &set, &signals->original);
}

static void signal_ready(struct kbox_watch *watch,
			 unsigned int events KBOX_UNUSED)
{
	struct kbox_signals *signals =
		KBOX_CONTAINER_OF(watch, struct kbox_signals, watch);
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;

		if (sig == KBOX_SIGNAL_ORPHANED) {
			/* Unless it is a false alarm. */
			signals->orphaned = getppid() != signals->front;
			if (signals->orphaned && signals->end)
				signals->end(signals->arg);
			continue;
		}
		if (sig == SIGQUIT ||
		    (sig == SIGINT && info.ssi_code == SI_KERNEL))
			continue;
		signals->last = sig;
		if (signals->stop)
			signals->stop(signals->arg, sig);
	}
}

int kbox_signals_watch(struct kbox_signals *signals, struct kbox_loop *loop)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;
	int err;

	/* A guest's write to a closed pipe is an error here, not our end. */
	sigaction(SIGPIPE, &ignore, NULL);
	/* Reading the terminal in the background gives an error instead. */
	sigaction(SIGTTIN, &ignore, NULL);
	/* A shadow or an image larger than RLIMIT_FSIZE allows is an error. */
	sigaction(SIGXFSZ, &ignore, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, KBOX_SIGNAL_ORPHANED);
	signals->loop = loop;
	signals->watch.events = EPOLLIN;
	signals->watch.priority = KBOX_PRIO_END;
	signals->watch.ready = signal_ready;
	signals->watch.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->watch.fd < 0)
		return -errno;
	err = kbox_loop_add(loop, &signals->watch);
	if (err)
		signals->watch.fd = kbox_close(signals->watch.fd);
	return err;
}

void kbox_signals_done(struct kbox_signals *signals)
{
	if (signals->watch.fd < 0)
		return;
	kbox_loop_del(signals->loop, &signals->watch);
	signals->watch.fd = kbox_close(signals->watch.fd);
}
