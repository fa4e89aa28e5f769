/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this host offers to kbox: "kbox doctor".
 *
 * Side: host. Each check tries what a run would do, where that can be done
 * without an image; otherwise it reads what the host says of itself.
 */
#ifndef KBOX_LAUNCH_DOCTOR_H
#define KBOX_LAUNCH_DOCTOR_H

#include <stdbool.h>

enum kbox_finding_state {
	KBOX_FINDING_OK,
	KBOX_FINDING_WARN,	/* kbox runs, at a cost */
	KBOX_FINDING_BAD,	/* kbox cannot run */
};

struct kbox_finding {
	const char *name;		/* a constant */
	const char *use;		/* what for, a constant */
	enum kbox_finding_state state;
	char found[160];		/* what was found */
	const char *cost;		/* what is lost or to be done; or NULL */
};

#define KBOX_FINDINGS_MAX 24

/*
 * Look at everything. Fills @findings, which has room for KBOX_FINDINGS_MAX,
 * and returns how many. Makes and ends processes; blocks for some ms.
 */
unsigned int kbox_doctor(struct kbox_finding *findings);

#endif
