/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Container images of registries, which skopeo fetches.
 *
 * Side: host. skopeo writes an OCI layout in a folder with a name, which is removed
 * as soon as its pieces are open; until then, signals wait.
 *
 * Sources: skopeo(1), skopeo-copy(1), signalfd(2), pidfd_open(2).
 */
#include "pull.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "new-folder.h"
#include "tool.h"

/* Words of the command line; platform and reference are the user's. */
#define WORDS_MAX 16

struct fetch {
	const struct kbox_pull *pull;
	char *folder;		/* owned */
	sigset_t before;	/* the signals that were blocked */
	int signal_fd;		/* owned */
	int signal;		/* that came meanwhile; 0: none */
};

static int complain(const struct fetch *fetch, int err)
{
	kbox_error("%s: cannot be fetched: %s", fetch->pull->reference,
		   strerror(-err));
	return err;
}

/* Those that end us, but for those that somebody told us to ignore. */
static int hold_signals(struct fetch *fetch)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!sigaction(ends[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	fetch->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fetch->signal_fd < 0)
		return complain(fetch, -errno);
	sigprocmask(SIG_BLOCK, &set, &fetch->before);
	return 0;
}

static void release_signals(struct fetch *fetch)
{
	if (fetch->signal_fd < 0)
		return;
	fetch->signal_fd = kbox_close(fetch->signal_fd);
	if (fetch->signal)
		raise(fetch->signal);
	sigprocmask(SIG_SETMASK, &fetch->before, NULL);
}

static int make_folder(struct fetch *fetch)
{
	const char *beside = fetch->pull->beside;
	const char *slash = strrchr(beside, '/');
	int len = slash ? (int)(slash + 1 - beside) : 0;

	/* "oci:FOLDER:TAG" is how skopeo is told. */
	if (memchr(beside, ':', (size_t)len)) {
		kbox_error("%.*s: skopeo takes no folder with a colon in its "
			   "path", len, beside);
		return -EINVAL;
	}
	if (asprintf(&fetch->folder, "%.*s.kbox-pull.XXXXXX", len, beside) < 0) {
		fetch->folder = NULL;
		return complain(fetch, -ENOMEM);
	}
	if (mkdtemp(fetch->folder))
		return 0;
	kbox_error("%s: cannot be written: %s", beside, strerror(errno));
	free(KBOX_TAKE_PTR(fetch->folder));
	return -errno;
}

/* Until it ends; what tells us to end is told to it. */
static void watch(struct fetch *fetch, pid_t pid)
{
	KBOX_CLEANUP_CLOSE int pid_fd = pidfd_open(pid, 0);
	struct pollfd fds[2] = {
		{ .fd = pid_fd, .events = POLLIN },
		{ .fd = fetch->signal_fd, .events = POLLIN },
	};

	while (pid_fd >= 0 && !fds[0].revents) {
		struct signalfd_siginfo info;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (!(fds[1].revents & POLLIN) ||
		    read(fetch->signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		fetch->signal = (int)info.ssi_signo;
		kill(pid, fetch->signal);
	}
}

/* Of a line of skopeo's log, time="..." level=fatal msg="...", the message. */
static const char *message_of(char *said)
{
	char *message = strstr(said, " msg=\""), *to, *from;

	if (!message)
		return *said ? said : "skopeo says not why";
	message += strlen(" msg=\"");
	for (from = to = message; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return message;
}

static int run_skopeo(struct fetch *fetch, const char *const *argv)
{
	const char *reference = fetch->pull->reference;
	char said[KBOX_TOOL_SAID_BYTES];
	struct kbox_tool tool;
	int err = kbox_tool_start(&tool, argv, -1, -1);

	if (err == -ENOENT)
		kbox_error("%s: skopeo, which fetches images, is not installed; "
			   "install it, or give a layout to kbox image build",
			   reference);
	else if (err)
		complain(fetch, err);
	if (err)
		return err;
	watch(fetch, tool.pid);
	err = kbox_tool_end(&tool, said);
	if (fetch->signal)
		return -EINTR;
	if (err)
		kbox_error("%s: %s", reference, message_of(said));
	return err;
}

/* @platform is "OS/ARCH[/VARIANT]", and is cut into pieces. */
static int copy(struct fetch *fetch, char *platform)
{
	KBOX_CLEANUP_FREE char *from = NULL, *to = NULL;
	const char *argv[WORDS_MAX] = { "skopeo" };
	char *arch = strchr(platform, '/'), *variant;
	unsigned int n = 1;

	if (asprintf(&from, "docker://%s", fetch->pull->reference) < 0)
		from = NULL;
	if (asprintf(&to, "oci:%s", fetch->folder) < 0)
		to = NULL;
	if (!from || !to)
		return complain(fetch, -ENOMEM);
	*arch++ = '\0';
	variant = strchr(arch, '/');
	argv[n++] = "--override-os";
	argv[n++] = platform;
	argv[n++] = "--override-arch";
	argv[n++] = arch;
	if (variant) {
		*variant++ = '\0';
		argv[n++] = "--override-variant";
		argv[n++] = variant;
	}
	argv[n++] = "copy";
	argv[n++] = "--quiet";
	if (fetch->pull->insecure)
		argv[n++] = "--src-tls-verify=false";
	argv[n++] = from;
	argv[n] = to;
	return run_skopeo(fetch, argv);
}

/* A folder of anything would be a source as well. */
static int open_layout(const struct fetch *fetch,
		       const struct kbox_source_options *options,
		       struct kbox_source *source)
{
	const char *reference = fetch->pull->reference;
	int err = kbox_source_open(source, fetch->folder, reference, options);

	if (err || source->is_container)
		return err;
	kbox_error("%s: skopeo fetched no image", reference);
	kbox_source_close(source);
	return -EINVAL;
}

static int fetch_and_open(struct fetch *fetch,
			  const struct kbox_source_options *options,
			  struct kbox_source *source)
{
	KBOX_CLEANUP_FREE char *platform = strdup(options->choice.platform);
	int err = platform ? make_folder(fetch) : complain(fetch, -ENOMEM);

	if (err)
		return err;
	err = copy(fetch, platform);
	if (!err)
		err = open_layout(fetch, options, source);
	kbox_new_folder_remove(fetch->folder);
	return err;
}

int kbox_pull(const struct kbox_pull *pull,
	      const struct kbox_source_options *options,
	      struct kbox_source *source)
{
	struct fetch fetch = { .pull = pull, .signal_fd = -1 };
	int err = hold_signals(&fetch);

	if (!err)
		err = fetch_and_open(&fetch, options, source);
	release_signals(&fetch);
	free(fetch.folder);
	return err;
}
