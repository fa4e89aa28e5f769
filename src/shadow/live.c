/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live memfds and who maps them.
 *
 * Side: host. Invariants are in live.h.
 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/io.h"
#include "shadow-fd.h"

static struct kbox_live **find_slot(struct kbox_live_table *table, int fd)
{
	for (unsigned int i = 0; i < table->count; i++)
		if (table->lives[i]->fd == fd)
			return &table->lives[i];
	return NULL;
}

int kbox_live_create(struct kbox_live_table *table, unsigned long long dev,
		     unsigned long long ino, unsigned long long size)
{
	struct kbox_live *live;
	struct stat st;
	int fd, err;

	if (table->count == KBOX_LIVES_MAX)
		return -ENFILE;
	live = calloc(1, sizeof(*live));
	if (!live)
		return -ENOMEM;
	fd = kbox_shadow_memfd(dev, ino);
	if (fd < 0) {
		free(live);
		return fd;
	}
	err = kbox_live_resize(fd, size);
	if (!err && (fchmod(fd, 0700) < 0 || fstat(fd, &st) < 0))
		err = -errno;
	if (err) {
		kbox_close(fd);
		free(live);
		return err;
	}
	live->fd = fd;
	live->read_fd = -1;
	live->dev = st.st_dev;
	live->ino = st.st_ino;
	table->lives[table->count++] = live;
	return fd;
}

static void free_live(struct kbox_live *live)
{
	kbox_close(live->fd);
	kbox_close(live->read_fd);
	free(live->mappers);
	free(live);
}

void kbox_live_destroy(struct kbox_live_table *table, int fd)
{
	struct kbox_live **slot = find_slot(table, fd);

	if (!slot)
		return;
	free_live(*slot);
	*slot = table->lives[--table->count];
}

void kbox_live_table_done(struct kbox_live_table *table)
{
	while (table->count)
		free_live(table->lives[--table->count]);
}

long kbox_live_read(int fd, void *buf, unsigned long len,
		    unsigned long long offset)
{
	return kbox_pread_all(fd, buf, len, (off_t)offset);
}

int kbox_live_resize(int fd, unsigned long long size)
{
	if (ftruncate(fd, (off_t)size) == 0)
		return 0;
	return errno == EFBIG || errno == EINVAL || errno == ENOSPC ? -ENOMEM :
								      -errno;
}

int kbox_live_clear(int fd, unsigned long long offset, unsigned long long len)
{
	if (!len || fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)offset, (off_t)len) == 0)
		return 0;
	return -errno;
}

long long kbox_live_data(int fd, unsigned long long offset)
{
	off_t at = lseek(fd, (off_t)offset, SEEK_DATA);

	return at < 0 ? -errno : at;
}

static unsigned int find_mapper(const struct kbox_live *live, int tgid)
{
	unsigned int i = 0;

	while (i < live->mapper_count && live->mappers[i] != tgid)
		i++;
	return i;
}

static int add_mapper(struct kbox_live *live, int tgid)
{
	if (find_mapper(live, tgid) < live->mapper_count)
		return 0;
	if (live->mapper_count == live->mapper_room) {
		unsigned int room = live->mapper_room ? 2 * live->mapper_room :
							4;
		int *mappers = realloc(live->mappers, room * sizeof(*mappers));

		if (!mappers)
			return -ENOMEM;
		live->mappers = mappers;
		live->mapper_room = room;
	}
	live->mappers[live->mapper_count++] = tgid;
	return 0;
}

/* Whether @tgid was one. */
static bool remove_mapper(struct kbox_live *live, int tgid)
{
	unsigned int i = find_mapper(live, tgid);

	if (i == live->mapper_count)
		return false;
	live->mappers[i] = live->mappers[--live->mapper_count];
	return true;
}

/* The description is ours alone, so that its mode is what we ask for. */
static int open_read_only(struct kbox_live *live)
{
	char path[32];

	if (live->read_fd < 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", live->fd);
		live->read_fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return live->read_fd < 0 ? -errno : live->read_fd;
}

int kbox_live_map(struct kbox_live_table *table, int fd, int tgid,
		  bool writable)
{
	struct kbox_live **slot = find_slot(table, fd);
	int from, own, err;

	if (!slot)
		return -EBADF;
	from = writable ? fd : open_read_only(*slot);
	if (from < 0)
		return from;
	err = add_mapper(*slot, tgid);
	if (err)
		return err;
	own = fcntl(from, F_DUPFD_CLOEXEC, 0);
	return own < 0 ? -errno : own;
}

bool kbox_live_mapped(const struct kbox_live_table *table, int fd, int tgid)
{
	for (unsigned int i = 0; i < table->count; i++) {
		const struct kbox_live *live = table->lives[i];

		if (live->fd != fd)
			continue;
		return tgid ? find_mapper(live, tgid) < live->mapper_count :
			      live->mapper_count > 0;
	}
	return false;
}

bool kbox_live_mapped_any(const struct kbox_live_table *table, int tgid)
{
	for (unsigned int i = 0; i < table->count; i++) {
		const struct kbox_live *live = table->lives[i];

		if (find_mapper(live, tgid) < live->mapper_count)
			return true;
	}
	return false;
}

int kbox_live_inherit(struct kbox_live_table *table, int from, int to)
{
	int err = 0;

	for (unsigned int i = 0; i < table->count; i++) {
		struct kbox_live *live = table->lives[i];

		if (find_mapper(live, from) < live->mapper_count &&
		    add_mapper(live, to))
			err = -ENOMEM;
	}
	return err;
}

bool kbox_live_forget(struct kbox_live_table *table, int tgid)
{
	bool unmapped = false;

	for (unsigned int i = 0; i < table->count; i++)
		if (remove_mapper(table->lives[i], tgid) &&
		    !table->lives[i]->mapper_count)
			unmapped = true;
	return unmapped;
}

/*
 * One line of maps: "start-end perms offset major:minor inode  path". Private
 * mappings need nobody to keep file and memfd alike.
 */
static void see_line(struct kbox_live_table *table, const char *line)
{
	unsigned int dev_major, dev_minor;
	unsigned long long ino;
	char kind;

	if (!strstr(line, "/memfd:") ||
	    sscanf(line, "%*s %*3s%c %*s %x:%x %llu", &kind, &dev_major,
		   &dev_minor, &ino) != 4 || kind != 's')
		return;
	for (unsigned int i = 0; i < table->count; i++) {
		struct kbox_live *live = table->lives[i];

		if (live->ino == ino && major(live->dev) == dev_major &&
		    minor(live->dev) == dev_minor)
			live->seen = true;
	}
}

/* Mark what process @tgid maps. Whether that could be told for sure. */
static bool see_process(struct kbox_live_table *table, int tgid)
{
	char path[32], *line = NULL;
	size_t room = 0;
	FILE *maps;
	bool whole;

	snprintf(path, sizeof(path), "/proc/%d/maps", tgid);
	maps = fopen(path, "re");
	/* A process that has just ended is told of in time. */
	if (!maps)
		return false;
	/* No line at all: the main thread has ended, others may live on. */
	whole = false;
	while (getline(&line, &room, maps) > 0) {
		see_line(table, line);
		whole = true;
	}
	whole = whole && !ferror(maps);
	free(line);
	fclose(maps);
	return whole;
}

/* Process @tgid keeps what was seen of it. */
static void scan_process(struct kbox_live_table *table, int tgid)
{
	if (table->busy && table->busy(table->busy_context, tgid))
		return;
	for (unsigned int i = 0; i < table->count; i++)
		table->lives[i]->seen = false;
	if (!see_process(table, tgid))
		return;
	for (unsigned int i = 0; i < table->count; i++)
		if (!table->lives[i]->seen)
			remove_mapper(table->lives[i], tgid);
}

/* Whether a memfd before the one at @index has the mapper @tgid, too. */
static bool was_scanned(const struct kbox_live_table *table,
			unsigned int index, int tgid)
{
	for (unsigned int i = 0; i < index; i++) {
		const struct kbox_live *live = table->lives[i];

		if (find_mapper(live, tgid) < live->mapper_count)
			return true;
	}
	return false;
}

void kbox_live_scan(struct kbox_live_table *table)
{
	for (unsigned int i = 0; i < table->count; i++) {
		struct kbox_live *live = table->lives[i];

		/* From the end: a scan puts the last one in a gap. */
		for (unsigned int j = live->mapper_count; j--;)
			if (j < live->mapper_count &&
			    !was_scanned(table, i, live->mappers[j]))
				scan_process(table, live->mappers[j]);
	}
}
