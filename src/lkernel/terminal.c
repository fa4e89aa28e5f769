/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's terminal, saved, made raw and put back.
 *
 * Side: host. Invariants are in terminal.h. Source for /proc/PID/stat: proc(5).
 */
#include "terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cleanup.h"

/* Which standard files are the terminal that is standard input. */
static void find_standard(struct kbox_terminal *terminal)
{
	struct stat input, other;

	for (int fd = 0; fd <= 2; fd++)
		terminal->standard[fd] = isatty(fd) && !fstat(0, &input) &&
					 !fstat(fd, &other) &&
					 input.st_rdev == other.st_rdev;
}

void kbox_terminal_save(struct kbox_terminal *terminal)
{
	memset(terminal, 0, sizeof(*terminal));
	terminal->fd = -1;
	for (int fd = 0; fd <= 2; fd++) {
		if (tcgetattr(fd, &terminal->settings) < 0)
			continue;
		terminal->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		terminal->pgrp = getpgrp();
		terminal->foreground = tcgetpgrp(fd) == terminal->pgrp;
		break;
	}
	find_standard(terminal);
	terminal->taken = terminal->fd >= 0 && terminal->foreground &&
			  terminal->standard[0] && terminal->standard[1] &&
			  (fcntl(0, F_GETFL) & O_ACCMODE) == O_RDWR;
}

static bool same_settings(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

static struct termios raw(const struct kbox_terminal *terminal)
{
	struct termios settings = terminal->settings;

	cfmakeraw(&settings);
	return settings;
}

void kbox_terminal_note(struct kbox_terminal *terminal)
{
	struct termios ours = raw(terminal), now;

	if (terminal->fd >= 0 && !tcgetattr(terminal->fd, &now) &&
	    !same_settings(&now, &ours))
		terminal->settings = now;
}

void kbox_terminal_make_raw(struct kbox_terminal *terminal)
{
	struct termios ours;

	if (terminal->fd < 0)
		return;
	kbox_terminal_note(terminal);
	ours = raw(terminal);
	tcsetattr(terminal->fd, TCSADRAIN, &ours);
}

void kbox_terminal_put_back(struct kbox_terminal *terminal)
{
	struct termios ours = raw(terminal), now;

	if (terminal->fd < 0 || tcgetattr(terminal->fd, &now))
		return;
	if (terminal->taken && !same_settings(&now, &ours))
		return;
	if (!same_settings(&now, &terminal->settings))
		tcsetattr(terminal->fd, TCSADRAIN, &terminal->settings);
}

void kbox_terminal_restore(struct kbox_terminal *terminal)
{
	if (terminal->fd < 0)
		return;
	if (!terminal->taken && terminal->foreground &&
	    tcgetpgrp(terminal->fd) != terminal->pgrp)
		tcsetpgrp(terminal->fd, terminal->pgrp);
	kbox_terminal_put_back(terminal);
	terminal->fd = kbox_close(terminal->fd);
}

bool kbox_terminal_is_foreground(int pid)
{
	KBOX_CLEANUP_FILE FILE *file = NULL;
	char line[512], *name_end;
	int group, foreground;

	snprintf(line, sizeof(line), "/proc/%d/stat", pid);
	file = fopen(line, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return true;
	/* After the name: state, parent, group, session, terminal, its group. */
	name_end = strrchr(line, ')');
	if (!name_end || sscanf(name_end + 1, " %*c %*d %d %*d %*d %d", &group,
				&foreground) != 2)
		return true;
	return group == foreground;
}
