/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first guest's environment.
 *
 * Side: host.
 *
 * With -S it is clean: PATH, HOME, USER, LOGNAME and SHELL from the image, TERM
 * from the host. With -r and -R it is the user's own, but for PATH, HOME and
 * what speaks of host files (LD_*, TMPDIR, XDG_RUNTIME_DIR). --env has the
 * last word in both.
 */
#ifndef KBOX_LAUNCH_ENVIRON_H
#define KBOX_LAUNCH_ENVIRON_H

#include "child.h"
#include "options.h"
#include "userland.h"

#define KBOX_DEFAULT_PATH                                                     \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * A NULL-terminated array of strings in the shared pages of @child, or NULL
 * when there is no room.
 */
char **kbox_environ_build(struct kbox_child *child,
			  const struct kbox_options *options,
			  const struct kbox_user *user);

/* The value of @name in @envp, or NULL. */
const char *kbox_environ_get(char *const *envp, const char *name);

#endif
