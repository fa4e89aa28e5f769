/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mounted image as a source.
 *
 * Side: host. Read through the supervisor's own task, which goes from folder to
 * folder; symbolic links are never followed. What kbox or mke2fs have added to
 * the root is left out: /.kbox and /lost+found.
 */
#ifndef KBOX_IMAGE_WALK_H
#define KBOX_IMAGE_WALK_H

#include "../lkernel/calls.h"
#include "sink.h"

/*
 * Send all files of the image in whose root the task of @caller stands, in the
 * order of their names. 0, or -errno after one line.
 */
int kbox_walk_send(struct kbox_caller *caller, struct kbox_sink *sink);

#endif
