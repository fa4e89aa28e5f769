/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes of a sandbox use of the host, from the host's /proc.
 *
 * Side: host, in the process of the client.
 */
#ifndef KBOX_CONTROL_USAGE_H
#define KBOX_CONTROL_USAGE_H

#include <stdint.h>

#include "protocol.h"

struct kbox_usage {
	int pid;
	char comm[17];
	char state;
	unsigned int threads;
	uint64_t cpu_ns;		/* used so far */
	uint64_t resident_bytes;	/* pages shared with others included */
};

/* Of one process: 0, or -ESRCH when it has ended. */
int kbox_usage_read(int pid, struct kbox_usage *ret_usage);

/*
 * Memory of the supervisor and of all processes that @info lists; pages that
 * several of them map are counted for each.
 */
uint64_t kbox_usage_memory(const struct kbox_control_info *info);

#endif
