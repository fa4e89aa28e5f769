/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What names of whiteouts begin with.
 *
 * Side: host. Source: the OCI image specification, layer.md.
 */
#ifndef KBOX_IMAGE_WHITEOUT_H
#define KBOX_IMAGE_WHITEOUT_H

/* Before the name of what is gone. */
#define KBOX_WHITEOUT ".wh."

/* All that lower layers have in this folder is gone. */
#define KBOX_WHITEOUT_OPAQUE ".wh..wh..opq"

/* Of no meaning to us, but that one. */
#define KBOX_WHITEOUT_RESERVED ".wh..wh."

#endif
