/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP and UDP over the loopback device: connect, refuse, transfer between
 * processes, half close, options, non-blocking connect, groups.
 */
#include "guest.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>

static struct sockaddr_in local(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int main(void)
{
	struct sockaddr_in a = local(0), b;
	socklen_t len = sizeof(a);
	static char buf[65536];
	struct ip_mreq group = { .imr_multiaddr.s_addr = htonl(0xe00000fb),
				 .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };
	int l, c, s, u, one = 1, v;
	unsigned long total = 0, sum = 0;
	struct pollfd pfd;
	ssize_t n;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	SHOW_OK("socket", l = socket(AF_INET, SOCK_STREAM, 0));
	SHOW("SO_REUSEADDR", setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	SHOW("bind", bind(l, (void *)&a, sizeof(a)));
	SHOW("listen", listen(l, 5));
	SHOW("getsockname", getsockname(l, (void *)&a, &len));
	say("port: %d", ntohs(a.sin_port) > 0);
	SHOW("bind same", bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof(a)));
	pid = CHILD({
		c = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(c, (void *)&a, sizeof(a)) < 0)
			_exit(errno);
		for (int i = 0; i < 64; i++) {
			memset(buf, i, 16384);
			for (int done = 0; done < 16384;) {
				ssize_t w = write(c, buf + done, (size_t)(16384 - done));

				if (w < 0)
					_exit(1);
				done += (int)w;
			}
		}
		shutdown(c, SHUT_WR);
		_exit(recv(c, buf, 100, MSG_WAITALL) == 6 ? 0 : 2);
	});
	len = sizeof(b);
	pfd = (struct pollfd){ l, POLLIN, 0 };
	if (SHOW("poll listener", poll(&pfd, 1, 5000)) != 1)
		return 1;
	SHOW_OK("accept", s = accept(l, (void *)&b, &len));
	say("from loopback: %d", b.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	while ((n = read(s, buf, sizeof(buf))) > 0) {
		total += (unsigned long)n;
		for (ssize_t i = 0; i < n; i++)
			sum += (unsigned char)buf[i];
	}
	say("received %lu, sum %lu", total, sum);
	SHOW("write answer", write(s, "answer", 6));
	close(s);
	SHOW("client", wait_code(pid));
	close(l);
	SHOW("connection refused", connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof(a)));
	MUST(l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	SHOW("non-blocking refused", connect(l, (void *)&a, sizeof(a)) < 0 && (errno == EINPROGRESS || errno == ECONNREFUSED));
	pfd = (struct pollfd){ l, POLLOUT, 0 };
	SHOW("poll", poll(&pfd, 1, 2000));
	len = sizeof(v);
	getsockopt(l, IPPROTO_TCP, TCP_NODELAY, &v, &len);
	say("TCP_NODELAY: %d", v);
	SHOW("set it", setsockopt(l, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	MUST(u = socket(AF_INET, SOCK_DGRAM, 0));
	b = local(0);
	SHOW("udp bind", bind(u, (void *)&b, sizeof(b)));
	len = sizeof(b);
	getsockname(u, (void *)&b, &len);
	SHOW("sendto", sendto(socket(AF_INET, SOCK_DGRAM, 0), "udp", 3, 0, (void *)&b, sizeof(b)));
	SHOW("recvfrom", recv(u, buf, sizeof(buf), 0));
	SHOW("read not connected", send(u, "x", 1, 0));
	SHOW("accept on udp", accept(u, NULL, NULL));
	len = sizeof(buf);
	SHOW("SO_BINDTODEVICE", getsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, buf, &len));
	say("bound to a name of %d", (int)len);
	SHOW("join a group", setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
	SHOW("join again", setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
	SHOW("leave it", setsockopt(u, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group)));
	/* NETLINK_SOCK_DIAG: musl has no name for it. */
	SHOW_OK("what ss asks", socket(AF_NETLINK, SOCK_RAW, 4));
	SHOW("raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	return 0;
}
