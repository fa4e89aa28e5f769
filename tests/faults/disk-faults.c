/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host whose disk is slow, fails, or is written down; linked into the program
 * kbox-faulty of the tests in front of the host's own calls (--wrap of the
 * linker). kbox itself knows nothing of it.
 *
 * Side: host, in the supervisor and its workers. The file "disk-faults" in the
 * working folder, read at the first call, has lines of these kinds:
 *
 *	delay read|write|flush MILLISECONDS
 *	fail read|write|flush ERRNO AFTER	all but the first AFTER calls
 *	record FILE
 *
 * A record is what tests/faults/cut-power makes images from: for each call a
 * struct record, a write's followed by its data. A write stands there once it
 * is done, a flush when it begins and when it is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { READ, WRITE, FLUSH, KINDS };

static const char *const kind_names[KINDS] = { "read", "write", "flush" };

struct record {
	uint32_t what;		/* a letter of put_record()'s callers */
	uint32_t id;		/* of a flush: pairs its two records */
	uint64_t offset, len;	/* bytes; of the file */
	uint64_t said;		/* bytes in the file that is standard output */
};

static struct {
	long delay_ms[KINDS];
	int error[KINDS];
	long after[KINDS];
	atomic_long calls[KINDS];
	int record_fd;
	atomic_uint flushes;
	pthread_mutex_t lock;	/* over the record */
} plan = { .record_fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static int find_kind(const char *name)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (!strcmp(name, kind_names[kind]))
			return kind;
	fprintf(stderr, "disk-faults: %s?\n", name);
	abort();
}

static void read_plan(void)
{
	FILE *file = fopen("disk-faults", "re");
	char line[512], name[256];
	long a, b;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "delay %255s %ld", name, &a) == 2) {
			plan.delay_ms[find_kind(name)] = a;
		} else if (sscanf(line, "fail %255s %ld %ld", name, &a, &b) ==
			   3) {
			plan.error[find_kind(name)] = (int)a;
			plan.after[find_kind(name)] = b;
		} else if (sscanf(line, "record %255s", name) == 1) {
			plan.record_fd = open(name, O_WRONLY | O_CREAT |
						    O_APPEND | O_CLOEXEC, 0666);
		}
	}
	if (file)
		fclose(file);
}

/*
 * Files of guests, such as a redirected standard output, are no disks; nor are
 * memfds, which have no name.
 */
static bool is_disk(int fd)
{
	struct stat st, other;

	pthread_once(&once, read_plan);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_nlink)
		return false;
	for (int std = 0; std <= 2; std++)
		if (!fstat(std, &other) && other.st_ino == st.st_ino &&
		    other.st_dev == st.st_dev)
			return false;
	return true;
}

/* Slow and failing; false with errno when it fails. */
static bool pass(int fd, enum kind kind)
{
	struct timespec nap = { .tv_sec = plan.delay_ms[kind] / 1000,
				.tv_nsec = plan.delay_ms[kind] % 1000 *
					   1000000 };

	(void)fd;
	if (plan.delay_ms[kind])
		nanosleep(&nap, NULL);
	if (!plan.error[kind] ||
	    atomic_fetch_add(&plan.calls[kind], 1) < plan.after[kind])
		return true;
	errno = plan.error[kind];
	return false;
}

/* Locked. */
static void put_record(char what, unsigned int id, uint64_t offset,
		       uint64_t len)
{
	struct record record = { .what = (uint32_t)what, .id = id,
				 .offset = offset, .len = len };
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode))
		record.said = (uint64_t)st.st_size;
	if (write(plan.record_fd, &record, sizeof(record)) != sizeof(record))
		abort();
}

static void record_flush(char what, unsigned int id)
{
	if (plan.record_fd < 0)
		return;
	pthread_mutex_lock(&plan.lock);
	put_record(what, id, 0, 0);
	pthread_mutex_unlock(&plan.lock);
}

static void record_write(char what, const struct iovec *iov, int count,
			 uint64_t offset, uint64_t len)
{
	if (plan.record_fd < 0)
		return;
	pthread_mutex_lock(&plan.lock);
	put_record(what, 0, offset, len);
	for (int i = 0; i < count && len; i++) {
		size_t now = iov[i].iov_len < len ? iov[i].iov_len : len;

		if (write(plan.record_fd, iov[i].iov_base, now) != (ssize_t)now)
			abort();
		len -= now;
	}
	pthread_mutex_unlock(&plan.lock);
}

ssize_t __real_preadv64v2(int fd, const struct iovec *iov, int count,
			  off_t offset, int flags);
ssize_t __wrap_preadv64v2(int fd, const struct iovec *iov, int count,
			  off_t offset, int flags);
ssize_t __wrap_preadv64v2(int fd, const struct iovec *iov, int count,
			  off_t offset, int flags)
{
	if (is_disk(fd)) {
		/* What is slow or broken is not in the host's memory either. */
		if (flags & RWF_NOWAIT &&
		    (plan.delay_ms[READ] || plan.error[READ])) {
			errno = EAGAIN;
			return -1;
		}
		if (!pass(fd, READ))
			return -1;
	}
	return __real_preadv64v2(fd, iov, count, offset, flags);
}

ssize_t __real_pwritev64v2(int fd, const struct iovec *iov, int count,
			   off_t offset, int flags);
ssize_t __wrap_pwritev64v2(int fd, const struct iovec *iov, int count,
			   off_t offset, int flags);
ssize_t __wrap_pwritev64v2(int fd, const struct iovec *iov, int count,
			   off_t offset, int flags)
{
	ssize_t done;

	if (!is_disk(fd))
		return __real_pwritev64v2(fd, iov, count, offset, flags);
	if (flags & RWF_NOWAIT) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (!pass(fd, WRITE))
		return -1;
	done = __real_pwritev64v2(fd, iov, count, offset, flags);
	if (done > 0)
		record_write(flags & RWF_DSYNC ? 'S' : 'W', iov, count,
			     (uint64_t)offset, (uint64_t)done);
	return done;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	unsigned int id = atomic_fetch_add(&plan.flushes, 1);
	int err;

	if (!is_disk(fd))
		return __real_fdatasync(fd);
	record_flush('B', id);
	if (!pass(fd, FLUSH))
		return -1;
	err = __real_fdatasync(fd);
	if (!err)
		record_flush('E', id);
	return err;
}

int __real_fallocate64(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
	int err = __real_fallocate64(fd, mode, offset, len);

	/* Both kinds that a disk asks for leave zeroes. */
	if (!err && is_disk(fd) && plan.record_fd >= 0) {
		pthread_mutex_lock(&plan.lock);
		put_record('Z', 0, (uint64_t)offset, (uint64_t)len);
		pthread_mutex_unlock(&plan.lock);
	}
	return err;
}
