/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loader's file, put where guests can execute it.
 *
 * Side: host. Invariants are in loader-file.h.
 */
#include "loader-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/io.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "../base/macros.h"

/* The loader as bytes: src/loader-image.S. */
extern const unsigned char kbox_loader_image[];
extern const unsigned char kbox_loader_image_end[];

static size_t image_size(void)
{
	return (size_t)(kbox_loader_image_end - kbox_loader_image);
}

/* FNV-1a: tells versions of the loader apart; safety lies in comparing. */
static uint64_t image_hash(void)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const unsigned char *p = kbox_loader_image;
	     p < kbox_loader_image_end; p++)
		hash = (hash ^ *p) * 0x100000001b3;
	return hash;
}

/*
 * Open folder @name of @parent, made when missing; it must be ours alone.
 * Returns an fd or -errno.
 */
static int open_private(int parent, const char *name)
{
	KBOX_CLEANUP_CLOSE int fd = -1;
	struct stat st;

	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 0022))
		return -EPERM;
	return KBOX_TAKE_FD(fd);
}

/* 1 when @fd holds exactly the loader and can be executed, 0, or -errno. */
static int is_loader(int fd)
{
	unsigned char buf[4096];
	size_t size = image_size(), at = 0;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size != size ||
	    st.st_uid != geteuid() || (st.st_mode & 0777) != 0500)
		return 0;
	while (at < size) {
		ssize_t n = kbox_pread_all(fd, buf, sizeof(buf), (off_t)at);

		if (n < 0)
			return (int)n;
		if (!n || (size_t)n > size - at ||
		    memcmp(buf, kbox_loader_image + at, (size_t)n))
			return 0;
		at += (size_t)n;
	}
	return 1;
}

/* Write the loader under another name, then put it in place at once. */
static int write_loader(int dir)
{
	static const char temporary[] = "new";
	KBOX_CLEANUP_CLOSE int fd = -1;
	int err;

	/* Left by a kbox that was killed here; the slot is locked by us. */
	if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
					    O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = kbox_pwrite_all(fd, kbox_loader_image, image_size(), 0);
	if (err)
		return err;
	if (fchmod(fd, 0500) < 0 ||
	    renameat(dir, temporary, dir, KBOX_LOADER_NAME) < 0)
		return -errno;
	return 0;
}

/* The loader in a locked slot, written when it is not there. */
static int open_loader(int dir)
{
	for (int attempt = 0;; attempt++) {
		KBOX_CLEANUP_CLOSE int fd = openat(dir, KBOX_LOADER_NAME,
						   O_RDONLY | O_CLOEXEC |
							   O_NOFOLLOW);
		int same = 0, err;

		if (fd < 0 && errno != ENOENT && errno != ELOOP)
			return -errno;
		if (fd >= 0)
			same = is_loader(fd);
		if (same < 0)
			return same;
		if (same)
			return KBOX_TAKE_FD(fd);
		if (attempt)
			return -EIO;
		err = write_loader(dir);
		if (err)
			return err;
	}
}

/* Lock a free slot in @pool. The slot folder's fd, or -errno. */
static int lock_slot(int pool, unsigned int *ret_number)
{
	char name[16];

	for (unsigned int i = 0; i < KBOX_LOADER_SLOTS_MAX; i++) {
		KBOX_CLEANUP_CLOSE int fd = -1;

		snprintf(name, sizeof(name), "%u", i);
		fd = open_private(pool, name);
		if (fd < 0)
			return fd;
		if (!flock(fd, LOCK_EX | LOCK_NB)) {
			*ret_number = i;
			return KBOX_TAKE_FD(fd);
		}
		if (errno != EWOULDBLOCK)
			return -errno;
	}
	return -EBUSY;
}

static int fill_slot(struct kbox_loader_slot *slot, const char *pool_path,
		     int pool)
{
	KBOX_CLEANUP_CLOSE int lock = -1, dir = -1, fd = -1;
	unsigned int number = 0;
	struct stat st;
	int n;

	lock = lock_slot(pool, &number);
	if (lock < 0)
		return lock;
	n = snprintf(slot->path, sizeof(slot->path), "%s/%u", pool_path,
		     number);
	if (n < 0 || (size_t)n >= sizeof(slot->path))
		return -ENAMETOOLONG;
	fd = open_loader(lock);
	if (fd < 0)
		return fd;
	/* Not the locked description: guests may be given this one. */
	dir = openat(lock, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstat(fd, &st) < 0)
		return -errno;
	slot->file.dev = st.st_dev;
	slot->file.ino = st.st_ino;
	slot->file.dir = slot->path;
	slot->file.dir_fd = KBOX_TAKE_FD(dir);
	slot->file.fd = KBOX_TAKE_FD(fd);
	slot->lock_fd = KBOX_TAKE_FD(lock);
	return 0;
}

/* Try the folder @name in @base. */
static int try_place(struct kbox_loader_slot *slot, const char *base,
		     const char *name)
{
	KBOX_CLEANUP_CLOSE int base_fd = -1, own = -1, pool = -1;
	char hash[20], path[PATH_MAX];
	struct statvfs vfs;
	int n;

	base_fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base_fd < 0)
		return -errno;
	own = open_private(base_fd, name);
	if (own < 0)
		return own;
	if (fstatvfs(own, &vfs) < 0)
		return -errno;
	/* The host would refuse to execute anything here. */
	if (vfs.f_flag & (ST_NOEXEC | ST_RDONLY))
		return -EACCES;
	snprintf(hash, sizeof(hash), "%016llx",
		 (unsigned long long)image_hash());
	pool = open_private(own, hash);
	if (pool < 0)
		return pool;
	n = snprintf(path, sizeof(path), "%s/%s/%s", base, name, hash);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return fill_slot(slot, path, pool);
}

int kbox_loader_slot_open(struct kbox_loader_slot *slot)
{
	static const char *const shared[] = { "/tmp", "/dev/shm", "/var/tmp" };
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char name[32];
	int err = -ENOENT;

	slot->file.fd = slot->file.dir_fd = slot->lock_fd = -1;
	if (runtime && runtime[0] == '/')
		err = try_place(slot, runtime, "kbox");
	snprintf(name, sizeof(name), "kbox-%u", (unsigned int)geteuid());
	for (unsigned int i = 0; err && i < KBOX_ARRAY_SIZE(shared); i++)
		err = try_place(slot, shared[i], name);
	if (err)
		kbox_error("no folder for the loader (tried $XDG_RUNTIME_DIR, "
			   "/tmp, /dev/shm, /var/tmp): %s; set "
			   "XDG_RUNTIME_DIR to a folder of yours where files "
			   "can be executed", strerror(-err));
	else
		kbox_debug("loader in %s", slot->path);
	return err;
}

void kbox_loader_slot_close(struct kbox_loader_slot *slot)
{
	slot->file.fd = kbox_close(slot->file.fd);
	slot->file.dir_fd = kbox_close(slot->file.dir_fd);
	slot->lock_fd = kbox_close(slot->lock_fd);
}
