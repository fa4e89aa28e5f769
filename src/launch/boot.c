/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Booting the library kernel.
 *
 * Side: host.
 */
#include "boot.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../base/log.h"

/*
 * Console levels: messages below them are shown. Errors of file systems are
 * critical messages, 2; the user wants to see those.
 */
static int console_level(const struct kbox_options *options)
{
	if (options->kernel_log_level >= 0)
		return options->kernel_log_level;
	switch (kbox_log_level()) {
	case KBOX_LOG_ERROR:
		return 1;
	case KBOX_LOG_WARN:
		return 3;
	case KBOX_LOG_INFO:
		return 4;
	default:
		return 8;
	}
}

/* The next disk of @host and @conf. 0 or -errno. */
static int add_disk(struct kbox_host *host, struct kbox_lk_conf *conf,
		    const struct kbox_image *image, const char *name)
{
	const struct kbox_host_disk disk = {
		.name = name,
		.fd = image->fd,
		.start = image->start,
		.bytes = image->bytes,
		.read_only = image->read_only,
		/* What repairs the file system shall not be put off. */
		.phase = image->clean ? KBOX_DISK_LAUNCH : KBOX_DISK_DIRECT,
	};
	int index = kbox_host_add_disk(host, &disk);

	if (index < 0)
		return index;
	conf->disks[index] = (struct kbox_lk_disk){ image->bytes,
						    image->read_only };
	conf->disk_count++;
	return 0;
}

int kbox_boot(struct kbox_host *host, const struct kbox_image *image,
	      const struct kbox_image *upper,
	      const struct kbox_options *options, struct kbox_task **ret_task)
{
	struct kbox_lk_conf conf = {
		.ram_bytes = options->ram_bytes,
		.command_line = options->kernel_command_line,
		.supervisor_pid = getpid(),
		.supervisor_group = getpgrp(),
		.supervisor_session = getsid(0),
		.log_level = console_level(options),
	};
	unsigned long long begin = kbox_host_monotonic_ns();
	int err = add_disk(host, &conf, image, options->image);

	if (!err && upper->fd >= 0)
		err = add_disk(host, &conf, upper, options->overlay);
	if (!err)
		err = kbox_lk_boot(kbox_host_ops(), &conf, ret_task);
	if (err == -ENOMEM)
		kbox_error("no memory for the kernel's %llu MiB of RAM; "
			   "give it less with -k mem=SIZE",
			   options->ram_bytes >> 20);
	else if (err)
		kbox_error("the kernel does not boot: %s", strerror(-err));
	else
		kbox_info("kernel booted in %.2f ms with %llu MiB of RAM",
			  (double)(kbox_host_monotonic_ns() - begin) / 1e6,
			  options->ram_bytes >> 20);
	return err;
}
