/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Removing folders with all that is in them, in the library kernel.
 *
 * Side: host.
 */
#ifndef KBOX_IMAGE_REMOVE_H
#define KBOX_IMAGE_REMOVE_H

#include <stdbool.h>

#include "../lkernel/calls.h"

/* Remove @name of the working folder, whatever it is. 0 or -errno. */
long kbox_remove(struct kbox_caller *caller, const char *name);

/*
 * Remove all that is below the working folder but what @keep wants kept, which
 * is asked with paths from there on. 0 or -errno.
 */
long kbox_remove_contents(struct kbox_caller *caller,
			  bool (*keep)(void *arg, const char *path), void *arg);

#endif
