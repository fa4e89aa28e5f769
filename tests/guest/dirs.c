/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folders: getdents of small and big ones, seeking and rewinding, making and
 * removing, cwd calls, and paths with dots, links and excess.
 * Run: root
 */
#include "guest.h"
#include <dirent.h>

static char base[PATH_MAX];

static void cwd(const char *label)
{
	char buf[PATH_MAX];
	const char *at = getcwd(buf, sizeof(buf));

	say("%s: %s", label, !at ? strerror(errno) : !strncmp(at, base, strlen(base)) ? at + strlen(base) : at);
}

static void big(void)
{
	char name[300], seen[3000] = "";
	struct dirent *e;
	DIR *dir;
	long pos = 0;
	int i, n = 0, twice = 0, dots = 0, types = 0, after = 0;

	MUST(mkdir("big", 0755));
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "big/a-rather-long-file-name-%05d", i);
		MUST(close(open(name, O_CREAT | O_WRONLY, 0600)));
	}
	MUST((dir = opendir("big")) ? 0 : -1);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.') {
			dots++;
			continue;
		}
		i = atoi(strrchr(e->d_name, '-') + 1);
		twice += seen[i]++;
		types += e->d_type == DT_REG;
		if (++n == 1500)
			pos = telldir(dir);
	}
	say("entries %d, twice %d, dots %d, files %d", n, twice, dots, types);
	seekdir(dir, pos);
	while ((e = readdir(dir)))
		after += e->d_name[0] != '.';
	say("after seekdir: %d", after);
	rewinddir(dir);
	for (n = 0; readdir(dir); n++)
		;
	say("after rewind: %d", n);
	closedir(dir);
	SHOW("rmdir not empty", rmdir("big"));
	/* Remove while reading. */
	MUST((dir = opendir("big")) ? 0 : -1);
	n = 0;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			n += unlinkat(dirfd(dir), e->d_name, 0) == 0;
	closedir(dir);
	say("removed: %d", n);
	SHOW("rmdir", rmdir("big"));
}

int main(void)
{
	char small[24], buf[PATH_MAX * 2], *at;
	struct stat st;
	int fd, i;

	MUST(getcwd(base, sizeof(base)) ? 0 : -1);
	big();
	SHOW("mkdir", mkdir("a", 0750));
	SHOW("mkdir again", mkdir("a", 0750));
	SHOW("mkdir missing parent", mkdir("x/y", 0750));
	SHOW("mkdirat", mkdirat(AT_FDCWD, "a/b", 0777));
	SHOW("mkdir trailing slash", mkdir("a/c/", 0777));
	MUST(stat("a", &st));
	say("mode %o links %d", st.st_mode, (int)st.st_nlink);
	SHOW("chdir", chdir("a/b"));
	cwd("cwd");
	SHOW("chdir ..", chdir(".."));
	cwd("cwd");
	MUST(fd = open("b", O_RDONLY | O_DIRECTORY));
	SHOW("fchdir", fchdir(fd));
	cwd("cwd");
	SHOW("fchdir file", fchdir(0) < 0 ? errno : 0);
	SHOW("remove cwd", rmdir("../b"));
	cwd("removed cwd");
	SHOW("create in removed", open("x", O_CREAT | O_WRONLY, 0600));
	SHOW("stat .", stat(".", &st));
	say("links: %d", (int)st.st_nlink);
	SHOW("chdir back", chdir("../.."));
	SHOW("chdir base", chdir(base));
	errno = 0;
	at = getcwd(small, 2);
	say("getcwd small: %d %d", at != NULL, errno);
	SHOW("getcwd raw", syscall(SYS_getcwd, buf, sizeof(buf)) == (long)strlen(base) + 1);
	SHOW("chdir missing", chdir("nowhere"));
	MUST(put_file("file", "x", 0600));
	SHOW("chdir file", chdir("file"));
	SHOW("open O_DIRECTORY file", open("file", O_RDONLY | O_DIRECTORY));
	SHOW("open folder for writing", open("a", O_RDWR));
	SHOW("create with slash", open("new/", O_CREAT | O_WRONLY, 0600));
	SHOW("file with slash", open("file/", O_RDONLY));
	SHOW("file/.", open("file/.", O_RDONLY));
	SHOW("dots", stat("a/./../a/.//c/../../file", &st));
	SHOW("root ..", stat("/../../..", &st));
	SHOW("rmdir .", rmdir("a/."));
	SHOW("rmdir ..", rmdir("a/c/.."));
	SHOW("rmdir file", rmdir("file"));
	SHOW("unlink folder", unlink("a"));
	SHOW("unlinkat folder", unlinkat(AT_FDCWD, "a/c", AT_REMOVEDIR));
	memset(buf, 'n', sizeof(buf));
	buf[255] = 0;
	SHOW("name of 255", mkdir(buf, 0700));
	SHOW("remove it", rmdir(buf));
	buf[255] = 'n';
	buf[256] = 0;
	SHOW("name of 256", mkdir(buf, 0700));
	for (i = 0; i < 2047; i++)
		memcpy(buf + 2 * i, "./", 2);
	strcpy(buf + 2 * i, "a");
	SHOW("path of 4095", stat(buf, &st));
	strcpy(buf + 2 * i, "./a");
	SHOW("path of 4097", stat(buf, &st));
	SHOW("getdents file", syscall(SYS_getdents64, open("file", O_RDONLY), buf, sizeof(buf)));
	SHOW("getdents small buffer", syscall(SYS_getdents64, open("a", O_RDONLY), buf, 10));
	SHOW("openat file as folder", openat(open("file", O_RDONLY), "x", O_RDONLY));
	SHOW("openat closed", openat(99, "x", O_RDONLY));
	/* A deep tree, longer than PATH_MAX. */
	for (i = 0; i < 300; i++)
		if (mkdir("deep-folder-name", 0700) < 0 || chdir("deep-folder-name") < 0)
			break;
	say("depth: %d", i);
	errno = 0;
	at = getcwd(buf, sizeof(buf));
	say("cwd too deep: %d", at ? 0 : errno);
	while (i-- > 0) {
		MUST(chdir(".."));
		MUST(rmdir("deep-folder-name"));
	}
	cwd("back at the base");
	return 0;
}
