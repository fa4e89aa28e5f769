/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loopback interface of the library kernel. Its addresses come by
 * themselves when it is up. Side: host. Source: netdevice(7).
 */
#include "loopback.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../base/log.h"

void kbox_loopback_up(struct kbox_caller *supervisor)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	long fd, err;

	fd = kbox_call3(supervisor, SYS_socket, AF_INET, SOCK_DGRAM, 0);
	err = fd;
	if (fd >= 0) {
		err = kbox_call3(supervisor, SYS_ioctl, fd, SIOCSIFFLAGS,
				 &request);
		kbox_call1(supervisor, SYS_close, fd);
	}
	if (err < 0)
		kbox_warn("the loopback interface cannot be brought up: %s",
			  strerror((int)-err));
}
