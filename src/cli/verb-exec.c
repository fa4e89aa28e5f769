/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbox exec [OPTION...] SANDBOX [--] COMMAND [ARGUMENT...]
 *
 * Side: host.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../control/client.h"
#include "../control/message.h"
#include "../lkernel/terminal.h"
#include "usage.h"
#include "verb.h"

/* A request under construction. */
struct request {
	struct kbox_control_exec *exec;	/* owned */
	size_t size;
	bool full;
};

static void put(struct request *request, const char *text)
{
	size_t len = strlen(text) + 1;

	if (request->size + len > KBOX_CONTROL_MESSAGE_MAX) {
		request->full = true;
		return;
	}
	memcpy((char *)request->exec + request->size, text, len);
	request->size += len;
}

/* NAME=VALUE, or NAME with its value here, if it has one. */
static void put_env(struct request *request, const char *text)
{
	const char *value = strchr(text, '=') ? "" : getenv(text);
	char *both = NULL;

	if (!value)
		return;
	if (*value || !strchr(text, '=')) {
		if (asprintf(&both, "%s=%s", text, value) < 0) {
			request->full = true;
			return;
		}
		text = both;
	}
	put(request, text);
	request->exec->env_count++;
	free(both);
}

/* Signals that are passed on; those that stop us stop the program, too. */
static void signals_to_forward(sigset_t *ret_set)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP,
				       SIGCONT };

	sigemptyset(ret_set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(ret_set, signals[i]);
}

static void forward(int fd, int signal_fd)
{
	struct signalfd_siginfo info;
	int sig;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	sig = (int)info.ssi_signo;
	/* Its group has no shell above it that a SIGTSTP would be for. */
	kbox_control_say(fd, KBOX_CONTROL_SIGNAL,
			 sig == SIGTSTP ? SIGSTOP : sig);
	if (sig == SIGTSTP)
		raise(SIGSTOP);
}

/* One answer: -1 to go on, or an exit status. */
static int hear(int fd)
{
	struct kbox_control_failure answer;
	long len = kbox_client_receive(fd, &answer, sizeof(answer));
	int status = answer.head.number;

	if (len <= 0) {
		kbox_error("the sandbox has ended%s%s", len ? ": " : "",
			   len ? strerror((int)-len) : "");
		return KBOX_EXIT_SIGNAL + SIGKILL;
	}
	switch (answer.head.kind) {
	case KBOX_CONTROL_STARTED:
		return -1;
	case KBOX_CONTROL_ENDED:
		return WIFEXITED(status) ? WEXITSTATUS(status) :
					   KBOX_EXIT_SIGNAL + WTERMSIG(status);
	case KBOX_CONTROL_FAILED:
		answer.why[sizeof(answer.why) - 1] = '\0';
		/* Lines of the sandbox's log, as they would stand here. */
		fputs(answer.why, stderr);
		return status;
	default:
		kbox_error("the sandbox says something unexpected");
		return KBOX_EXIT_FAILED;
	}
}

static int wait_for_end(int fd, int signal_fd)
{
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	int status = -1;

	while (status < 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return KBOX_EXIT_FAILED;
		if (fds[1].revents & POLLIN)
			forward(fd, signal_fd);
		if (fds[0].revents)
			status = hear(fd);
	}
	return status;
}

static int join(const char *name, struct request *request)
{
	static const int files[KBOX_CONTROL_FILES] = { 0, 1, 2 };
	KBOX_CLEANUP_CLOSE int fd = kbox_client_connect(name);
	KBOX_CLEANUP_CLOSE int signal_fd = -1;
	struct kbox_terminal terminal;
	sigset_t signals;
	int err, status;

	if (fd < 0)
		return KBOX_EXIT_FAILED;
	signals_to_forward(&signals);
	signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	/* So that the terminal can be put back from the background. */
	sigaddset(&signals, SIGTTOU);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	err = kbox_control_send(fd, &request->exec->head, request->size, files,
				KBOX_CONTROL_FILES);
	if (signal_fd < 0 || err) {
		kbox_error("%s: %s", name, strerror(err ? -err : errno));
		return KBOX_EXIT_FAILED;
	}
	kbox_terminal_save(&terminal);
	status = wait_for_end(fd, signal_fd);
	kbox_terminal_restore(&terminal);
	return status;
}

static int read_options(int argc, char **argv, const char **ret_work_dir,
			char **env, unsigned int *ret_env_count)
{
	static const struct option options[] = {
		{ "work-dir", required_argument, NULL, 'w' },
		{ "env", required_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 0;
	while ((option = kbox_cli_getopt(argc, argv, "+:w:", options)) != -1) {
		if (option == 'w')
			*ret_work_dir = optarg;
		else if (option == 'e' && *optarg && *optarg != '=')
			env[(*ret_env_count)++] = optarg;
		else if (option == 'e')
			return kbox_cli_bad("--env needs NAME or NAME=VALUE",
					    "--env");
		else
			return KBOX_EXIT_USAGE;
	}
	return 0;
}

static int run(int argc, char **argv)
{
	KBOX_CLEANUP_FREE char **env = calloc((size_t)argc, sizeof(*env));
	KBOX_CLEANUP_FREE void *memory = calloc(1, KBOX_CONTROL_MESSAGE_MAX);
	struct request request = {
		.exec = memory,
		.size = offsetof(struct kbox_control_exec, texts),
	};
	const char *name, *work_dir = NULL;
	unsigned int env_count = 0;
	int status;

	if (!env || !memory)
		return KBOX_EXIT_FAILED;
	status = read_options(argc, argv, &work_dir, env, &env_count);
	if (status)
		return status;
	if (optind == argc)
		return kbox_cli_bad("a sandbox's name is needed", argv[0]);
	name = argv[optind++];
	if (optind < argc && !strcmp(argv[optind], "--"))
		optind++;
	if (optind == argc)
		return kbox_cli_bad("a command is needed", argv[0]);
	request.exec->head.kind = KBOX_CONTROL_EXEC;
	request.exec->has_work_dir = work_dir != NULL;
	if (work_dir)
		put(&request, work_dir);
	put_env(&request, "TERM");
	for (unsigned int i = 0; i < env_count; i++)
		put_env(&request, env[i]);
	for (; optind < argc; optind++, request.exec->arg_count++)
		put(&request, argv[optind]);
	if (request.full) {
		kbox_error("the command and its environment are too long");
		return KBOX_EXIT_NOT_EXECUTABLE;
	}
	return join(name, &request);
}

const struct kbox_verb kbox_exec_verb = {
	.name = "exec",
	.summary = "run one more command in a sandbox",
	.help = "Usage: kbox exec [OPTION...] SANDBOX [--] COMMAND [ARGUMENT...]\n"
		"Run COMMAND in the running SANDBOX, with the standard files of this command, and\n"
		"end with its status. Signals go on to it.\n"
		"\n"
		"  -w, --work-dir=DIR    working folder inside; / by default\n"
		"      --env=NAME=VALUE  set a variable; --env=NAME takes the value from here\n",
	.run = run,
};
