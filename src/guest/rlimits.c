/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resource limits, which both kernels hold.
 *
 * Side: host.
 */
#include "rlimits.h"

#include <sys/syscall.h>

#include "../base/log.h"
#include "sync-call.h"

bool kbox_rlimit_is_hosts(unsigned int resource)
{
	switch (resource) {
	case RLIMIT_CPU:
	case RLIMIT_DATA:
	case RLIMIT_STACK:
	case RLIMIT_RSS:
	case RLIMIT_NPROC:
	case RLIMIT_MEMLOCK:
	case RLIMIT_AS:
	case RLIMIT_SIGPENDING:
	case RLIMIT_NICE:
	case RLIMIT_RTPRIO:
	case RLIMIT_RTTIME:
		return true;
	default:
		return false;
	}
}

/* Those that the first guest has from the user, as any program would. */
static bool is_inherited(unsigned int resource)
{
	return kbox_rlimit_is_hosts(resource) || resource == RLIMIT_NOFILE;
}

void kbox_rlimits_adopt(struct kbox_box *box, int pid)
{
	for (unsigned int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;
		unsigned long args[6] = { (unsigned long)pid, i,
					  (unsigned long)&limit };
		long value = 0;

		if (!is_inherited(i) ||
		    prlimit(pid, (enum __rlimit_resource)i, NULL, &limit) < 0)
			continue;
		if (kbox_call_wait(box, box->supervisor, SYS_prlimit64, args,
				   &value) < 0 || value < 0)
			kbox_debug("limit %u of the first guest is the "
				   "library kernel's own", i);
	}
}
