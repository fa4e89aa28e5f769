/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The folder in which a user's running sandboxes are found.
 *
 * Side: host. Invariants are in folder.h. Sources: unix(7), XDG Base Directory
 * Specification.
 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"

#define SUFFIX ".sock"
#define QUEUE 16	/* connections that were not accepted yet */

/* @path as a folder of our own that is closed to others; or -errno. */
static int open_own(const char *path, int parent)
{
	KBOX_CLEANUP_CLOSE int fd = openat(parent, path,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						   O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR || errno == EACCES ?
			       -EPERM : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return -EPERM;
	return KBOX_TAKE_FD(fd);
}

/* Where the folder lies: a folder of the user's, or /tmp. */
static void choose(struct kbox_control_folder *folder)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned int uid = geteuid();
	char usual[32];
	struct stat st;
	int n;

	snprintf(usual, sizeof(usual), "/run/user/%u", uid);
	if (!runtime || runtime[0] != '/')
		runtime = stat(usual, &st) == 0 && st.st_uid == uid ? usual :
								      NULL;
	n = runtime ? snprintf(folder->path, sizeof(folder->path), "%s/kbox",
			       runtime) :
		      snprintf(folder->path, sizeof(folder->path),
			       "/tmp/kbox-%u", uid);
	if (n < 0 || (size_t)n >= sizeof(folder->path))
		folder->path[0] = '\0';
}

int kbox_control_folder_open(struct kbox_control_folder *folder, bool make)
{
	choose(folder);
	folder->fd = -1;
	if (!folder->path[0])
		return -ENAMETOOLONG;
	if (make && mkdir(folder->path, 0700) < 0 && errno != EEXIST)
		return -errno;
	folder->fd = open_own(folder->path, AT_FDCWD);
	return folder->fd < 0 ? folder->fd : 0;
}

void kbox_control_folder_close(struct kbox_control_folder *folder)
{
	folder->fd = kbox_close(folder->fd);
}

bool kbox_control_name_is_good(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

	return len && len <= KBOX_CONTROL_NAME_MAX && !name[len] &&
	       name[0] != '.' && name[0] != '-';
}

/*
 * By the folder's descriptor: the path may be longer than an address, and what
 * was checked is what is used.
 */
static struct sockaddr_un address(const struct kbox_control_folder *folder,
				  const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path),
		 "/proc/self/fd/%d/%.*s" SUFFIX, folder->fd,
		 KBOX_CONTROL_NAME_MAX, name);
	return addr;
}

static int lock(const struct kbox_control_folder *folder)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int ms = 0; ms < KBOX_CONTROL_WAIT_MS; ms++) {
		if (flock(folder->fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return -errno;
		nanosleep(&nap, NULL);
	}
	return -ETIMEDOUT;
}

static void unlock(const struct kbox_control_folder *folder)
{
	flock(folder->fd, LOCK_UN);
}

/* @flags: SOCK_NONBLOCK or 0. */
static int new_socket(int flags)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);

	return fd < 0 ? -errno : fd;
}

static void remove_socket(const struct kbox_control_folder *folder,
			  const char *name)
{
	char file[KBOX_CONTROL_NAME_MAX + sizeof(SUFFIX)];

	snprintf(file, sizeof(file), "%.*s" SUFFIX, KBOX_CONTROL_NAME_MAX,
		 name);
	unlinkat(folder->fd, file, 0);
}

/* Under the lock: whether nobody listens there any more. */
static bool is_stale(const struct kbox_control_folder *folder, const char *name)
{
	const struct sockaddr_un addr = address(folder, name);
	KBOX_CLEANUP_CLOSE int fd = new_socket(SOCK_NONBLOCK);

	return fd >= 0 && connect(fd, (const struct sockaddr *)&addr,
				  sizeof(addr)) < 0 && errno == ECONNREFUSED;
}

static int bind_and_listen(const struct kbox_control_folder *folder,
			   const char *name)
{
	const struct sockaddr_un addr = address(folder, name);
	KBOX_CLEANUP_CLOSE int fd = new_socket(SOCK_NONBLOCK);

	if (fd < 0)
		return fd;
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	if (listen(fd, QUEUE) < 0) {
		int err = -errno;

		remove_socket(folder, name);
		return err;
	}
	return KBOX_TAKE_FD(fd);
}

int kbox_control_listen(const struct kbox_control_folder *folder,
			const char *name)
{
	int fd, err = lock(folder);

	if (err)
		return err;
	if (is_stale(folder, name))
		remove_socket(folder, name);
	fd = bind_and_listen(folder, name);
	unlock(folder);
	return fd;
}

void kbox_control_unlisten(const struct kbox_control_folder *folder,
			   const char *name)
{
	remove_socket(folder, name);
}

bool kbox_control_is_own(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == geteuid();
}

int kbox_control_connect(const struct kbox_control_folder *folder,
			 const char *name)
{
	const struct sockaddr_un addr = address(folder, name);
	const struct timeval limit = {
		.tv_sec = KBOX_CONTROL_WAIT_MS / 1000,
	};
	KBOX_CLEANUP_CLOSE int fd = new_socket(0);

	if (fd < 0)
		return fd;
	/* Others may be before us; the sandbox may stand still. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return errno == ECONNREFUSED ? -ENOENT : -errno;
	if (!kbox_control_is_own(fd))
		return -EPERM;
	return KBOX_TAKE_FD(fd);
}

static int is_socket(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), end = sizeof(SUFFIX) - 1;

	return len > end && len <= end + KBOX_CONTROL_NAME_MAX &&
	       !strcmp(entry->d_name + len - end, SUFFIX);
}

/* Make the file's name a sandbox's; false for what is none, or was one. */
static bool keep(const struct kbox_control_folder *folder, char *file,
		 bool locked)
{
	file[strlen(file) + 1 - sizeof(SUFFIX)] = '\0';
	if (!kbox_control_name_is_good(file))
		return false;
	if (!locked || !is_stale(folder, file))
		return true;
	remove_socket(folder, file);
	return false;
}

int kbox_control_each(const struct kbox_control_folder *folder,
		      void (*found)(const char *name, void *arg), void *arg)
{
	struct dirent **entries;
	int count = scandirat(folder->fd, ".", &entries, is_socket, alphasort);
	int kept = 0;
	bool locked;

	if (count < 0)
		return -errno;
	locked = !lock(folder);
	for (int i = 0; i < count; i++) {
		if (keep(folder, entries[i]->d_name, locked))
			entries[kept++] = entries[i];
		else
			free(entries[i]);
	}
	if (locked)
		unlock(folder);
	for (int i = 0; i < kept; i++) {
		found(entries[i]->d_name, arg);
		free(entries[i]);
	}
	free(entries);
	return 0;
}
