/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seccomp listener.
 *
 * Side: host. Invariants are in listener.h.
 */
#include "listener.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/log.h"

/* Linux 6.6; without it the guest may be woken on another core, slowly. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, uint64_t)
#endif

int kbox_listener_attach(int fd)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	if (sizes.seccomp_notif > sizeof(struct seccomp_notif) ||
	    sizes.seccomp_notif_resp > sizeof(struct seccomp_notif_resp))
		return -EMSGSIZE;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		  SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) < 0)
		kbox_info("the host wakes guests without SYNC_WAKE_UP");
	return 0;
}

int kbox_listener_receive(struct kbox_listener *listener,
			  struct kbox_notification *ret)
{
	struct seccomp_notif notif;

	memset(&notif, 0, sizeof(notif));
	if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_RECV, &notif) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	/* The numbers begin anywhere: the first one counts, and harms nobody. */
	if (notif.id != listener->next_id)
		listener->lost++;
	listener->next_id = notif.id + 1;
	ret->tid = (int)notif.pid;
	ret->call = (struct kbox_call){
		.id = notif.id,
		.nr = notif.data.nr,
		.ip = notif.data.instruction_pointer,
	};
	for (unsigned int i = 0; i < 6; i++)
		ret->call.args[i] = notif.data.args[i];
	return 1;
}

static void send_answer(int fd, struct seccomp_notif_resp *answer)
{
	int err;

	do {
		err = ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, answer);
	} while (err < 0 && errno == EINTR);
	if (err < 0 && errno != ENOENT)
		kbox_warn("an answer to a guest failed: %s", strerror(errno));
}

void kbox_listener_reply(int fd, uint64_t id, long value)
{
	struct seccomp_notif_resp answer = { .id = id };

	/* An error's number may be a restart code, up to 516. */
	if (value < 0 && value >= -4095)
		answer.error = (int)value;
	else
		answer.val = value;
	send_answer(fd, &answer);
}

void kbox_listener_continue(int fd, uint64_t id)
{
	struct seccomp_notif_resp answer = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	send_answer(fd, &answer);
}
