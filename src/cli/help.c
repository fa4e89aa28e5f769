/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What --help says, before the list of verbs; in step with man/kbox.1.
 *
 * Side: host.
 */
#include "help.h"

const char kbox_help_text[] =
"Usage: kbox {-S|-R|-r} IMAGE [OPTION...] [--] [COMMAND [ARGUMENT...]]\n"
"       kbox VERB [ARGUMENT...]\n"
"Run COMMAND of the file system image IMAGE on a Linux kernel inside kbox,\n"
"without root. Without COMMAND: the shell of the image.\n"
"\n"
"The image:\n"
"  -S IMAGE              as a system: recommended mounts, root inside\n"
"  -R IMAGE              recommended mounts, your own user and group inside\n"
"  -r IMAGE              raw: no other mounts, your own user and group inside\n"
"  -t, --fs-type=TYPE    ext2, ext3, ext4, squashfs or erofs; else found out\n"
"  -p, --partition=N     partition N of the image\n"
"  -m, --mount-options=OPTIONS\n"
"                        options for mounting it, as for mount -o\n"
"      --ro              mount it read-only; others may use it, too\n"
"\n"
"The command:\n"
"  -c, --command=LINE    run LINE with /bin/sh -c; ARGUMENTs become $0, $1 ...\n"
"  -w, --work-dir=DIR    working folder inside; / by default\n"
"  -0, --root-id         be root inside\n"
"      --change-id=UID:GID\n"
"                        be that user and group inside\n"
"      --env=NAME=VALUE  set a variable; --env=NAME takes the value from here\n"
"\n"
"The kernel and kbox:\n"
"  -k, --kernel=LINE     kernel command line; mem=SIZE sets its RAM (128M)\n"
"      --shadow-cache=SIZE\n"
"                        memory for files mapped by programs (256M); 0: none\n"
"      --stats[=text|json|json:FILE]\n"
"                        print what was counted at the end\n"
"      --trace=FILE[:FILTER]\n"
"                        write all calls to FILE: JSON lines, or trace events\n"
"                        for Perfetto when it ends in .json; kbox-trace(5)\n"
"  -q, --quiet           only errors\n"
"  -v, --verbose         more; twice: everything\n"
"      --help            this text\n"
"      --version         the version\n"
"\n"
"Exit status: that of COMMAND; 128+N when signal N ended it; 2 for a wrong\n"
"command line, 125 when kbox failed, 126 when COMMAND cannot be executed, 127\n"
"when it is not there.\n";
