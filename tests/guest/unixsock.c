/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unix sockets: pairs, streams, datagrams, names in the file system and the
 * abstract space, passing descriptors and credentials.
 */
#include "guest.h"
#include <sys/un.h>

static ssize_t send_fds(int sock, const int *fds, int count)
{
	char control[CMSG_SPACE(sizeof(int) * 8)] = { 0 };
	struct iovec iov = { "f", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr *c;

	msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)count);
	return sendmsg(sock, &msg, 0);
}

static int receive_fds(int sock, int *fds, size_t room, int flags)
{
	char control[CMSG_SPACE(sizeof(int) * 8)] = { 0 }, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr *c;

	msg.msg_controllen = room;
	if (recvmsg(sock, &msg, flags) < 0)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	say("message flags %#x", (unsigned)msg.msg_flags & ~(unsigned)MSG_CMSG_CLOEXEC);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return 0;
	memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

static void passing(void)
{
	int s[2], p[2], fds[8], file;
	char buf[32] = "";
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(put_file("file", "0123456789", 0600));
	pid = CHILD({
		close(s[0]);
		MUST(pipe(p));
		file = (int)MUST(open("file", O_RDONLY));
		MUST(lseek(file, 4, SEEK_SET));
		fds[0] = p[0];
		fds[1] = file;
		if (send_fds(s[1], fds, 2) != 1)
			_exit(errno);
		unlink("file");
		write(p[1], "through the passed pipe", 23);
	});
	close(s[1]);
	SHOW("fds received", receive_fds(s[0], fds, CMSG_SPACE(sizeof(int) * 8), MSG_CMSG_CLOEXEC));
	say("numbers: %d %d", fds[0], fds[1]);
	SHOW("cloexec", fcntl(fds[0], F_GETFD));
	SHOW("read pipe", read(fds[0], buf, sizeof(buf) - 1));
	say("got: %s", buf);
	memset(buf, 0, sizeof(buf));
	SHOW("read file", read(fds[1], buf, 3));
	say("got: %s", buf);
	SHOW("sender", wait_code(pid));
	SHOW("end", read(s[0], buf, 1));
	close(s[0]);
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	fds[0] = fds[1] = fds[2] = 0;
	SHOW("send 3 fds", send_fds(s[0], fds, 3));
	SHOW("room for 1", receive_fds(s[1], fds, CMSG_SPACE(sizeof(int)), 0) >= 1);
	fds[0] = 99;
	SHOW("send bad fd", send_fds(s[0], fds, 1));
}

static void named(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "socket" }, got;
	struct { pid_t pid; uid_t uid; gid_t gid; } cred;
	socklen_t len = sizeof(got);
	int l, a, c;
	char buf[64] = "";
	pid_t pid;

	MUST(l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	SHOW("bind", bind(l, (void *)&sun, sizeof(sun)));
	SHOW("connect before listen", connect(c = socket(AF_UNIX, SOCK_STREAM, 0), (void *)&sun, sizeof(sun)));
	SHOW("listen", listen(l, 5));
	SHOW("bind again", bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&sun, sizeof(sun)));
	pid = CHILD({
		c = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(c, (void *)&sun, sizeof(sun)) < 0)
			_exit(errno);
		write(c, "hello", 5);
		shutdown(c, SHUT_WR);
		_exit(read(c, buf, sizeof(buf)) == 6 && !memcmp(buf, "answer", 6) ? 0 : 99);
	});
	MUST(a = accept4(l, (void *)&got, &len, SOCK_CLOEXEC));
	say("peer name length: %d", (int)len);
	len = sizeof(cred);
	SHOW("SO_PEERCRED", getsockopt(a, SOL_SOCKET, SO_PEERCRED, &cred, &len));
	say("peer: pid %d uid %d gid %d", cred.pid == pid, cred.uid == getuid(), cred.gid == getgid());
	SHOW("read", read(a, buf, sizeof(buf)));
	SHOW("read end", read(a, buf, sizeof(buf)));
	SHOW("write", write(a, "answer", 6));
	SHOW("client", wait_code(pid));
	len = sizeof(got);
	SHOW("getsockname", getsockname(a, (void *)&got, &len));
	say("name: %s", got.sun_path);
	close(l);
	SHOW("connect after close", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&sun, sizeof(sun)));
	unlink("socket");
	SHOW("connect after unlink", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&sun, sizeof(sun)));
	memcpy(sun.sun_path, "\0kbox-test-abstract", 19);
	MUST(l = socket(AF_UNIX, SOCK_DGRAM, 0));
	SHOW("bind abstract", bind(l, (void *)&sun, 2 + 19));
	SHOW("sendto", sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "datagram", 8, 0, (void *)&sun, 2 + 19));
	SHOW("recv truncated", recv(l, buf, 4, MSG_TRUNC));
	SHOW("recv none", recv(l, buf, 4, MSG_DONTWAIT));
}

int main(void)
{
	int s[2], n = 1, v;
	socklen_t len = sizeof(v);
	char buf[64];
	struct iovec iov[2] = { { "one", 3 }, { "two!", 4 } };

	signal(SIGPIPE, SIG_IGN);
	SHOW("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	SHOW("writev", writev(s[0], iov, 2));
	SHOW("peek", recv(s[1], buf, 5, MSG_PEEK));
	SHOW("waitall", recv(s[1], buf, 7, MSG_WAITALL));
	say("got: %.7s", buf);
	SHOW("SO_TYPE", getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len));
	say("type %d", v);
	SHOW("SO_PASSCRED", setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &n, sizeof(n)));
	SHOW("bad option", setsockopt(s[0], SOL_SOCKET, 9999, &n, sizeof(n)));
	SHOW("shutdown", shutdown(s[0], SHUT_WR));
	SHOW("write after shutdown", write(s[0], "x", 1));
	SHOW("read end", read(s[1], buf, 1));
	close(s[1]);
	SHOW("read after close", read(s[0], buf, 1));
	SHOW("seqpacket", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	SHOW("send", send(s[0], "abc", 3, 0));
	SHOW("send", send(s[0], "defg", 4, 0));
	SHOW("recv", recv(s[1], buf, 64, 0));
	SHOW("recv", recv(s[1], buf, 64, 0));
	SHOW("bad family", socket(99, SOCK_STREAM, 0));
	SHOW("bad type", socket(AF_UNIX, 77, 0));
	SHOW("not a socket", listen(0, 1) < 0 ? errno : 0);
	passing();
	named();
	return 0;
}
