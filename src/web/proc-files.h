/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of the library kernel's own /proc, read by the supervisor.
 *
 * Side: host, on the supervisor's thread. Through a mount that is attached
 * nowhere: guests neither see it nor can they put something else in its place.
 */
#ifndef KBOX_WEB_PROC_FILES_H
#define KBOX_WEB_PROC_FILES_H

#include <stddef.h>

#include "../guest/box.h"

struct kbox_proc_files {
	struct kbox_box *box;		/* not owned */
	int fd;				/* of the supervisor's task; -1: none */
	/* Of the file that was read last; what the kernel writes to outlives
	 * a call that is given up. */
	char text[KBOX_WEB_PROC_BYTES + 1];
};

/* 0 or -errno. */
int kbox_proc_files_open(struct kbox_proc_files *files, struct kbox_box *box);
void kbox_proc_files_close(struct kbox_proc_files *files);

/*
 * Read "/proc/@name" into files->text, NUL terminated, cut off at
 * KBOX_WEB_PROC_BYTES. Bytes or -errno, the text is empty then.
 */
long kbox_proc_files_read(struct kbox_proc_files *files, const char *name);

#endif
