/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two threads and two processes blocked in each of read, poll, flock, futex,
 * nanosleep and waitpid at once: everybody else goes on meanwhile.
 * Run: dyn
 */
#include "guest.h"
#include <pthread.h>
#include <sys/file.h>

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

enum { READ, POLL, FLOCK, FUTEX, SLEEP, WAIT, KINDS };

static const char *const names[] = { "read", "poll", "flock", "futex", "nanosleep", "waitpid" };
static int release[2], lock_fd;
static struct shared {
	int word;
	int entered;
	int left;
} *shared;

/* Block until main lets go; 0 when the call ended as it should. */
static int block(int kind)
{
	struct pollfd pfd = { release[0], POLLIN, 0 };
	char c;
	int fd;

	__atomic_add_fetch(&shared->entered, 1, __ATOMIC_SEQ_CST);
	switch (kind) {
	case READ:
		return read(release[0], &c, 1) != 0;
	case POLL:
		return poll(&pfd, 1, -1) != 1;
	case FLOCK:
		fd = open("lock", O_RDWR);
		if (flock(fd, LOCK_EX) < 0)
			return 1;
		close(fd);
		return 0;
	case FUTEX:
		while (__atomic_load_n(&shared->word, __ATOMIC_SEQ_CST) == 0)
			syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0);
		return 0;
	case SLEEP:
		while (__atomic_load_n(&shared->word, __ATOMIC_SEQ_CST) == 0)
			sleep_ms(100);
		return 0;
	case WAIT:
		return wait_code(CHILD(close(release[1]); _exit(read(release[0], &c, 1) != 0)));
	}
	return 1;
}

static void *thread_main(void *arg)
{
	long r = block((int)(long)arg);

	__atomic_add_fetch(&shared->left, 1, __ATOMIC_SEQ_CST);
	return (void *)r;
}

int main(void)
{
	pthread_t threads[KINDS][2];
	pid_t pids[KINDS][2];
	struct stat st;
	long long start;
	int i, k, good = 0, early;
	void *r;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(shared == MAP_FAILED ? -1 : 0);
	MUST(pipe(release));
	MUST(put_file("lock", "", 0600));
	MUST(lock_fd = open("lock", O_RDWR));
	SHOW("lock taken", flock(lock_fd, LOCK_EX));
	for (k = 0; k < KINDS; k++)
		for (i = 0; i < 2; i++)
			pids[k][i] = CHILD({
				close(release[1]);
				close(lock_fd);
				_exit(block(k));
			});
	/* Threads share the write end; main closes it for all of them. */
	for (k = 0; k < KINDS; k++)
		for (i = 0; i < 2; i++)
			MUST(pthread_create(&threads[k][i], NULL, thread_main, (void *)(long)k) ? -1 : 0);
	while (__atomic_load_n(&shared->entered, __ATOMIC_SEQ_CST) < 4 * KINDS)
		sleep_ms(5);
	sleep_ms(100);
	early = shared->left;
	start = now_ms();
	for (i = 0; i < 2000; i++)
		good += stat("/", &st) == 0;
	SHOW("fork goes on", wait_code(CHILD(_exit(stat("lock", &st) == 0 ? 5 : 6))));
	say("calls while all block: %d, in time %d", good, now_ms() - start < 3000);
	say("none left early: %d", early == 0 && shared->left == 0);

	__atomic_store_n(&shared->word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &shared->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	flock(lock_fd, LOCK_UN);
	close(release[1]);
	for (k = 0; k < KINDS; k++)
		for (i = 0; i < 2; i++) {
			char name[40];

			snprintf(name, sizeof(name), "process in %s", names[k]);
			SHOW(name, wait_code(pids[k][i]));
		}
	for (k = 0; k < KINDS; k++)
		for (i = 0; i < 2; i++) {
			pthread_join(threads[k][i], &r);
			say("thread in %s: %ld", names[k], (long)r);
		}
	return 0;
}
