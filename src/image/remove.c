/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Removing folders with all that is in them, in the library kernel.
 *
 * Side: host. Folders are entered by descriptors, one for each level.
 */
#include "remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "listing.h"

struct keeper {
	struct kbox_caller *caller;
	bool (*keep)(void *arg, const char *path);
	void *arg;
};

static long remove_at(struct kbox_caller *caller, int dir_fd, const char *name);
static long clear_kept(const struct keeper *keeper, int dir_fd,
		       const char *name, const char *path);

static long clear(const struct keeper *keeper, int fd, const char *path)
{
	struct kbox_listing listing;
	long err = kbox_listing_read(&listing, keeper->caller, fd);

	for (size_t i = 0; !err && i < listing.count; i++) {
		const char *name = listing.names[i];
		KBOX_CLEANUP_FREE char *whole = NULL;

		if (asprintf(&whole, "%s%s%s", path, *path ? "/" : "",
			     name) < 0)
			err = -ENOMEM;
		else if (keeper->keep(keeper->arg, whole))
			err = clear_kept(keeper, fd, name, whole);
		else
			err = remove_at(keeper->caller, fd, name);
	}
	kbox_listing_done(&listing);
	return err;
}

/* What is below a folder that stays may have to go; its times stay, too. */
static long clear_kept(const struct keeper *keeper, int dir_fd,
		       const char *name, const char *path)
{
	struct timespec times[2];
	struct stat st;
	long fd, err;

	fd = kbox_call3(keeper->caller, SYS_openat, dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd == -ENOTDIR || fd == -ELOOP)
		return 0;
	if (fd < 0)
		return fd;
	err = kbox_call2(keeper->caller, SYS_fstat, fd, &st);
	if (!err)
		err = clear(keeper, (int)fd, path);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (!err)
		err = kbox_call3(keeper->caller, SYS_utimensat, fd, NULL,
				 times);
	kbox_call1(keeper->caller, SYS_close, fd);
	return err;
}

static long empty(struct kbox_caller *caller, int fd)
{
	struct kbox_listing listing;
	long err = kbox_listing_read(&listing, caller, fd);

	for (size_t i = 0; !err && i < listing.count; i++)
		err = remove_at(caller, fd, listing.names[i]);
	kbox_listing_done(&listing);
	return err;
}

static long remove_at(struct kbox_caller *caller, int dir_fd, const char *name)
{
	long err = kbox_call3(caller, SYS_unlinkat, dir_fd, name, 0);
	long fd;

	if (err != -EISDIR)
		return err;
	fd = kbox_call3(caller, SYS_openat, dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	err = empty(caller, (int)fd);
	kbox_call1(caller, SYS_close, fd);
	return err ? err : kbox_call3(caller, SYS_unlinkat, dir_fd, name,
				      AT_REMOVEDIR);
}

long kbox_remove(struct kbox_caller *caller, const char *name)
{
	return remove_at(caller, AT_FDCWD, name);
}

long kbox_remove_contents(struct kbox_caller *caller,
			  bool (*keep)(void *arg, const char *path), void *arg)
{
	const struct keeper keeper = { caller, keep, arg };
	long fd = kbox_call3(caller, SYS_open, ".", O_RDONLY | O_DIRECTORY, 0);
	long err = fd;

	if (fd >= 0) {
		err = clear(&keeper, (int)fd, "");
		kbox_call1(caller, SYS_close, fd);
	}
	return err;
}
