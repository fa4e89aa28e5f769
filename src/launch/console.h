/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guests' own terminal, when the box has the user's for itself.
 *
 * Side: host. The device is the library kernel's (kernel/arch/kbox/drivers/
 * tty.c): line editing, signals, window size and job control are its stock
 * code's. Its line is the user's terminal, which is raw meanwhile.
 *
 *	user's session		front		foreground of the user's terminal
 *	a session of its own	supervisor	leader, at the host and in the kernel
 *				first guest	a group of its own, foreground of
 *						the guests' terminal
 *
 * So the first guest is what a command of an interactive shell is: it can be
 * stopped, by the suspend character for one. When it stops, so does the job
 * outside that kbox is; when that is continued, the first guest is.
 *
 * Invariants
 *  1. The user's terminal is read only while the front is in its foreground.
 *  2. It is raw only from kbox_console_start() to kbox_console_end(), and not
 *     while the job is stopped.
 *  3. What guests have written is at the user's terminal before it is put
 *     back, unless kbox is asked to stop meanwhile.
 */
#ifndef KBOX_LAUNCH_CONSOLE_H
#define KBOX_LAUNCH_CONSOLE_H

#include "../guest/box.h"
#include "../lkernel/calls.h"
#include "../lkernel/host.h"
#include "../lkernel/terminal.h"

struct kbox_console {
	struct kbox_terminal *terminal;	/* not owned; the user's */
	struct kbox_caller *supervisor;	/* not owned */
	struct kbox_host *host;
	struct kbox_box *box;		/* from the start on */
	struct kbox_watch watch;	/* a signalfd, owned */
	int front, first;		/* processes */
	int host_fd;			/* of the user's terminal, the host's */
	int line_fd;			/* the supervisor task's, of the guests' */
	bool stopped;			/* the first guest */
};

/*
 * Make the terminal and put it at those of the supervisor task's descriptors 0
 * to 2 where the user has his, for the first task to inherit. The image's file
 * systems must be mounted. 0 or -errno.
 */
int kbox_console_open(struct kbox_console *console,
		      struct kbox_terminal *terminal,
		      struct kbox_caller *supervisor, struct kbox_host *host);

/* The first task is made, of process @pid: it gets the foreground. 0 or -errno. */
int kbox_console_give(struct kbox_console *console, struct kbox_caller *first,
		      int pid);

/* Guests run from here on. @front is the parent's number. 0 or -errno. */
int kbox_console_start(struct kbox_console *console, struct kbox_box *box,
		       int front);

/* No guest is left. Waits for the user's terminal to take what they wrote. */
void kbox_console_end(struct kbox_console *console);

#endif
