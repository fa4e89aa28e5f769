/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between an image and the same image with an overlay on it.
 *
 * Side: host. Both are mounted in the library kernel. What matters is what an
 * archive can say of a file: kind, mode, owner, modification time, attributes,
 * contents, target, and which names are one file.
 *
 * Invariants
 *  1. Folders come before what is in them; what is gone comes first.
 *  2. The changes as a layer, put on the image, give the overlay's files. So of
 *     a file with several names all come, or none.
 *
 * Source: the OCI image specification, layer.md.
 */
#ifndef KBOX_IMAGE_CHANGES_H
#define KBOX_IMAGE_CHANGES_H

#include <stdio.h>

#include "../lkernel/calls.h"
#include "sink.h"

/*
 * The task of @caller stands in the root of the changed image; the other one is
 * at @base, a path in the kernel's own root. Print a line for each change: "A",
 * "M" or "D" for added, modified or deleted, and the path, in which bytes that do
 * not print are octal. 0, or -errno after one line.
 */
int kbox_changes_print(struct kbox_caller *caller, const char *base, FILE *to);

/* The same as a layer, with whiteouts for what is gone. */
int kbox_changes_send(struct kbox_caller *caller, const char *base,
		      struct kbox_sink *sink);

#endif
