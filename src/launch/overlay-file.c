/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of --overlay, made when it does not exist.
 *
 * Side: host. Source: mke2fs(8).
 */
#include "overlay-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"

#define LABEL "kbox-overlay"
#define LABEL_OFFSET (1024 + 0x78)	/* s_volume_name */

extern char **environ;

/*
 * mke2fs is not in every user's PATH. Inode tables are left to be written when
 * they are used, so that the file stays small. 0 or -errno.
 */
static int run_mke2fs(const char *path)
{
	static const char *const programs[] = { "mke2fs", "/usr/sbin/mke2fs",
						"/sbin/mke2fs", NULL };
	char *const argv[] = {
		(char *)"mke2fs", (char *)"-q", (char *)"-F", (char *)"-t",
		(char *)"ext4", (char *)"-m", (char *)"0", (char *)"-L",
		(char *)LABEL, (char *)"-E",
		(char *)"lazy_itable_init=1,lazy_journal_init=1,nodiscard",
		(char *)path, NULL
	};
	int pid, status, err = ENOENT;

	for (unsigned int i = 0; programs[i] && err == ENOENT; i++)
		err = posix_spawnp(&pid, programs[i], NULL, NULL, argv,
				   environ);
	if (err)
		return -err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	/* What the shell of old systems says of a program that is not there. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return status ? -EIO : 0;
}

static int make(const char *path, const char *temporary)
{
	KBOX_CLEANUP_CLOSE int fd = open(temporary,
					 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
					 0666);
	int err;

	if (fd < 0 || ftruncate(fd, KBOX_OVERLAY_FILE_BYTES) < 0) {
		err = -errno;
		kbox_error("%s: cannot be made: %s", path, strerror(-err));
		return err;
	}
	err = run_mke2fs(temporary);
	if (err == -ENOENT)
		kbox_error("%s: making it needs mke2fs; install e2fsprogs",
			   path);
	else if (err)
		kbox_error("%s: cannot be made: mke2fs failed", path);
	else if (fsync(fd) < 0 ||
		 (link(temporary, path) < 0 && errno != EEXIST)) {
		err = -errno;
		kbox_error("%s: cannot be made: %s", path, strerror(-err));
	}
	return err;
}

int kbox_overlay_file_make(const char *path)
{
	char temporary[PATH_MAX];
	struct stat st;
	int len, err;

	if (!stat(path, &st) || errno != ENOENT)
		return 0;
	len = snprintf(temporary, sizeof(temporary), "%s.%d.new", path,
		       getpid());
	if (len >= (int)sizeof(temporary)) {
		kbox_error("%s: %s", path, strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	err = make(path, temporary);
	unlink(temporary);
	return err;
}

int kbox_overlay_file_known(int fd)
{
	char label[sizeof(LABEL)] = "";

	return pread(fd, label, sizeof(label), LABEL_OFFSET) == sizeof(label) &&
	       !memcmp(label, LABEL, sizeof(LABEL));
}
