/* SPDX-License-Identifier: GPL-2.0-only */
/* Extended attributes: set, get, list, replace, remove, and their limits. */
#include "guest.h"
#include <sys/xattr.h>

int main(void)
{
	static char big[70000];
	char buf[256];
	int fd;

	MUST(put_file("file", "x", 0600));
	MUST(fd = open("file", O_RDWR));
	SHOW("list none", listxattr("file", buf, sizeof(buf)));
	SHOW("get missing", getxattr("file", "user.a", buf, sizeof(buf)));
	SHOW("set", setxattr("file", "user.a", "value", 5, 0));
	SHOW("get size", getxattr("file", "user.a", NULL, 0));
	SHOW("get", getxattr("file", "user.a", buf, sizeof(buf)));
	say("value: %.5s", buf);
	SHOW("get short", getxattr("file", "user.a", buf, 2));
	SHOW("create exists", setxattr("file", "user.a", "v", 1, XATTR_CREATE));
	SHOW("replace", fsetxattr(fd, "user.a", "other", 5, XATTR_REPLACE));
	SHOW("replace missing", fsetxattr(fd, "user.b", "x", 1, XATTR_REPLACE));
	SHOW("set empty", fsetxattr(fd, "user.empty", "", 0, 0));
	SHOW("list", flistxattr(fd, buf, sizeof(buf)));
	SHOW("list short", flistxattr(fd, buf, 3));
	SHOW("remove", fremovexattr(fd, "user.a"));
	SHOW("remove again", removexattr("file", "user.a"));
	SHOW("list", listxattr("file", buf, sizeof(buf)));
	SHOW("no namespace", setxattr("file", "plain", "x", 1, 0));
	SHOW("unknown namespace", setxattr("file", "other.x", "x", 1, 0));
	SHOW("too big", setxattr("file", "user.big", big, sizeof(big), 0));
	SHOW("bad flags", setxattr("file", "user.f", "x", 1, 7));
	MUST(symlink("file", "link"));
	SHOW("on a link", lsetxattr("link", "user.l", "x", 1, 0));
	SHOW("through the link", setxattr("link", "user.l", "x", 1, 0));
	SHOW("missing file", getxattr("missing", "user.a", buf, sizeof(buf)));
	return 0;
}
