/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's terminal: as kbox found it, so that it can be left like that.
 *
 * Side: host, front and supervisor; each has a copy.
 *
 * A box *takes* the terminal when it has it for itself: standard input and
 * output are that one terminal, and kbox is its foreground. Then the guests get
 * a terminal of the library kernel (src/launch/console.h), and the user's is
 * raw while they run. Otherwise others use it as well, as in a pipeline, and
 * guests' calls are passed on to it one by one.
 *
 * Invariants
 *  1. A terminal that was taken is put back only while it still has the
 *     settings that kbox gave it: whoever has set it since may keep it so.
 *  2. One that was not taken is put back however guests have left it.
 */
#ifndef KBOX_LKERNEL_TERMINAL_H
#define KBOX_LKERNEL_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct kbox_terminal {
	int fd;			/* owned, or -1: there is none */
	bool foreground;	/* our process group was the foreground */
	bool taken;		/* the box has it for itself */
	bool standard[3];	/* which of host fds 0 to 2 it is, when taken */
	pid_t pgrp;
	struct termios settings;
};

/* Note the settings of the first terminal among host fds 0 to 2. */
void kbox_terminal_save(struct kbox_terminal *terminal);

/* The settings may have changed while kbox did not have it: note them again. */
void kbox_terminal_note(struct kbox_terminal *terminal);

/* Note the settings, then make it raw. */
void kbox_terminal_make_raw(struct kbox_terminal *terminal);

/*
 * Put the settings back where they differ. SIGTTOU must be blocked, since a
 * dead guest's process group can be the foreground.
 */
void kbox_terminal_put_back(struct kbox_terminal *terminal);

/* The same, and close it. Harmless when called twice. */
void kbox_terminal_restore(struct kbox_terminal *terminal);

/*
 * Whether process @pid is in the foreground of its controlling terminal, for
 * callers of another session, who cannot ask the terminal. True when unknown.
 */
bool kbox_terminal_is_foreground(int pid);

#endif
