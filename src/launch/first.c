/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first guest: from a waiting host process to a program of the image.
 *
 * Side: host. Invariants are in first.h. Source for the search along PATH and
 * the shell for scripts without "#!": exec(3).
 */
#include "first.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/check.h"
#include "../base/log.h"
#include "../guest/sync-call.h"
#include "environ.h"
#include "from-config.h"
#include "identity.h"
#include "userland.h"

/* Entries of argv beside the user's: a shell, -c, its command, NULL. */
#define ARGV_EXTRA 4

size_t kbox_first_strings_bytes(const struct kbox_options *options)
{
	size_t bytes = 0;

	/* Each string also costs a pointer and is rounded up. */
	for (unsigned int i = 0; i < options->argc; i++)
		bytes += strlen(options->argv[i]) + 32;
	for (unsigned int i = 0; i < options->env_count; i++)
		bytes += strlen(options->env[i]) + 32;
	for (char **env = environ; env && *env; env++)
		bytes += strlen(*env) + 32;
	if (options->shell_command)
		bytes += strlen(options->shell_command) + 32;
	return bytes;
}

static int make_task(struct kbox_first *first, struct kbox_child *child,
		     struct kbox_caller *supervisor)
{
	char *dot = kbox_child_strdup(child, ".");
	struct kbox_task *task = NULL;
	long err;

	err = kbox_call3(supervisor, KBOX_CALL_CLONE, 0, child->pid, &task);
	if (err) {
		kbox_error("cannot make the first task: %s",
			   strerror((int)-err));
		return (int)err;
	}
	first->caller.loop = supervisor->loop;
	first->caller.box = supervisor->box;
	first->caller.task = task;
	/* Its working folder, from the supervisor's task, is the image. */
	err = kbox_call1(&first->caller, SYS_chroot, dot);
	if (err)
		kbox_error("cannot enter the image: %s", strerror((int)-err));
	return (int)err;
}

static int give_terminal(struct kbox_first *first,
			 const struct kbox_child *child,
			 struct kbox_console *console)
{
	int err = console->terminal ?
			  kbox_console_give(console, &first->caller,
					    child->pid) :
			  0;

	if (err)
		kbox_error("cannot give the terminal to the first guest: %s",
			   strerror(-err));
	return err;
}

/*
 * One that joins is neither in the session of the first guest nor at its
 * terminal, which the supervisor's task has.
 */
static int leave_supervisor(struct kbox_first *first)
{
	kbox_call0(&first->caller, SYS_setsid);
	return (int)kbox_call2(&first->caller, SYS_close_range, 0, ~0U);
}

/* Guest file @fd, the lowest free one, in front of @file. 0 or -errno. */
static int pass_on(struct kbox_first *first, struct kbox_host *host, int file,
		   int fd)
{
	int own = kbox_host_add_fd(host, file);
	int flags = fcntl(file, F_GETFL);
	long err = own;

	if (own >= 0)
		err = kbox_call2(&first->caller, KBOX_CALL_HOSTFD, own,
				 flags & O_ACCMODE);
	if (err >= 0 && err != fd)
		err = -EBADF;
	if (err < 0 && own >= 0)
		kbox_host_fd_put(own);
	if (err < 0)
		kbox_error("cannot pass on standard file %d: %s", fd,
			   strerror((int)-err));
	return err < 0 ? (int)err : 0;
}

/* Files 0, 1 and 2, where it has no terminal yet. A terminal is the guest's. */
static int give_standard_files(struct kbox_first *first,
			       struct kbox_host *host, const int files[3],
			       const struct kbox_identity *identity,
			       const struct kbox_terminal *taken)
{
	for (int fd = 0; fd <= 2; fd++) {
		int err = taken && taken->standard[fd] ?
				  0 :
				  pass_on(first, host, files[fd], fd);

		if (err)
			return err;
		/* As login(1) does. */
		if (isatty(files[fd])) {
			kbox_call3(&first->caller, SYS_fchown, fd,
				   identity->uid, -1);
			kbox_call2(&first->caller, SYS_fchmod, fd, 0620);
		}
	}
	return 0;
}

static int enter_work_dir(struct kbox_first *first, struct kbox_child *child,
			  const char *work_dir)
{
	char *path = kbox_child_strdup(child, work_dir ? work_dir : "/");
	long err = path ? kbox_call1(&first->caller, SYS_chdir, path) :
			  -ENAMETOOLONG;

	if (err)
		kbox_error("-w %s: %s in the image", work_dir ? work_dir : "/",
			   strerror((int)-err));
	return (int)err;
}

static int build_argv(struct kbox_first *first, struct kbox_child *child,
		      const struct kbox_options *options, const char *shell)
{
	size_t room = options->argc + ARGV_EXTRA;
	unsigned int count = 0;
	char **argv = kbox_child_alloc(child, room * sizeof(char *));

	if (!argv)
		return -E2BIG;
	if (options->shell_command) {
		argv[count++] = kbox_child_strdup(child, "/bin/sh");
		argv[count++] = kbox_child_strdup(child, "-c");
		argv[count++] = kbox_child_strdup(child,
						  options->shell_command);
	} else if (!options->argc) {
		argv[count++] = kbox_child_strdup(child, shell);
	}
	for (unsigned int i = 0; i < options->argc; i++)
		argv[count++] = kbox_child_strdup(child, options->argv[i]);
	for (unsigned int i = 0; i < count; i++)
		if (!argv[i])
			return -E2BIG;
	first->argv = argv;
	return 0;
}

/* 0 when the exec of @path is parked, or -errno. */
static int try_exec(struct kbox_first *first, const char *path)
{
	first->program = path;
	return (int)kbox_call3(&first->caller, KBOX_CALL_EXEC, AT_FDCWD, path,
			       0);
}

/* A script without "#!" is one for the shell. */
static int try_path(struct kbox_first *first, struct kbox_child *child,
		    char *path)
{
	int err = try_exec(first, path);
	size_t count = 0;
	char **argv, *shell;

	if (err != -ENOEXEC)
		return err;
	while (first->argv[count])
		count++;
	argv = kbox_child_alloc(child, (count + 2) * sizeof(char *));
	shell = kbox_child_strdup(child, "/bin/sh");
	if (!argv || !shell)
		return -E2BIG;
	argv[0] = shell;
	argv[1] = path;
	for (size_t i = 1; i < count; i++)
		argv[i + 1] = first->argv[i];
	err = try_exec(first, shell);
	if (!err)
		first->argv = argv;
	return err ? -ENOEXEC : 0;
}

static int search(struct kbox_first *first, struct kbox_child *child)
{
	const char *name = first->argv[0];
	const char *dirs = kbox_environ_get(first->envp, "PATH");
	char *path = kbox_child_alloc(child, PATH_MAX);
	int result = -ENOENT;

	if (!path)
		return -ENOMEM;
	if (!*name)
		return -ENOENT;
	if (strchr(name, '/')) {
		if (strlen(name) >= PATH_MAX)
			return -ENAMETOOLONG;
		return try_path(first, child, strcpy(path, name));
	}
	if (!dirs)
		dirs = KBOX_DEFAULT_PATH;
	for (;;) {
		size_t len = strcspn(dirs, ":");
		int n = snprintf(path, PATH_MAX, "%.*s%s%s", (int)len, dirs,
				 len ? "/" : "", name);
		int err = n < PATH_MAX ? try_path(first, child, path) :
					 -ENAMETOOLONG;

		if (!err)
			return 0;
		/* As exec(3): denied in one folder, perhaps not in the next. */
		if (err == -EACCES)
			result = err;
		else if (err != -ENOENT && err != -ENOTDIR &&
			 err != -ENAMETOOLONG)
			return err;
		if (!dirs[len])
			return result;
		dirs += len + 1;
	}
}

/* Whether the command itself is there, so that its interpreter is not. */
static bool exists(struct kbox_first *first)
{
	return strchr(first->argv[0], '/') &&
	       !kbox_call2(&first->caller, SYS_access, first->argv[0], F_OK);
}

static int report(struct kbox_first *first, int err)
{
	const char *name = first->argv[0];

	if (err == -ENOENT && exists(first)) {
		kbox_error("%s: its interpreter (after \"#!\", or the dynamic "
			   "linker) is not in the image", name);
		return KBOX_EXIT_NOT_EXECUTABLE;
	}
	if (err == -ENOENT || err == -ENOTDIR) {
		kbox_error("%s: no such command in the image", name);
		return KBOX_EXIT_NOT_FOUND;
	}
	if (err == -EACCES)
		kbox_error("%s: not executable, or a folder on the way to it "
			   "is closed", name);
	else if (err == -ENOEXEC)
		kbox_error("%s: not an x86-64 program, nor a script", name);
	else
		kbox_error("%s: cannot be executed: %s", name, strerror(-err));
	return KBOX_EXIT_NOT_EXECUTABLE;
}

/* What the file modes of new files lack is the user's choice here, too. */
static void pass_umask(struct kbox_first *first)
{
	mode_t mask = umask(0);

	umask(mask);
	kbox_call1(&first->caller, SYS_umask, mask);
}

/* With its task, which stands in the image. An exit status. */
static int prepare(struct kbox_first *first, struct kbox_child *child,
		   struct kbox_host *host, const struct kbox_options *options,
		   const struct kbox_start *start)
{
	struct kbox_identity identity;
	struct kbox_user user;
	int err;

	kbox_identity_choose(options, &identity);
	if (start->console ? give_terminal(first, child, start->console) :
			     leave_supervisor(first))
		return KBOX_EXIT_FAILED;
	if (give_standard_files(first, host, start->files, &identity,
				start->console ? start->console->terminal :
						 NULL))
		return KBOX_EXIT_FAILED;
	if (start->console)
		kbox_userland_set_hostname(&first->caller, child);
	kbox_userland_user(&first->caller, child, identity.uid, &user);
	pass_umask(first);
	if (kbox_identity_apply(&first->caller, child, &identity) ||
	    enter_work_dir(first, child, options->work_dir))
		return KBOX_EXIT_FAILED;
	first->envp = kbox_environ_build(child, options, &user);
	if (!first->envp || build_argv(first, child, options, user.shell)) {
		kbox_error("the command and its environment are too long");
		return KBOX_EXIT_NOT_EXECUTABLE;
	}
	err = search(first, child);
	return err ? report(first, err) : 0;
}

int kbox_first_prepare(struct kbox_first *first, struct kbox_child *child,
		       struct kbox_caller *supervisor, struct kbox_host *host,
		       const struct kbox_start *start)
{
	struct kbox_from_config from;
	int status;

	memset(first, 0, sizeof(*first));
	if (make_task(first, child, supervisor) ||
	    kbox_from_config_init(&from, &first->caller, child,
				  start->options))
		return KBOX_EXIT_FAILED;
	status = prepare(first, child, host, &from.options, start);
	kbox_from_config_done(&from);
	return status;
}

void kbox_first_abort(struct kbox_first *first)
{
	if (!first->caller.task)
		return;
	kbox_lk_kill(first->caller.task, 1);
	/* Among guests its end comes with what else happens. */
	if (first->caller.box)
		kbox_forget_events(first->caller.box, first->caller.task);
	else
		kbox_calls_drain();
	kbox_lk_task_put(first->caller.task);
	first->caller.task = NULL;
}
