/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Families of system calls: what a call is about, for those who look at many.
 *
 * Side: host. A family follows from the kinds of a call's arguments in
 * abi/syscalls.tbl; only what no kind tells is named here.
 */
#ifndef KBOX_OBSERVE_FAMILY_H
#define KBOX_OBSERVE_FAMILY_H

enum kbox_family {
	KBOX_FAMILY_PATHS,	/* names of files */
	KBOX_FAMILY_FDS,	/* descriptors */
	KBOX_FAMILY_SOCKETS,
	KBOX_FAMILY_WAITS,	/* for descriptors, children or time */
	KBOX_FAMILY_PROCESSES,	/* processes, threads and who they are */
	KBOX_FAMILY_SIGNALS,
	KBOX_FAMILY_MEMORY,
	KBOX_FAMILY_OTHERS,
	KBOX_FAMILIES,
};

/* Of call @nr, a number that nobody has among them. */
enum kbox_family kbox_family_of(long nr);

const char *kbox_family_name(enum kbox_family family);

#endif
