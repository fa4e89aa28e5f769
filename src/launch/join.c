/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that join a running box, and what else clients ask it for.
 *
 * Side: host. See join.h.
 */
#include "join.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../guest/group.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/table.h"
#include "../intercept/supervise.h"
#include "child.h"
#include "first.h"

/* A program that has joined, until it has ended. */
struct join {
	struct kbox_root root;
	struct kbox_child child;	/* keeps its arguments */
	struct kbox_first first;
	struct kbox_control_program *program;
};

static void join_free(struct join *join)
{
	/* A call that was given up may still write there. */
	if (join->first.caller.gave_up)
		join->child.shared = NULL;
	kbox_child_done(&join->child);
	free(join);
}

static void join_ended(struct kbox_root *root, int wait_status)
{
	struct join *join = KBOX_CONTAINER_OF(root, struct join, root);

	join->program->ended(join->program, wait_status);
	join_free(join);
}

/* What the user asked for, as far as it is about the command. */
static struct kbox_options options_for(const struct kbox_joiner *joiner,
				       const struct kbox_control_command *command)
{
	struct kbox_options options = *joiner->options;

	options.work_dir = command->work_dir;
	options.shell_command = NULL;
	options.no_entry_point = true;
	options.argv = command->argv;
	options.argc = command->argc;
	options.env = command->env;
	options.env_count = command->env_count;
	return options;
}

/* The host process, and its task with the exec parked; 0 or an exit status. */
static int prepare(struct kbox_joiner *joiner, struct join *join,
		   const struct kbox_options *options, const int *files)
{
	struct kbox_box *box = joiner->box;
	struct kbox_caller supervisor = {
		.loop = joiner->loop,
		.task = box->supervisor,
		.box = box,
	};
	struct kbox_start start = {
		.options = options,
		.files = { files[0], files[1], files[2] },
	};
	int err = kbox_child_start(&join->child, box->loader->dir_fd,
				   joiner->signals,
				   kbox_first_strings_bytes(options), true);

	if (err) {
		kbox_error("cannot start a process: %s", strerror(-err));
		return KBOX_EXIT_FAILED;
	}
	/* We may be bound to one processor ourselves (guest/affinity.h). */
	sched_setaffinity(join->child.pid, sizeof(box->affinity.usual),
			  &box->affinity.usual);
	return kbox_first_prepare(&join->first, &join->child, &supervisor,
				  joiner->host, &start);
}

/* Under the filter and among the guests; 0 or an exit status. */
static int let_go(struct kbox_joiner *joiner, struct join *join)
{
	struct kbox_box *box = joiner->box;
	int pid = join->child.pid;
	int listener, err;

	if (kbox_child_go(&join->child, join->first.argv, join->first.envp,
			  joiner->filter_flags, &listener))
		return KBOX_EXIT_FAILED;
	err = kbox_box_add(box, pid, join->first.caller.task,
			   join->first.program);
	if (err) {
		kbox_close(listener);
		kbox_error("no room for a process");
		return KBOX_EXIT_FAILED;
	}
	join->first.caller.task = NULL;
	err = kbox_supervise_add(box, pid, listener);
	kbox_child_release(&join->child);
	join->root.pid = pid;
	join->root.ended = join_ended;
	kbox_list_add_tail(&box->roots, &join->root.link);
	/* Then it cannot be served; its end comes the usual way. */
	if (err)
		kbox_process_signal(kbox_process_find(box, pid), SIGKILL);
	return 0;
}

static void tell_front(struct kbox_box *box)
{
	void (*forking)(void *arg) = box->forking;

	box->forking = NULL;
	if (forking)
		forking(box->forking_arg);
}

/* The number of the process, or 0 and an exit status. */
static int start(struct kbox_joiner *joiner,
		 const struct kbox_control_command *command,
		 struct kbox_control_program *program, int *ret_status)
{
	struct kbox_options options = options_for(joiner, command);
	struct join *join = calloc(1, sizeof(*join));

	*ret_status = KBOX_EXIT_FAILED;
	if (!join)
		return 0;
	join->child.pid_fd = -1;
	join->program = program;
	tell_front(joiner->box);
	*ret_status = prepare(joiner, join, &options, command->files);
	if (!*ret_status)
		*ret_status = let_go(joiner, join);
	if (!*ret_status)
		return join->root.pid;
	kbox_first_abort(&join->first);
	join_free(join);
	return 0;
}

/* What is logged about it is for the client, not for whoever started the box. */
static int op_exec(void *arg, const struct kbox_control_command *command,
		   struct kbox_control_program *program, int *ret_status,
		   char ret_why[KBOX_CONTROL_WHY_MAX])
{
	KBOX_CLEANUP_CLOSE int log = memfd_create("kbox-why", MFD_CLOEXEC);
	ssize_t len = 0;
	int pid;

	if (log >= 0)
		kbox_log_set_fd(log);
	pid = start(arg, command, program, ret_status);
	kbox_log_set_fd(STDERR_FILENO);
	if (log >= 0)
		len = pread(log, ret_why, KBOX_CONTROL_WHY_MAX - 1, 0);
	ret_why[len > 0 ? len : 0] = '\0';
	return pid;
}

static void op_info(void *arg, struct kbox_control_info *ret_info)
{
	const struct kbox_joiner *joiner = arg;
	const char *image = joiner->options->image;
	const struct kbox_box *box = joiner->box;
	const struct kbox_process *process;
	size_t len = strlen(image);

	if (len >= sizeof(ret_info->image))
		image += len + 1 - sizeof(ret_info->image);
	strcpy(ret_info->image, image);
	ret_info->pid = joiner->front_pid;
	ret_info->supervisor = box->supervisor_pid;
	ret_info->since_ns = joiner->since_ns;
	ret_info->now_ns = kbox_host_monotonic_ns();
	ret_info->calls = box->counters.calls;
	memcpy(ret_info->by_nr, box->counters.by_nr, sizeof(ret_info->by_nr));
	KBOX_LIST_FOR_EACH(process, &box->processes, link) {
		if (process->ended)
			continue;
		if (ret_info->processes < KBOX_CONTROL_PIDS_MAX)
			ret_info->pids[ret_info->processes] = process->tgid;
		ret_info->processes++;
	}
}

struct sending {
	struct kbox_box *box;
	int sig;
};

static int send_one(struct kbox_process *process, void *context)
{
	const struct sending *sending = context;

	kbox_signal_hint(sending->box, process, 0);
	return kbox_process_signal(process, sending->sig);
}

/*
 * What asks for the end is for the first program, which has some time to do
 * so; SIGKILL leaves nobody.
 */
static int op_kill(void *arg, int sig)
{
	struct kbox_box *box = ((struct kbox_joiner *)arg)->box;
	struct kbox_process *first = kbox_process_find(box, box->first_pid);
	struct sending sending = { box, sig };

	if (sig <= 0 || sig >= NSIG)
		return -EINVAL;
	if (sig == SIGKILL)
		kbox_box_end(box);
	else if (sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
		kbox_box_stop(box, sig);
	else
		return first ? send_one(first, &sending) : -ESRCH;
	return 0;
}

/* It leads a group, as a shell's job does, unless it has left it. */
static void op_signal(void *arg, int pid, int sig)
{
	struct kbox_box *box = ((struct kbox_joiner *)arg)->box;
	struct kbox_process *process = kbox_process_find(box, pid);
	struct sending sending = { box, sig };

	if (sig <= 0 || sig >= NSIG)
		return;
	if (process && kbox_group_of(process) != pid)
		send_one(process, &sending);
	else
		kbox_group_for_each(box, pid, NULL, send_one, &sending);
}

void kbox_joiner_init(struct kbox_joiner *joiner)
{
	joiner->ops = (struct kbox_control_ops){
		.arg = joiner,
		.info = op_info,
		.kill = op_kill,
		.exec = op_exec,
		.signal = op_signal,
	};
}
