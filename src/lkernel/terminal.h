/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's terminal: as kbox found it, so that it can be left like that.
 *
 * Side: host. Guests set the terminal through ioctls on their standard files;
 * one that ends in raw mode, or is killed, would leave it unusable.
 */
#ifndef KBOX_LKERNEL_TERMINAL_H
#define KBOX_LKERNEL_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct kbox_terminal {
	int fd;			/* owned, or -1: there is none */
	bool foreground;	/* our process group was the foreground */
	pid_t pgrp;
	struct termios settings;
};

/* Note the settings of the first terminal among host fds 0 to 2. */
void kbox_terminal_save(struct kbox_terminal *terminal);

/* Put them back where they differ. Harmless when called twice. */
void kbox_terminal_restore(struct kbox_terminal *terminal);

#endif
