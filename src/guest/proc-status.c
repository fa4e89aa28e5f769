/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host's /proc/TID/status says about a guest thread.
 *
 * Side: host.
 */
#include "proc-status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/cleanup.h"
#include "../base/macros.h"

/* The value after "\n@name:\t", or NULL. */
static const char *find_field(const char *text, const char *name)
{
	char pattern[24];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\n%s:\t", name);
	at = strstr(text, pattern);
	return at ? at + strlen(pattern) : NULL;
}

static int number_field(const char *text, const char *name)
{
	const char *at = find_field(text, name);

	return at ? atoi(at) : 0;
}

static uint64_t mask_field(const char *text, const char *name)
{
	const char *at = find_field(text, name);

	return at ? strtoull(at, NULL, 16) : 0;
}

int kbox_proc_status_read(int tid, struct kbox_proc_status *ret_status)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	char path[32], text[4096];
	const char *state;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return -errno;
	text[len] = '\0';
	state = find_field(text, "State");
	if (!state || !find_field(text, "SigBlk"))
		return -ESRCH;
	*ret_status = (struct kbox_proc_status){
		.state = *state,
		.tgid = number_field(text, "Tgid"),
		.ppid = number_field(text, "PPid"),
		.threads = number_field(text, "Threads"),
		.filters = number_field(text, "Seccomp_filters"),
		.own_pending = mask_field(text, "SigPnd"),
		.group_pending = mask_field(text, "ShdPnd"),
		.blocked = mask_field(text, "SigBlk"),
	};
	return 0;
}

bool kbox_proc_status_ended(const struct kbox_proc_status *status)
{
	return status->state == 'Z' || status->state == 'X';
}

int kbox_proc_visit(const char *path, int (*visit)(int number, void *context),
		    void *context)
{
	KBOX_CLEANUP_DIR DIR *dir = opendir(path);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir))) {
		char *end;
		long number = strtol(entry->d_name, &end, 10);

		if (*end == '\0' && end != entry->d_name && number > 0)
			err = visit((int)number, context);
	}
	return err;
}

bool kbox_proc_same_namespaces(int pid, int other_pid)
{
	static const char *const names[] = { "user", "mnt", "pid", "net" };

	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(names); i++) {
		char path[48];
		struct stat one, other;

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		if (stat(path, &one) < 0)
			return false;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", other_pid,
			 names[i]);
		if (stat(path, &other) < 0)
			return false;
		if (one.st_ino != other.st_ino || one.st_dev != other.st_dev)
			return false;
	}
	return true;
}
