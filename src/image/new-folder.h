/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A folder that appears when it is complete.
 *
 * Side: host. Until then it has a name that begins with a dot, beside its own; an
 * end by a signal leaves that. It takes regular files and folders, the names of which are kbox's own.
 */
#ifndef KBOX_IMAGE_NEW_FOLDER_H
#define KBOX_IMAGE_NEW_FOLDER_H

#include "sink.h"

struct kbox_new_folder {
	struct kbox_sink sink;
	const char *path;	/* what it is to be; not owned */
	char *temporary;	/* its name until then, owned; or NULL */
	int fd;			/* owned */
	int file_fd;		/* owned: of the file under way, or -1 */
};

/* Whether @path is free. 0, or -EEXIST after one line. */
int kbox_new_folder_check(const char *path);

/*
 * 0, or -errno after one line; -EEXIST when there is something of that name.
 * @path has no slash at its end.
 */
int kbox_new_folder_create(struct kbox_new_folder *folder, const char *path);

/* On the disk, and under its name. 0 or -errno after one line. */
int kbox_new_folder_keep(struct kbox_new_folder *folder);

/* Close it; it is gone with all that is in it, unless it was kept. */
void kbox_new_folder_drop(struct kbox_new_folder *folder);

/* Remove the folder @path of the host's and all that is in it, as far as it goes. */
void kbox_new_folder_remove(const char *path);

#endif
