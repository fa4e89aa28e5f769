/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes of a sandbox use of the host.
 *
 * Side: host. Source: proc(5).
 */
#include "usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/cleanup.h"

static int read_stat(int pid, char *buf, size_t size)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	char path[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, buf, size - 1);
	if (len <= 0)
		return -ESRCH;
	buf[len] = '\0';
	return 0;
}

int kbox_usage_read(int pid, struct kbox_usage *ret_usage)
{
	unsigned long long user, system, tick_ns;
	unsigned int threads;
	long pages;
	char buf[1024], state, *name, *end;
	int err = read_stat(pid, buf, sizeof(buf));

	if (err)
		return err;
	/* The name is between the first "(" and the last ")". */
	name = strchr(buf, '(');
	end = strrchr(buf, ')');
	if (!name || !end ||
	    sscanf(end + 1,
		   " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu "
		   "%*d %*d %*d %*d %u %*d %*u %*u %ld",
		   &state, &user, &system, &threads, &pages) != 5)
		return -ESRCH;
	tick_ns = 1000000000ULL / (unsigned long long)sysconf(_SC_CLK_TCK);
	*ret_usage = (struct kbox_usage){
		.pid = pid,
		.state = state,
		.threads = threads,
		.cpu_ns = (user + system) * tick_ns,
		.resident_bytes = (uint64_t)pages *
				  (uint64_t)sysconf(_SC_PAGESIZE),
	};
	snprintf(ret_usage->comm, sizeof(ret_usage->comm), "%.*s",
		 (int)(end - name - 1), name + 1);
	return 0;
}

uint64_t kbox_usage_memory(const struct kbox_control_info *info)
{
	struct kbox_usage usage;
	uint64_t bytes = 0;

	if (!kbox_usage_read(info->supervisor, &usage))
		bytes = usage.resident_bytes;
	for (unsigned int i = 0; i < info->processes && i < KBOX_CONTROL_PIDS_MAX;
	     i++)
		if (!kbox_usage_read(info->pids[i], &usage))
			bytes += usage.resident_bytes;
	return bytes;
}
