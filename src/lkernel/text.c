/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the library kernel cannot know of guests and of the machine: texts of
 * the host's /proc and /sys, of which it shows guests what they may see.
 *
 * Side: host, on kernel tasks' stacks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/io.h"
#include "../guest/memory.h"
#include "host.h"

static long read_file(const char *path, char *buf, unsigned long size)
{
	KBOX_CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : kbox_pread_all(fd, buf, size, 0);
}

static long read_task(const char *name, int tgid, int tid, char *buf,
		      unsigned long size)
{
	char path[64];

	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", tgid, tid,
			 name);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", tgid, name);
	return read_file(path, buf, size);
}

/* The process's memory is seen through any thread but one that has ended. */
static long read_memory(const char *name, int tgid, char *buf,
			unsigned long size)
{
	int tid = kbox_guest_live_tid(tgid);

	return tid < 0 ? tid : read_task(name, tgid, tid, buf, size);
}

#define CPUS "/sys/devices/system/cpu/"
#define VM "/proc/sys/vm/"

long kbox_host_text(const struct kbox_text *which, char *buf,
		    unsigned long size)
{
	switch (which->kind) {
	case KBOX_TEXT_MAPS:
		return read_memory("maps", which->tgid, buf, size);
	case KBOX_TEXT_SMAPS:
		return read_memory("smaps", which->tgid, buf, size);
	case KBOX_TEXT_SMAPS_ROLLUP:
		return read_memory("smaps_rollup", which->tgid, buf, size);
	case KBOX_TEXT_STATM:
		return read_memory("statm", which->tgid, buf, size);
	case KBOX_TEXT_STAT:
		return read_task("stat", which->tgid, which->tid, buf, size);
	case KBOX_TEXT_STATUS:
		return read_task("status", which->tgid, which->tid, buf, size);
	case KBOX_TEXT_CPU_INFO:
		return read_file("/proc/cpuinfo", buf, size);
	case KBOX_TEXT_CPU_TIMES:
		return read_file("/proc/stat", buf, size);
	case KBOX_TEXT_MEMORY:
		return read_file("/proc/meminfo", buf, size);
	case KBOX_TEXT_UPTIME:
		return read_file("/proc/uptime", buf, size);
	case KBOX_TEXT_CPUS_ONLINE:
		return read_file(CPUS "online", buf, size);
	case KBOX_TEXT_CPUS_POSSIBLE:
		return read_file(CPUS "possible", buf, size);
	case KBOX_TEXT_CPUS_PRESENT:
		return read_file(CPUS "present", buf, size);
	case KBOX_TEXT_MMAP_MIN_ADDR:
		return read_file(VM "mmap_min_addr", buf, size);
	case KBOX_TEXT_MAX_MAP_COUNT:
		return read_file(VM "max_map_count", buf, size);
	}
	return -EINVAL;
}

static int open_task(const char *name, int tgid, int flags)
{
	int tid = kbox_guest_live_tid(tgid);
	char path[64];
	int fd;

	if (tid < 0)
		return tid;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", tgid, tid, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

long kbox_host_pagemap_read(int tgid, void *buf, unsigned long size,
			    unsigned long long offset)
{
	KBOX_CLEANUP_CLOSE int fd = open_task("pagemap", tgid, O_RDONLY);
	ssize_t n = fd < 0 ? fd : pread(fd, buf, size, (off_t)offset);

	return n < 0 && fd >= 0 ? -errno : n;
}

long kbox_host_clear_refs(int tgid, const char *text, unsigned long len)
{
	KBOX_CLEANUP_CLOSE int fd = open_task("clear_refs", tgid, O_WRONLY);
	ssize_t n = fd < 0 ? fd : write(fd, text, len);

	return n < 0 && fd >= 0 ? -errno : n;
}

void kbox_host_load(unsigned long ret_loads[3])
{
	struct sysinfo info = { 0 };

	sysinfo(&info);
	memcpy(ret_loads, info.loads, sizeof(info.loads));
}
