/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that have parted with the shared descriptor table, by unshare or by
 * close_range, map their own files under the same number; and go on to fork,
 * execute and map as ever.
 */
#include "guest.h"
#include <pthread.h>

#define ROUNDS 3000
#define NUMBER 7

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif

enum way { UNSHARE, RANGE, RANGE_ALL };

static pthread_barrier_t barrier;

static void map_often(const char *name, long *wrong)
{
	char want[4];
	int fd = open(name, O_RDONLY);

	if (fd != NUMBER) {
		dup2(fd, NUMBER);
		close(fd);
	}
	if (pread(NUMBER, want, sizeof(want), 0) != sizeof(want))
		++*wrong;
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < ROUNDS; i++) {
		char *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, NUMBER, 0);

		if (map == MAP_FAILED || memcmp(map, want, sizeof(want)))
			++*wrong;
		if (map != MAP_FAILED)
			munmap(map, 4096);
	}
}

struct parting {
	enum way way;
	long wrong, result, child, fds;
};

static void *parted(void *arg)
{
	struct parting *parting = arg;
	pid_t pid;

	switch (parting->way) {
	case UNSHARE:
		parting->result = unshare(CLONE_FILES);
		break;
	case RANGE:
		parting->result = syscall(SYS_close_range, 900, ~0U, CLOSE_RANGE_UNSHARE);
		break;
	case RANGE_ALL:
		parting->result = syscall(SYS_close_range, 0, ~0U, CLOSE_RANGE_UNSHARE);
		break;
	}
	map_often("second", &parting->wrong);
	for (int fd = 0; fd < 1024; fd++)
		parting->fds += fcntl(fd, F_GETFD) >= 0;
	pid = fork();
	if (!pid) {
		int status;

		pid = fork();
		if (!pid) {
			execl("/bin/true", "true", NULL);
			_exit(50);
		}
		waitpid(pid, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	parting->child = pid < 0 ? -errno : wait_code(pid);
	return NULL;
}

static void together(const char *name, enum way way)
{
	struct parting parting = { .way = way };
	long wrong = 0;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, parted, &parting);
	map_often("first", &wrong);
	pthread_join(thread, NULL);
	say("%s: result %ld, wrong %ld and %ld, child %ld, number %d open here: %d",
	    name, parting.result, wrong, parting.wrong, parting.child,
	    NUMBER, fcntl(NUMBER, F_GETFD) >= 0);
	if (way == RANGE_ALL)
		say("open there: %ld", parting.fds);
}

int main(void)
{
	MUST(put_file("first", "the first file", 0600));
	MUST(put_file("second", "another one", 0600));
	together("unshare", UNSHARE);
	together("close_range", RANGE);
	together("close_range of all", RANGE_ALL);
	SHOW("alone", unshare(CLONE_FILES));
	SHOW("alone, close_range", syscall(SYS_close_range, 900, ~0U, CLOSE_RANGE_UNSHARE));
	SHOW("bad flag", syscall(SYS_close_range, 900, ~0U, 64 | CLOSE_RANGE_UNSHARE));
	SHOW("bad range", syscall(SYS_close_range, 9, 8, CLOSE_RANGE_UNSHARE));
	SHOW("status", system("exit 3") >> 8);
	return 0;
}
