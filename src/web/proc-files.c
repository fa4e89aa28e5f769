/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of the library kernel's own /proc, read by the supervisor.
 *
 * Side: host.
 */
#include "proc-files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "../guest/sync-call.h"

static long call(struct kbox_box *box, long nr, unsigned long a,
		 unsigned long b, unsigned long c, unsigned long d)
{
	const unsigned long args[6] = { a, b, c, d };
	long value;
	int err = kbox_call_wait(box, box->supervisor, nr, args, &value);

	return err ? err : value;
}

int kbox_proc_files_open(struct kbox_proc_files *files, struct kbox_box *box)
{
	long context, fd;

	files->box = box;
	files->fd = -1;
	context = call(box, SYS_fsopen, (unsigned long)"proc", FSOPEN_CLOEXEC,
		       0, 0);
	if (context < 0)
		return (int)context;
	fd = call(box, SYS_fsconfig, (unsigned long)context,
		  FSCONFIG_CMD_CREATE, 0, 0);
	if (!fd)
		fd = call(box, SYS_fsmount, (unsigned long)context,
			  FSMOUNT_CLOEXEC, 0, 0);
	call(box, SYS_close, (unsigned long)context, 0, 0, 0);
	if (fd < 0)
		return (int)fd;
	files->fd = (int)fd;
	return 0;
}

void kbox_proc_files_close(struct kbox_proc_files *files)
{
	if (files->fd >= 0)
		call(files->box, SYS_close, (unsigned long)files->fd, 0, 0, 0);
	files->fd = -1;
}

long kbox_proc_files_read(struct kbox_proc_files *files, const char *name)
{
	unsigned long used = 0;
	long fd, got = 0;

	files->text[0] = '\0';
	if (files->fd < 0)
		return -EBADF;
	fd = call(files->box, SYS_openat, (unsigned long)files->fd,
		  (unsigned long)name, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	while (used < KBOX_WEB_PROC_BYTES) {
		got = call(files->box, SYS_read, (unsigned long)fd,
			   (unsigned long)files->text + used,
			   KBOX_WEB_PROC_BYTES - used, 0);
		if (got <= 0)
			break;
		used += (unsigned long)got;
	}
	call(files->box, SYS_close, (unsigned long)fd, 0, 0, 0);
	if (got < 0)
		used = 0;
	files->text[used] = '\0';
	return got < 0 ? got : (long)used;
}
