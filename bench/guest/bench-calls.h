/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bench-calls and the pass-through supervisor agree on.
 */
#ifndef KBOX_BENCH_CALLS_H
#define KBOX_BENCH_CALLS_H

/* A file of the size of a small shared library, as in earlier publications. */
#define BENCH_FILE_NAME "kbox-bench-file"
#define BENCH_FILE_BYTES (662UL * 1024)

#endif
