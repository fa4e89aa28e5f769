// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host operations: guest memory, disks, descriptors, RAM. The library kernel's
 * entry points that they call are the test's own.
 *
 * Side: host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lkernel/host.h"

#define PAGE 4096UL

struct fixture {
	struct kbox_loop loop;
	struct kbox_host host;
};

static unsigned int ready_count;
static void *ready_cookie;
static int ready_events;

void kbox_lk_fd_ready(void *cookie, int events)
{
	ready_count++;
	ready_cookie = cookie;
	ready_events = events;
}

int kbox_lk_file_fill(struct kbox_file *file, int fd)
{
	(void)file;
	(void)fd;
	return -EIO;
}

unsigned long kbox_lk_log(char *buf, unsigned long size)
{
	(void)buf;
	(void)size;
	return 0;
}

static int setup(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));

	assert_int_equal(kbox_loop_init(&fixture->loop), 0);
	assert_int_equal(kbox_host_init(&fixture->host, &fixture->loop, 0), 0);
	ready_count = 0;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	kbox_host_done(&fixture->host);
	kbox_loop_done(&fixture->loop);
	test_free(fixture);
	return 0;
}

/* Three pages of which the last two can be taken away. */
static char *pages(void)
{
	char *map = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(map, MAP_FAILED);
	memset(map, 'p', 3 * PAGE);
	return map;
}

static void memory_read(void **state)
{
	char *guest = pages();
	char *buf = malloc(3 * PAGE);
	unsigned long done;

	(void)state;
	assert_int_equal(kbox_host_mem_read(getpid(), buf,
					    (unsigned long)guest, 3 * PAGE,
					    &done), 0);
	assert_int_equal(done, 3 * PAGE);
	mprotect(guest + 2 * PAGE, PAGE, PROT_NONE);
	assert_int_equal(kbox_host_mem_read(getpid(), buf,
					    (unsigned long)guest + 5, 3 * PAGE,
					    &done), -EFAULT);
	assert_int_equal(done, 2 * PAGE - 5);
	assert_int_equal(kbox_host_mem_read(getpid(), buf, 0, 8, &done),
			 -EFAULT);
	assert_int_equal(done, 0);
	assert_int_equal(kbox_host_mem_read(0x3fffffff, buf, 0, 8, &done),
			 -EFAULT);
	munmap(guest, 3 * PAGE);
	free(buf);
}

#define WRITES 2500

static void memory_write(void **state)
{
	char *guest = pages();
	struct kbox_mem_write *writes = calloc(WRITES, sizeof(*writes));
	unsigned long done;

	(void)state;
	for (unsigned int i = 0; i < WRITES; i++)
		writes[i] = (struct kbox_mem_write){
			(unsigned long)guest + 3UL * i, "abc", 3 };
	writes[3].len = 0;
	assert_int_equal(kbox_host_mem_write(getpid(), writes, WRITES, &done),
			 0);
	assert_int_equal(done, 3 * (WRITES - 1));
	assert_memory_equal(guest + 3 * (WRITES - 1), "abc", 3);
	assert_memory_equal(guest + 9, "ppp", 3);
	/* A page in the way is not written through: it is read-only. */
	mprotect(guest + PAGE, PAGE, PROT_READ);
	assert_int_equal(kbox_host_mem_write(getpid(), writes, WRITES, &done),
			 -EFAULT);
	assert_true(done <= PAGE && done >= PAGE - 6);
	munmap(guest, 3 * PAGE);
	free(writes);
}

/* Requests that are done at once. */
static int disk_move(int op, unsigned int index, const struct kbox_iovec *iov,
		     unsigned int count, unsigned long long offset)
{
	struct kbox_disk_request request = {
		.op = op, .disk = index, .offset = offset, .iov = iov,
		.count = count,
	};

	for (unsigned int i = 0; i < count; i++)
		request.len += iov[i].len;
	return kbox_host_disk_submit(&request);
}

static int disk_read(unsigned int index, const struct kbox_iovec *iov,
		     unsigned int count, unsigned long long offset)
{
	return disk_move(KBOX_DISK_READ, index, iov, count, offset);
}

static int disk_write(unsigned int index, const struct kbox_iovec *iov,
		      unsigned int count, unsigned long long offset)
{
	return disk_move(KBOX_DISK_WRITE, index, iov, count, offset);
}

static int disk_flush(unsigned int index)
{
	struct kbox_disk_request request = {
		.op = KBOX_DISK_FLUSH, .disk = index,
	};

	return kbox_host_disk_submit(&request);
}

static int disk_discard(unsigned int index, unsigned long long offset,
			unsigned long long len)
{
	struct kbox_disk_request request = {
		.op = KBOX_DISK_DISCARD, .disk = index, .offset = offset,
		.len = len,
	};

	return kbox_host_disk_submit(&request);
}

static void disk(void **state)
{
	struct fixture *fixture = *state;
	int fd = memfd_create("disk", MFD_CLOEXEC);
	const struct kbox_host_disk disk = {
		.fd = fd, .start = 4096, .bytes = 64 * 512,
	};
	static unsigned char out[64 * 512], in[64 * 512];
	struct kbox_iovec iov[64];
	struct stat st;

	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	for (unsigned int i = 0; i < 64; i++) {
		memset(out + 512 * i, (int)i + 1, 512);
		iov[i] = (struct kbox_iovec){ out + 512 * i, 512 };
	}
	assert_int_equal(kbox_host_add_disk(&fixture->host, &disk), 0);
	assert_int_equal(disk_write(0, iov, 64, 0), 0);
	for (unsigned int i = 0; i < 64; i++)
		iov[i].base = in + 512 * i;
	assert_int_equal(disk_read(0, iov, 64, 0), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(pread(fd, in, 1, 4096), 1);
	assert_int_equal(in[0], 1);
	assert_int_equal(disk_flush(0), 0);
	assert_int_equal(disk_discard(0, 0, 64 * 512), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_blocks, 0);
	/* Outside, and a disk that is not there. */
	assert_int_equal(disk_read(0, iov, 2, 63 * 512), -EIO);
	assert_int_equal(disk_read(0, iov, 1, ~0ULL), -EIO);
	assert_int_equal(disk_write(1, iov, 1, 0), -EIO);
	assert_int_equal(disk_discard(0, 512, 64 * 512), -EIO);
	/* The file became shorter. */
	assert_int_equal(ftruncate(fd, 4096 + 1000), 0);
	assert_int_equal(disk_read(0, iov, 64, 0), -EIO);
	fixture->host.disks[0].read_only = true;
	assert_int_equal(disk_write(0, iov, 1, 0), -EIO);
	assert_int_equal(disk_discard(0, 0, 512), -EIO);
	close(fd);
}

/* The file's first byte of the disk at @offset. */
static int in_file(int fd, off_t offset)
{
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, 4096 + offset), 1);
	return byte;
}

static int disk_byte(unsigned int index, unsigned long long offset)
{
	unsigned char data[512];
	const struct kbox_iovec iov = { data, sizeof(data) };

	assert_int_equal(disk_read(index, &iov, 1, offset), 0);
	return data[0];
}

static int put_byte(unsigned int index, unsigned long long offset, int byte)
{
	unsigned char data[512];
	const struct kbox_iovec iov = { data, sizeof(data) };

	memset(data, byte, sizeof(data));
	return disk_write(index, &iov, 1, offset);
}

static int add_held_disk(struct fixture *fixture, int *ret_fd)
{
	const struct kbox_host_disk disk = {
		.fd = memfd_create("disk", MFD_CLOEXEC),
		.start = 4096, .bytes = 4 << 20, .phase = KBOX_DISK_LAUNCH,
	};

	assert_int_equal(ftruncate(disk.fd, 8 << 20), 0);
	*ret_fd = disk.fd;
	return kbox_host_add_disk(&fixture->host, &disk);
}

static void disk_phases(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_host *host = &fixture->host;
	int fd, disk = add_held_disk(fixture, &fd);

	/* Launching: nothing reaches the file. */
	assert_int_equal(put_byte(disk, 0, 1), 0);
	assert_int_equal(disk_flush(disk), 0);
	assert_int_equal(put_byte(disk, 512, 2), 0);
	assert_int_equal(disk_byte(disk, 0), 1);
	assert_int_equal(in_file(fd, 0), 0);
	assert_int_equal(put_byte(disk, 4 << 20, 2), -EIO);

	/* Running: reads and flushes change nothing, a write brings all. */
	assert_true(kbox_host_disk_enter(host, disk, KBOX_DISK_RUN));
	assert_int_equal(disk_flush(disk), 0);
	assert_int_equal(disk_byte(disk, 512), 2);
	assert_int_equal(in_file(fd, 512), 0);
	assert_true(kbox_host_disk_enter(host, disk, KBOX_DISK_END));
	assert_true(kbox_host_disk_enter(host, disk, KBOX_DISK_RUN));
	assert_int_equal(put_byte(disk, 512, 3), 0);
	assert_int_equal(in_file(fd, 0), 1);
	assert_int_equal(in_file(fd, 512), 3);
	assert_int_equal(disk_byte(disk, 512), 3);
	assert_false(kbox_host_disk_enter(host, disk, KBOX_DISK_LAUNCH));
	assert_int_equal(put_byte(disk, 1024, 4), 0);
	assert_int_equal(in_file(fd, 1024), 4);
	close(fd);
}

static void disk_phases_left_early(void **state)
{
	static unsigned char data[1 << 20];
	const struct kbox_iovec iov = { data, sizeof(data) };
	struct fixture *fixture = *state;
	struct kbox_host *host = &fixture->host;
	int fd, disk = add_held_disk(fixture, &fd);

	/* A discard, which is not held. */
	assert_int_equal(put_byte(disk, 0, 1), 0);
	assert_int_equal(put_byte(disk, 8192, 1), 0);
	assert_int_equal(disk_discard(disk, 8192, 4096), 0);
	assert_int_equal(in_file(fd, 0), 1);
	assert_int_equal(disk_byte(disk, 8192), 0);
	assert_false(kbox_host_disk_enter(host, disk, KBOX_DISK_RUN));
	close(fd);

	/* More than can be held. */
	disk = add_held_disk(fixture, &fd);
	assert_int_equal(put_byte(disk, 512, 1), 0);
	memset(data, 2, sizeof(data));
	assert_int_equal(disk_write(disk, &iov, 1, 0), 0);
	assert_int_equal(in_file(fd, 512), 2);
	assert_false(kbox_host_disk_enter(host, disk, KBOX_DISK_RUN));
	close(fd);

	/* On request. */
	disk = add_held_disk(fixture, &fd);
	assert_int_equal(put_byte(disk, 512, 1), 0);
	assert_false(kbox_host_disk_enter(host, disk, KBOX_DISK_DIRECT));
	assert_int_equal(in_file(fd, 512), 1);
	close(fd);

	/* It cannot be written: the guest's write fails, nothing is lost. */
	disk = add_held_disk(fixture, &fd);
	assert_int_equal(put_byte(disk, 512, 1), 0);
	assert_true(kbox_host_disk_enter(host, disk, KBOX_DISK_RUN));
	close(fd);
	host->disks[disk].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(put_byte(disk, 0, 2), -EIO);
	assert_int_equal(host->disks[disk].held.bytes, 512);
	assert_int_equal(host->disks[disk].phase, KBOX_DISK_RUN);
	close(host->disks[disk].fd);
}

/* Until the disk has done as much as was asked for. */
static struct kbox_disk_request *reap(struct fixture *fixture)
{
	struct kbox_disk_request *request;

	while (!(request = kbox_host_disk_reap()))
		kbox_loop_wait(&fixture->loop, 1000000000);
	return request;
}

/* A file that is on a disk, as far as the tests' folder is. */
static int file_on_disk(off_t size)
{
	char path[] = "test-disk-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

#define MANY 40

/* What waits comes through the loop; what a change waits for, comes first. */
static void disk_workers(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_host *host = &fixture->host;
	const struct kbox_host_disk disk = {
		.name = "disk", .fd = file_on_disk(16 << 20),
		.start = 4096, .bytes = 8 << 20, .phase = KBOX_DISK_LAUNCH,
	};
	static unsigned char data[MANY][131072], back[131072];
	struct kbox_disk_request requests[MANY + 1], *first;
	struct kbox_iovec iov[MANY];
	int index = kbox_host_add_disk(host, &disk);
	unsigned int later = 0;

	/* Also where the tests lie in memory. */
	host->disks[index].in_memory = false;
	assert_int_equal(put_byte(index, 7 << 20, 9), 0);
	kbox_host_disk_enter(host, index, KBOX_DISK_RUN);
	kbox_host_disks_start(host);
	assert_int_equal(disk_byte(index, 7 << 20), 9);
	assert_int_equal(in_file(disk.fd, 7 << 20), 0);
	for (unsigned int i = 0; i < MANY; i++) {
		memset(data[i], (int)i + 1, sizeof(data[i]));
		iov[i] = (struct kbox_iovec){ data[i], sizeof(data[i]) };
		requests[i] = (struct kbox_disk_request){
			.op = KBOX_DISK_WRITE, .disk = (unsigned int)index,
			.offset = i * sizeof(data[i]), .len = sizeof(data[i]),
			.iov = &iov[i], .count = 1, .durable = i % 8 == 7,
			.flush_first = i % 8 == 6,
		};
		later += kbox_host_disk_submit(&requests[i]) ==
			 KBOX_DISK_LATER;
	}
	assert_int_equal(later, MANY);
	first = reap(fixture);
	assert_int_equal(in_file(disk.fd, 7 << 20), 9);
	assert_int_equal(host->disks[index].phase, KBOX_DISK_DIRECT);
	assert_int_equal(first->error, 0);
	for (unsigned int i = 1; i < MANY; i++)
		assert_int_equal(reap(fixture)->error, 0);
	assert_null(kbox_host_disk_reap());
	requests[MANY] = (struct kbox_disk_request){
		.op = KBOX_DISK_FLUSH, .disk = (unsigned int)index,
	};
	assert_int_equal(kbox_host_disk_submit(&requests[MANY]),
			 KBOX_DISK_LATER);
	assert_ptr_equal(reap(fixture), &requests[MANY]);
	/* Nothing was written since. */
	assert_int_equal(kbox_host_disk_submit(&requests[MANY]), 0);
	for (unsigned int i = 0; i < MANY; i++) {
		assert_int_equal(pread(disk.fd, back, sizeof(back),
				       (off_t)(4096 + i * sizeof(back))),
				 sizeof(back));
		assert_memory_equal(back, data[i], sizeof(back));
	}
	kbox_host_disks_stop(host);
	assert_int_equal(disk_flush(index), 0);
	close(disk.fd);
}

/* A flush does not count for what was written while it was under way. */
static void disk_flush_and_writes(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_host *host = &fixture->host;
	const struct kbox_host_disk disk = {
		.name = "disk", .fd = file_on_disk(1 << 20), .bytes = 1 << 20,
	};
	static unsigned char data[131072];
	const struct kbox_iovec iov = { data, sizeof(data) };
	struct kbox_disk_request flush, write;
	unsigned int index = (unsigned int)kbox_host_add_disk(host, &disk);

	flush = (struct kbox_disk_request){
		.op = KBOX_DISK_FLUSH, .disk = index,
	};
	write = (struct kbox_disk_request){
		.op = KBOX_DISK_WRITE, .disk = index, .len = sizeof(data),
		.iov = &iov, .count = 1,
	};
	host->disks[index].in_memory = false;
	kbox_host_disks_start(host);
	assert_int_equal(kbox_host_disk_submit(&write), KBOX_DISK_LATER);
	assert_int_equal(kbox_host_disk_submit(&flush), KBOX_DISK_LATER);
	/* They come as the kernel's next step, even when all is stopped. */
	kbox_host_disks_stop(host);
	assert_non_null(kbox_host_disk_reap());
	assert_non_null(kbox_host_disk_reap());
	assert_null(kbox_host_disk_reap());
	assert_false(host->disks[index].flushed);
	assert_int_equal(disk_flush((int)index), 0);
	assert_true(host->disks[index].flushed);
	close(disk.fd);
}

/* The file does not take what is held: one change fails, others try again. */
static void disk_workers_fail(void **state)
{
	struct fixture *fixture = *state;
	struct kbox_host *host = &fixture->host;
	int fd, index = add_held_disk(fixture, &fd);
	static unsigned char data[512];
	const struct kbox_iovec iov = { data, sizeof(data) };
	struct kbox_disk_request requests[3];

	host->disks[index].name = "disk";
	host->disks[index].in_memory = false;
	assert_int_equal(put_byte(index, 512, 1), 0);
	kbox_host_disk_enter(host, index, KBOX_DISK_RUN);
	kbox_host_disks_start(host);
	close(fd);
	host->disks[index].fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	for (unsigned int i = 0; i < 3; i++) {
		requests[i] = (struct kbox_disk_request){
			.op = KBOX_DISK_WRITE, .disk = (unsigned int)index,
			.len = sizeof(data), .iov = &iov, .count = 1,
		};
		assert_int_equal(kbox_host_disk_submit(&requests[i]),
				 KBOX_DISK_LATER);
	}
	for (unsigned int i = 0; i < 3; i++) {
		assert_ptr_equal(reap(fixture), &requests[i]);
		assert_int_equal(requests[i].error, -ENOSPC);
	}
	assert_int_equal(host->disks[index].held.bytes, 512);
	close(host->disks[index].fd);
}

/* The same for all kinds of stream: nothing blocks, all arrives. */
static void check_stream(struct fixture *fixture, int in, int out)
{
	int own_in = kbox_host_add_fd(&fixture->host, in);
	int own_out = kbox_host_add_fd(&fixture->host, out);
	static char buf[70000];
	long sent = 0, got = 0, n;
	int cookie;

	assert_true(own_in >= 0 && own_out >= 0);
	assert_int_equal(fcntl(in, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(kbox_host_fd_read(own_in, buf, 10), -EAGAIN);
	assert_int_equal(kbox_host_fd_poll(own_in, POLLIN), 0);
	assert_int_equal(kbox_host_fd_watch(own_in, POLLIN, &cookie), 0);
	assert_int_equal(kbox_loop_wait(&fixture->loop, 0), 0);
	while ((n = kbox_host_fd_write(own_out, buf, sizeof(buf))) > 0)
		sent += n;
	assert_int_equal(n, -EAGAIN);
	assert_true(sent > 4096);
	assert_int_equal(kbox_host_fd_poll(own_out, POLLOUT), 0);
	assert_int_equal(ready_count, 0);
	kbox_loop_wait(&fixture->loop, 0);
	assert_int_equal(ready_count, 1);
	assert_ptr_equal(ready_cookie, &cookie);
	assert_true(ready_events & POLLIN);
	/* Answered once. */
	kbox_loop_wait(&fixture->loop, 0);
	assert_int_equal(ready_count, 1);
	while ((n = kbox_host_fd_read(own_in, buf, sizeof(buf))) > 0)
		got += n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(got, sent);
	/* Withdrawn. */
	assert_int_equal(kbox_host_fd_watch(own_out, POLLOUT, &cookie), 0);
	assert_int_equal(kbox_host_fd_watch(own_out, 0, &cookie), 0);
	kbox_loop_wait(&fixture->loop, 0);
	assert_int_equal(ready_count, 1);
}

static void pipes(void **state)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	check_stream(*state, fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void sockets(void **state)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    fds), 0);
	check_stream(*state, fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
}

/* As when /proc is not there to open a pipe again. */
static void shared_pipes(void **state)
{
	struct fixture *fixture = *state;
	int fds[2], in, out;
	char c;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	in = kbox_host_add_fd(&fixture->host, fds[0]);
	out = kbox_host_add_fd(&fixture->host, fds[1]);
	for (unsigned int i = 0; i < KBOX_HOST_FDS_MAX; i++) {
		struct kbox_host_fd *fd = &fixture->host.fds[i];

		if (fd->kind == KBOX_HOST_FD_FREE)
			continue;
		fd->kind = KBOX_HOST_FD_SHARED;
		fcntl(fd->watch.fd, F_SETFL, 0);
	}
	assert_int_equal(kbox_host_fd_read(in, &c, 1), -EAGAIN);
	while (kbox_host_fd_write(out, fixture, 3000) > 0)
		;
	assert_int_equal(kbox_host_fd_write(out, fixture, 3000), -EAGAIN);
	assert_int_equal(kbox_host_fd_read(in, &c, 1), 1);
	close(fds[0]);
	close(fds[1]);
}

static void closed_pipe(void **state)
{
	struct fixture *fixture = *state;
	int fds[2], out, in;
	char c;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	out = kbox_host_add_fd(&fixture->host, fds[1]);
	close(fds[0]);
	assert_int_equal(kbox_host_fd_write(out, "x", 1), -EPIPE);
	assert_true(kbox_host_fd_poll(out, POLLOUT) & POLLERR);
	close(fds[1]);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	in = kbox_host_add_fd(&fixture->host, fds[0]);
	close(fds[1]);
	assert_int_equal(kbox_host_fd_read(in, &c, 1), 0);
	close(fds[0]);
}

static void files(void **state)
{
	struct fixture *fixture = *state;
	int fd = memfd_create("file", MFD_CLOEXEC), own, cookie;
	struct kbox_host_stat st;
	char buf[8];

	own = kbox_host_add_fd(&fixture->host, fd);
	assert_int_equal(kbox_host_fd_write(own, "hello", 5), 5);
	/* One offset with whoever shares it. */
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
	assert_int_equal(lseek(fd, 1, SEEK_SET), 1);
	assert_int_equal(kbox_host_fd_read(own, buf, sizeof(buf)), 4);
	assert_memory_equal(buf, "ello", 4);
	assert_int_equal(kbox_host_fd_stat(own, &st), 0);
	assert_true(S_ISREG(st.mode));
	assert_int_equal(kbox_host_fd_watch(own, POLLIN, &cookie), 0);
	kbox_loop_wait(&fixture->loop, 0);
	assert_int_equal(ready_count, 1);
	kbox_loop_wait(&fixture->loop, 0);
	assert_int_equal(ready_count, 1);
	assert_int_equal(kbox_host_fd_ioctl(own, 0x5401, buf), -ENOTTY);
	/* Descriptors that were not added are nobody's business. */
	assert_int_equal(kbox_host_fd_read(fd, buf, 1), -EBADF);
	assert_int_equal(kbox_host_fd_write(fd, buf, 1), -EBADF);
	assert_int_equal(kbox_host_fd_watch(fd, POLLIN, &cookie), -EBADF);
	assert_int_equal(kbox_host_fd_stat(fd, &st), -EBADF);
	close(fd);
}

static void ram(void **state)
{
	const unsigned long long offsets[] = { 2 * PAGE, 3 * PAGE, 0 };
	const unsigned long long beyond[] = { 8 * PAGE };
	char *memory = kbox_host_ram_map(8 * PAGE), *alias;

	(void)state;
	assert_non_null(memory);
	assert_int_equal(memory[8 * PAGE - 1], 0);
	alias = kbox_host_ram_alias(offsets, 3);
	assert_non_null(alias);
	memory[3 * PAGE] = 'a';
	alias[2 * PAGE] = 'b';
	assert_int_equal(alias[PAGE], 'a');
	assert_int_equal(memory[0], 'b');
	kbox_host_ram_unalias(alias, 3);
	assert_int_equal(memory[0], 'b');
	assert_null(kbox_host_ram_alias(beyond, 1));
	munmap(memory, 8 * PAGE);
}

static void randomness(void **state)
{
	static unsigned char buf[1000];
	unsigned int zeros = 0;

	(void)state;
	kbox_host_random(buf, sizeof(buf));
	for (unsigned int i = 0; i < sizeof(buf); i++)
		zeros += !buf[i];
	assert_true(zeros < 50);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_read), TEST(memory_write), TEST(disk),
		TEST(disk_phases), TEST(disk_phases_left_early),
		TEST(disk_workers), TEST(disk_flush_and_writes),
		TEST(disk_workers_fail),
		TEST(pipes), TEST(sockets), TEST(shared_pipes),
		TEST(closed_pipe), TEST(files), TEST(ram), TEST(randomness),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
