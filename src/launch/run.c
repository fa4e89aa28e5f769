/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole run of kbox: phases, torn down in reverse.
 *
 * Side: host.
 *
 *	terminal noted, front left behind (front.h)
 *	signals blocked
 *	image opened, locked, checked; that of an overlay, too
 *	loader's file in place
 *	first process forked, before there is anything to inherit
 *	event loop and host operations
 *	folders of the host's opened
 *	kernel booted
 *	image and recommended file systems mounted
 *	the guests' own terminal made, when the box has the user's for itself
 *	first task made, its exec parked in the kernel
 *	first process let go, guests supervised until the first one ends
 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../guest/box.h"
#include "../guest/proc-status.h"
#include "../guest/signals.h"
#include "../intercept/supervise.h"
#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "../lkernel/terminal.h"
#include "binds.h"
#include "boot.h"
#include "child.h"
#include "console.h"
#include "first.h"
#include "image.h"
#include "join.h"
#include "loader-file.h"
#include "loopback.h"
#include "mounts.h"
#include "overlay.h"
#include "signals.h"
#include "watch.h"

struct launch {
	const struct kbox_options *options;
	struct kbox_front *front;
	unsigned long long begin_ns;	/* CLOCK_MONOTONIC */
	unsigned long long since_ns;	/* the same as CLOCK_REALTIME */
	struct kbox_signals signals;
	struct kbox_image image;
	struct kbox_image upper;	/* of --overlay, else closed */
	struct kbox_loader_slot loader;
	struct kbox_child child;
	struct kbox_loop loop;
	struct kbox_host host;
	struct kbox_caller supervisor;	/* its own task */
	struct kbox_first first;
	struct kbox_watcher watcher;
	struct kbox_console console;	/* of no use without a ->terminal */
	struct kbox_control_server control;
	struct kbox_joiner joiner;
	struct kbox_box box;
};

/* For a kernel panic, which comes without arguments. */
static struct kbox_terminal *panic_terminal;

static void restore_at_panic(void)
{
	kbox_terminal_restore(panic_terminal);
}

static int failed(const char *what, int err)
{
	kbox_error("%s: %s", what, strerror(-err));
	return KBOX_EXIT_FAILED;
}

/* What the supervisor's process is to its guests and to the host. */
static void settle_process(const struct kbox_options *options)
{
	/* Orphans of the box come to us, and never to the host's init. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Timers of guests shall be as exact as the host's own. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	/*
	 * Guests are of the same user: they shall not look into us. A debugger
	 * of that user could not either.
	 */
	if (options->kernel_log_level < 0)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* An image larger than our limit for files is an error, not our end. */
	signal(SIGXFSZ, SIG_IGN);
}

static void stop_box(void *arg, int sig)
{
	kbox_box_stop(arg, sig);
}

static void first_fork(void *arg)
{
	struct launch *launch = arg;

	kbox_front_tell_loader(launch->front, &launch->loader);
}

static void end_box(void *arg)
{
	kbox_box_end(arg);
}

/* Whoever asks kbox to stop now does not want to wait for the terminal. */
static void give_up_output(void *arg, int sig KBOX_UNUSED)
{
	const struct launch *launch = arg;

	kbox_lk_interrupt(launch->supervisor.task);
}

static void start_console(struct launch *launch)
{
	int err = launch->console.terminal ?
			  kbox_console_start(&launch->console, &launch->box,
					     launch->front->pid) :
			  0;

	if (!err)
		return;
	kbox_error("cannot use the terminal: %s", strerror(-err));
	kbox_box_end(&launch->box);
}

static void end_console(struct launch *launch)
{
	if (!launch->console.terminal)
		return;
	launch->signals.stop = give_up_output;
	launch->signals.arg = launch;
	kbox_console_end(&launch->console);
}

static int exit_status(int wait_status)
{
	if (WIFEXITED(wait_status))
		return WEXITSTATUS(wait_status);
	return KBOX_EXIT_SIGNAL + WTERMSIG(wait_status);
}

static double since_ms(const struct launch *launch)
{
	return (double)(kbox_host_monotonic_ns() - launch->begin_ns) / 1e6;
}

/* Others may find and join the box from now on. */
static void open_doors(struct launch *launch)
{
	int err;

	launch->joiner = (struct kbox_joiner){
		.box = &launch->box,
		.host = &launch->host,
		.loop = &launch->loop,
		.options = launch->options,
		.signals = &launch->signals.original,
		.filter_flags = kbox_watcher_filter_flags(&launch->watcher),
		.front_pid = launch->front->pid,
		.since_ns = launch->since_ns,
	};
	kbox_joiner_init(&launch->joiner);
	err = kbox_control_attach(&launch->control, &launch->loop,
				  &launch->joiner.ops);
	if (err)
		kbox_warn("nobody can join this box: %s", strerror(-err));
}

/* The first process becomes a guest; returns when all guests have ended. */
static int supervise(struct launch *launch)
{
	struct kbox_task *task = launch->first.caller.task;
	KBOX_CLEANUP_CLOSE int listener = -1;
	int status, err;

	err = kbox_box_init(&launch->box, &launch->loop, &launch->loader.file,
			    launch->supervisor.task);
	if (err)
		return failed("cannot set up the box", err);
	err = kbox_box_add(&launch->box, launch->child.pid, task,
			   launch->first.program);
	if (err) {
		kbox_box_done(&launch->box);
		return failed("cannot add the first guest", err);
	}
	launch->first.caller.task = NULL;
	err = kbox_watcher_start(&launch->watcher, &launch->box, &launch->host,
				 launch->first.argv);
	if (err)
		kbox_error("cannot watch the box: %s", strerror(-err));
	launch->host.raise = kbox_raise;
	launch->host.box = &launch->box;
	if (err || kbox_child_go(&launch->child, launch->first.argv,
				 launch->first.envp,
				 kbox_watcher_filter_flags(&launch->watcher),
				 &listener)) {
		kbox_watcher_stop(&launch->watcher);
		kbox_lk_kill(task, 1);
		kbox_calls_drain();
		launch->host.box = NULL;
		kbox_box_done(&launch->box);
		return KBOX_EXIT_FAILED;
	}
	kbox_child_release(&launch->child);
	launch->box.forking = first_fork;
	launch->box.forking_arg = launch;
	launch->signals.arg = &launch->box;
	launch->signals.stop = stop_box;
	launch->signals.end = end_box;
	if (launch->signals.last)
		kbox_box_stop(&launch->box, launch->signals.last);
	if (launch->signals.orphaned)
		kbox_box_end(&launch->box);
	kbox_info("first command starts after %.2f ms", since_ms(launch));
	open_doors(launch);
	start_console(launch);
	err = kbox_supervise(&launch->box, KBOX_TAKE_FD(listener), &status);
	kbox_control_close(&launch->control);
	launch->signals.end = NULL;
	end_console(launch);
	launch->signals.stop = NULL;
	kbox_watcher_report(&launch->watcher);
	launch->host.box = NULL;
	kbox_box_done(&launch->box);
	if (err) {
		kbox_host_show_log();
		return failed("the box is broken", err);
	}
	/* It did not heed what it was sent, and was killed for that. */
	if (launch->signals.last && WIFSIGNALED(status))
		return KBOX_EXIT_SIGNAL + launch->signals.last;
	return exit_status(status);
}

/* When the box has the user's terminal for itself. */
static int open_console(struct launch *launch)
{
	struct kbox_terminal *terminal = &launch->front->terminal;
	int err;

	if (!terminal->taken)
		return 0;
	err = kbox_console_open(&launch->console, terminal,
				&launch->supervisor, &launch->host);
	if (err)
		kbox_error("cannot make the terminal: %s", strerror(-err));
	return err;
}

/* With a booted kernel. */
static int run_command(struct launch *launch)
{
	const struct kbox_start start = {
		.options = launch->options,
		.files = { 0, 1, 2 },
		.console = &launch->console,
	};
	int result;

	if (kbox_mounts_init(&launch->supervisor, &launch->host,
			     &launch->image, launch->options) ||
	    open_console(launch)) {
		kbox_mounts_settle(&launch->supervisor, &launch->host,
				   launch->options);
		result = KBOX_EXIT_FAILED;
	} else {
		kbox_loopback_up(&launch->supervisor);
		result = kbox_first_prepare(&launch->first, &launch->child,
					    &launch->supervisor, &launch->host,
					    &start);
		kbox_mounts_settle(&launch->supervisor, &launch->host,
				   launch->options);
		if (!result)
			result = supervise(launch);
		kbox_first_abort(&launch->first);
	}
	kbox_child_done(&launch->child);
	kbox_mounts_done(&launch->supervisor, &launch->host, launch->options);
	kbox_lk_halt();
	return result;
}

static int boot_and_run(struct launch *launch)
{
	const struct kbox_options *options = launch->options;
	int result = KBOX_EXIT_FAILED;
	int err;

	launch->host.at_panic = restore_at_panic;
	settle_process(options);
	err = kbox_signals_watch(&launch->signals, &launch->loop);
	if (err)
		return failed("cannot receive signals", err);
	launch->supervisor.loop = &launch->loop;
	if (!kbox_binds_open(&launch->host, options) &&
	    !kbox_boot(&launch->host, &launch->image, &launch->upper, options,
		       &launch->supervisor.task))
		result = run_command(launch);
	kbox_signals_done(&launch->signals);
	return result;
}

static int with_host(struct launch *launch)
{
	int result, err;

	err = kbox_loop_init(&launch->loop);
	if (err)
		return failed("cannot make the event loop", err);
	err = kbox_host_init(&launch->host, &launch->loop,
			     launch->options->shadow_budget_bytes);
	if (err) {
		kbox_loop_done(&launch->loop);
		return failed("cannot set up the host operations", err);
	}
	result = boot_and_run(launch);
	kbox_host_done(&launch->host);
	kbox_loop_done(&launch->loop);
	return result;
}

static int with_loader(struct launch *launch)
{
	int result, err;

	if (!kbox_proc_is_ours()) {
		kbox_error("/proc does not show this process: mount one of this PID namespace there");
		return KBOX_EXIT_FAILED;
	}
	if (kbox_loader_slot_open(&launch->loader))
		return KBOX_EXIT_FAILED;
	err = kbox_child_start(&launch->child, launch->loader.file.dir_fd,
			       &launch->signals.original,
			       kbox_first_strings_bytes(launch->options),
			       false);
	if (err) {
		result = failed("cannot start the first process", err);
	} else {
		result = with_host(launch);
		kbox_child_done(&launch->child);
	}
	kbox_loader_slot_close(&launch->loader);
	return result;
}

static int with_images(struct launch *launch)
{
	const struct kbox_options *options = launch->options;
	int result = KBOX_EXIT_FAILED;

	if (kbox_image_open(&launch->image, options))
		return result;
	if (!kbox_overlay_open(&launch->upper, options)) {
		result = with_loader(launch);
		kbox_image_close(&launch->upper);
	}
	kbox_image_close(&launch->image);
	return result;
}

/*
 * The name under which others find the box. Only a name that was asked for has
 * to be had.
 */
static int take_name(struct launch *launch)
{
	const char *name = launch->options->name;
	int err = kbox_control_open(&launch->control, name,
				    launch->options->image);

	if (!err)
		return 0;
	if (name && err == -EADDRINUSE)
		kbox_error("--name=%s: a sandbox with that name runs", name);
	else if (name)
		kbox_error("--name=%s: %s: %s", name,
			   launch->control.folder.path, strerror(-err));
	else
		kbox_info("kbox ps will not find this box: %s: %s",
			  launch->control.folder.path, strerror(-err));
	return name ? err : 0;
}

int kbox_launch(const struct kbox_options *options, struct kbox_front *front)
{
	struct launch *launch = calloc(1, sizeof(*launch));
	int result = KBOX_EXIT_FAILED;

	if (!launch)
		return failed("cannot start", -ENOMEM);
	launch->options = options;
	launch->front = front;
	launch->begin_ns = kbox_host_monotonic_ns();
	launch->since_ns = kbox_host_realtime_ns();
	kbox_signals_block(&launch->signals, front->pid,
			   front->terminal.taken);
	panic_terminal = &front->terminal;
	if (!take_name(launch) && !kbox_watcher_open(&launch->watcher, options)) {
		result = with_images(launch);
		kbox_watcher_close(&launch->watcher);
	}
	kbox_control_close(&launch->control);
	kbox_front_tell_end(front);
	kbox_info("ended with status %d after %.2f ms", result,
		  since_ms(launch));
	free(launch);
	return result;
}
