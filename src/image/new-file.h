/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that appears when it is complete.
 *
 * Side: host. Until then it has no name, so nothing is left when kbox ends
 * early. Where the file system has no files without names, it has one that
 * begins with a dot, and is removed by kbox_new_file_drop().
 */
#ifndef KBOX_IMAGE_NEW_FILE_H
#define KBOX_IMAGE_NEW_FILE_H

struct kbox_new_file {
	const char *path;	/* what it is to be; not owned */
	int fd;			/* owned */
	char *temporary;	/* its name until then, owned; or NULL */
	char name[32];		/* by which children of this process open @fd */
};

/* 0, or -errno after one line. */
int kbox_new_file_create(struct kbox_new_file *file, const char *path);

/* On the disk, and under its name, in place of what was there. 0 or -errno after one line. */
int kbox_new_file_keep(struct kbox_new_file *file);

/* Close it; it is gone, unless it was kept. */
void kbox_new_file_drop(struct kbox_new_file *file);

#endif
