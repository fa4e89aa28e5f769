/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's terminal, saved and put back.
 *
 * Side: host. SIGTTOU must be blocked when it is put back, since at that time
 * a dead guest's process group can be the foreground.
 */
#include "terminal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../base/cleanup.h"

void kbox_terminal_save(struct kbox_terminal *terminal)
{
	terminal->fd = -1;
	for (int fd = 0; fd <= 2; fd++) {
		if (tcgetattr(fd, &terminal->settings) < 0)
			continue;
		terminal->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		terminal->pgrp = getpgrp();
		terminal->foreground = tcgetpgrp(fd) == terminal->pgrp;
		return;
	}
}

static bool same_settings(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

void kbox_terminal_restore(struct kbox_terminal *terminal)
{
	struct termios now;

	if (terminal->fd < 0)
		return;
	if (terminal->foreground &&
	    tcgetpgrp(terminal->fd) != terminal->pgrp)
		tcsetpgrp(terminal->fd, terminal->pgrp);
	if (!tcgetattr(terminal->fd, &now) &&
	    !same_settings(&now, &terminal->settings))
		tcsetattr(terminal->fd, TCSADRAIN, &terminal->settings);
	terminal->fd = kbox_close(terminal->fd);
}
