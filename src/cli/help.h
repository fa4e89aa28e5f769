/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What --help says; in step with man/kbox.1.
 *
 * Side: host.
 */
#ifndef KBOX_CLI_HELP_H
#define KBOX_CLI_HELP_H

extern const char kbox_help_text[];

#endif
