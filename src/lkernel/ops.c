/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of host operations, and the small ones: time, log, randomness,
 * shadows, signals.
 *
 * Side: host, on kernel tasks' stacks. Invariants are in host.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "../base/check.h"
#include "../base/cleanup.h"
#include "../base/log.h"
#include "../guest/proc-status.h"
#include "../shadow/shadow-fd.h"
#include "host.h"

/* There is one booted kernel per process, and this is its host. */
static struct kbox_host *the_host;

struct kbox_host *kbox_host(void)
{
	return the_host;
}

int kbox_host_init(struct kbox_host *host, struct kbox_loop *loop,
		   unsigned long long shadow_budget_bytes)
{
	int err;

	if (the_host)
		return -EBUSY;
	memset(host, 0, sizeof(*host));
	host->loop = loop;
	host->ram_fd = -1;
	err = kbox_host_fds_init(host);
	if (err)
		return err;
	kbox_shadow_cache_init(&host->shadows, shadow_budget_bytes);
	the_host = host;
	return 0;
}

void kbox_host_done(struct kbox_host *host)
{
	if (the_host != host)
		return;
	kbox_host_disks_stop(host);
	kbox_host_binds_done(host);
	kbox_shadow_cache_reset(&host->shadows);
	kbox_live_table_done(&host->lives);
	kbox_host_fds_done(host);
	for (unsigned int i = 0; i < host->disk_count; i++)
		kbox_held_drop(&host->disks[i].held);
	/* The mapping stays: the kernel's memory is used until the end. */
	host->ram_fd = kbox_close(host->ram_fd);
	the_host = NULL;
}

static unsigned long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (unsigned long long)now.tv_sec * 1000000000 +
	       (unsigned long long)now.tv_nsec;
}

unsigned long long kbox_host_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

unsigned long long kbox_host_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/*
 * The kernel sends pieces of lines; they are shown line by line. What is sent
 * here at all is decided by conf->log_level.
 */
void kbox_host_console_write(const char *text, unsigned long len)
{
	struct kbox_host *host = the_host;

	for (unsigned long i = 0; i < len; i++) {
		if (text[i] == '\r')
			continue;
		if (text[i] != '\n')
			host->console_line[host->console_len++] = text[i];
		if (text[i] != '\n' &&
		    host->console_len < sizeof(host->console_line))
			continue;
		kbox_log(KBOX_LOG_ERROR, "kernel: %.*s",
			 (int)host->console_len, host->console_line);
		host->console_len = 0;
	}
}

void kbox_host_show_log(void)
{
	/* On no stack, which may be a small one of a kernel task. */
	static char text[KBOX_PANIC_LOG_BYTES + 1];
	unsigned long len = kbox_lk_log(text, sizeof(text) - 1);
	char *line, *next;

	text[len] = '\0';
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		kbox_error("kernel: %.*s", (int)(next - line), line);
		next += *next == '\n';
	}
}

void kbox_host_panic(const char *why)
{
	if (the_host && the_host->at_panic)
		the_host->at_panic();
	kbox_host_show_log();
	kbox_broken("the kernel cannot go on: %s", why);
}

void kbox_host_random(void *buf, unsigned long len)
{
	while (len) {
		/* Up to 256 bytes are given whole and without interruption. */
		size_t now = len < 256 ? len : 256;
		ssize_t n = getrandom(buf, now, 0);

		if (n < 0 && errno == EINTR)
			continue;
		KBOX_CHECK(n > 0);
		buf = (char *)buf + n;
		len -= (unsigned long)n;
	}
}

static int shadow_get(const struct kbox_file_id *id, struct kbox_file *file,
		      unsigned long have)
{
	int fd, err;

	if (kbox_shadow_cache_has(&the_host->shadows, id, have))
		return KBOX_SHADOW_HAVE;
	err = kbox_shadow_create_cached(&the_host->shadows, id, file, &fd);
	return err ? err : fd;
}

static void shadow_put(int fd)
{
	kbox_close(fd);
}

static void shadow_invalidate(unsigned long long dev, unsigned long long ino)
{
	kbox_shadow_cache_invalidate(&the_host->shadows, dev, ino);
}

static int live_create(unsigned long long dev, unsigned long long ino,
		       unsigned long long size)
{
	return kbox_live_create(&the_host->lives, dev, ino, size);
}

static void live_destroy(int fd)
{
	kbox_live_destroy(&the_host->lives, fd);
}

static int live_map(int fd, int tgid, int writable)
{
	return kbox_live_map(&the_host->lives, fd, tgid, writable);
}

static int live_mapped(int fd, int tgid)
{
	return kbox_live_mapped(&the_host->lives, fd, tgid);
}

static void live_scan(void)
{
	kbox_live_scan(&the_host->lives);
}

static void raise_signal(int tgid, int tid, int sig)
{
	/* The kernel also has tasks that are no guests. */
	if (the_host->box)
		the_host->raise(the_host->box, tgid, tid, sig);
}

static unsigned long long pending_signals(int tid)
{
	struct kbox_proc_status status;

	if (kbox_proc_status_read(tid, &status) < 0)
		return 0;
	return status.own_pending | status.group_pending;
}

static unsigned long long refused_signals(int tid)
{
	struct kbox_proc_status status;

	if (kbox_proc_status_read(tid, &status) < 0)
		return 0;
	return status.blocked | status.ignored;
}

static const struct kbox_host_ops ops = {
	.monotonic_ns = kbox_host_monotonic_ns,
	.realtime_ns = kbox_host_realtime_ns,
	.ram_map = kbox_host_ram_map,
	.ram_alias = kbox_host_ram_alias,
	.ram_unalias = kbox_host_ram_unalias,
	.console_write = kbox_host_console_write,
	.panic = kbox_host_panic,
	.random = kbox_host_random,
	.mem_read = kbox_host_mem_read,
	.mem_write = kbox_host_mem_write,
	.mem_force = kbox_host_mem_force,
	.text = kbox_host_text,
	.pagemap_read = kbox_host_pagemap_read,
	.clear_refs = kbox_host_clear_refs,
	.load = kbox_host_load,
	.disk_submit = kbox_host_disk_submit,
	.disk_reap = kbox_host_disk_reap,
	.bind_submit = kbox_host_bind_submit,
	.bind_reap = kbox_host_bind_reap,
	.fd_read = kbox_host_fd_read,
	.fd_write = kbox_host_fd_write,
	.fd_poll = kbox_host_fd_poll,
	.fd_watch = kbox_host_fd_watch,
	.fd_ioctl = kbox_host_fd_ioctl,
	.fd_stat = kbox_host_fd_stat,
	.fd_put = kbox_host_fd_put,
	.fd_job_control = kbox_host_fd_job_control,
	.fd_controls = kbox_host_fd_controls,
	.shadow_write = kbox_shadow_write,
	.shadow_get = shadow_get,
	.shadow_put = shadow_put,
	.shadow_zero = kbox_shadow_zero,
	.shadow_invalidate = shadow_invalidate,
	.live_create = live_create,
	.live_destroy = live_destroy,
	.live_read = kbox_live_read,
	.live_resize = kbox_live_resize,
	.live_clear = kbox_live_clear,
	.live_data = kbox_live_data,
	.live_map = live_map,
	.live_mapped = live_mapped,
	.live_scan = live_scan,
	.signal = raise_signal,
	.pending_signals = pending_signals,
	.refused_signals = refused_signals,
};

const struct kbox_host_ops *kbox_host_ops(void)
{
	return &ops;
}
