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
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/macros.h"

struct reader {
	int fd;
	size_t begin, end;	/* what of text is not used up */
	char text[4096];
};

/* Room for the longest name and value of a field that is of use here. */
#define LINE_MAX_BYTES 64

/*
 * The beginning of the next line, as a string. The rest of it, which for the
 * supplementary groups can be long, is passed over. 1, 0 at the end, -errno.
 */
static int next_line(struct reader *reader, char line[LINE_MAX_BYTES])
{
	size_t len = 0;
	ssize_t got;

	for (;;) {
		while (reader->begin < reader->end) {
			char c = reader->text[reader->begin++];

			if (c == '\n') {
				line[len] = '\0';
				return 1;
			}
			if (len < LINE_MAX_BYTES - 1)
				line[len++] = c;
		}
		got = read(reader->fd, reader->text, sizeof(reader->text));
		if (got <= 0)
			return got < 0 ? -errno : 0;
		reader->begin = 0;
		reader->end = (size_t)got;
	}
}

/* What follows "@name:\t" if @line begins with it, or NULL. */
static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(line, name, len) && !strncmp(line + len, ":\t", 2) ?
		       line + len + 2 :
		       NULL;
}

/* Take @line over if it is one of a number or of a mask. */
static void take_line(struct kbox_proc_status *status, const char *line)
{
	const struct {
		const char *name;
		int *value;
	} numbers[] = {
		{ "Tgid", &status->tgid },
		{ "PPid", &status->ppid },
		{ "TracerPid", &status->tracer },
		{ "Threads", &status->threads },
		{ "Seccomp_filters", &status->filters },
	};
	const struct {
		const char *name;
		uint64_t *value;
	} masks[] = {
		{ "SigPnd", &status->own_pending },
		{ "ShdPnd", &status->group_pending },
		{ "SigBlk", &status->blocked },
		{ "SigIgn", &status->ignored },
	};
	const char *text;

	/* Most lines are of no use. */
	if (!strchr("STP", line[0]))
		return;
	text = value_of(line, "State");
	if (text)
		status->state = *text;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(numbers); i++) {
		text = value_of(line, numbers[i].name);
		if (text)
			*numbers[i].value = atoi(text);
	}
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(masks); i++) {
		text = value_of(line, masks[i].name);
		if (text)
			*masks[i].value = strtoull(text, NULL, 16);
	}
}

int kbox_proc_status_read(int tid, struct kbox_proc_status *ret_status)
{
	struct kbox_proc_status status = { 0 };
	KBOX_CLEANUP_CLOSE int fd = -1;
	struct reader reader;
	char line[LINE_MAX_BYTES];
	bool complete = false;
	int got = 0;

	snprintf(line, sizeof(line), "/proc/%d/status", tid);
	fd = open(line, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	reader.fd = fd;
	reader.begin = reader.end = 0;
	while (!complete && (got = next_line(&reader, line)) > 0) {
		take_line(&status, line);
		complete = value_of(line, "Seccomp_filters");
	}
	if (got < 0)
		return got;
	if (!complete)
		return -ESRCH;
	*ret_status = status;
	return 0;
}

/* linux/pidfd.h of 6.13. */
struct pidfd_info {
	uint64_t mask;
	uint64_t cgroup_id;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_code;
};
#define PIDFD_INFO_PID 1
#define PIDFD_GET_INFO _IOWR(0xff, 11, struct pidfd_info)

/* Only a thread that leads its process has a pidfd. */
static bool ask_pidfd(int tid, int *ret_tgid, int *ret_ppid)
{
	struct pidfd_info info = { .mask = PIDFD_INFO_PID };
	KBOX_CLEANUP_CLOSE int fd = pidfd_open(tid, 0);

	if (fd < 0 || ioctl(fd, PIDFD_GET_INFO, &info) < 0 ||
	    !(info.mask & PIDFD_INFO_PID))
		return false;
	*ret_tgid = (int)info.tgid;
	*ret_ppid = (int)info.ppid;
	return true;
}

int kbox_proc_family_read(int tid, int *ret_tgid, int *ret_ppid)
{
	struct kbox_proc_status status;
	int err;

	if (ask_pidfd(tid, ret_tgid, ret_ppid))
		return 0;
	err = kbox_proc_status_read(tid, &status);
	if (err < 0)
		return err;
	if (kbox_proc_status_ended(&status))
		return -ESRCH;
	*ret_tgid = status.tgid;
	*ret_ppid = status.ppid;
	return 0;
}

bool kbox_proc_is_ours(void)
{
	char number[16];
	ssize_t len = readlink("/proc/self", number, sizeof(number) - 1);

	if (len <= 0)
		return false;
	number[len] = '\0';
	return atoi(number) == getpid();
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
