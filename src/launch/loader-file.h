/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loader's file, put where guests can execute it.
 *
 * Side: host, second phase of a launch. The loader is part of the kbox
 * program; the host can only execute files.
 *
 * Invariants
 *  1. The file lies in folders that are ours alone (mode 0700), and its
 *     contents are those of the loader in this program: compared each time.
 *  2. It is in place under its name only when it is complete.
 *  3. No two running kboxes use the same inode (see guest/loader-file.h): each
 *     locks a numbered slot. The lock is on the slot's folder, since opening
 *     the file itself is what another kbox may be watching for.
 *
 * What stays behind: one slot of a few KiB per kbox that ever ran at the same
 * time; the next ones use them again.
 */
#ifndef KBOX_LAUNCH_LOADER_FILE_H
#define KBOX_LAUNCH_LOADER_FILE_H

#include <limits.h>

#include "../guest/loader-file.h"

struct kbox_loader_slot {
	struct kbox_loader_file file;
	int lock_fd;			/* owned */
	char path[PATH_MAX];		/* file.dir points here */
};

/* 0, or -errno after one line that says what is wrong. */
int kbox_loader_slot_open(struct kbox_loader_slot *slot);
void kbox_loader_slot_close(struct kbox_loader_slot *slot);

#endif
