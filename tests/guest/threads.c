/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fifty threads at once: their own numbers and thread-local storage, one set
 * of descriptors, mutexes, conditions, cancellation, exit in all orders.
 * Run: dyn glibc gdyn
 */
#include "guest.h"
#include <pthread.h>
#include <semaphore.h>

#define N 50

static __thread int local = 7;
static __thread char big_local[5000];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int counter, turn, tids[N], pipes[2];

static void *worker(void *arg)
{
	long me = (long)arg;
	char name[32], buf[32];
	int fd, bad = 0;

	tids[me] = gettid();
	local += (int)me;
	memset(big_local, (int)me, sizeof(big_local));
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 20; i++) {
		struct stat st;

		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		bad += stat("/", &st) != 0;
	}
	snprintf(name, sizeof(name), "thread-%ld", me);
	bad += put_file(name, name, 0600) != 0;
	fd = open(name, O_RDONLY);
	memset(buf, 0, sizeof(buf));
	bad += read(fd, buf, sizeof(buf)) < 0 || strcmp(buf, name);
	close(fd);
	bad += local != 7 + me || big_local[4999] != (char)me;
	bad += write(pipes[1], "t", 1) != 1;
	pthread_mutex_lock(&mutex);
	while (turn != me)
		pthread_cond_wait(&cond, &mutex);
	turn++;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
	return (void *)(long)bad;
}

static void *blocked(void *arg)
{
	char c;

	read(*(int *)arg, &c, 1);
	return NULL;
}

static void *forker(void *arg)
{
	(void)arg;
	return (void *)(long)wait_code(CHILD(_exit(local)));
}

static void *exits(void *arg)
{
	(void)arg;
	sleep_ms(20);
	_exit(33);
}

static void *leaves_last(void *arg)
{
	(void)arg;
	sleep_ms(50);
	say("after main thread ended");
	exit(34);
}

int main(void)
{
	pthread_t t[N], one;
	int i, k, twice = 0, bad = 0, p[2];
	void *r;
	char buf[64];
	cpu_set_t cpus;

	MUST(pipe(pipes));
	pthread_barrier_init(&barrier, NULL, N);
	for (i = 0; i < N; i++)
		MUST(pthread_create(&t[i], NULL, worker, (void *)(long)i) ? -1 : 0);
	for (i = 0; i < N; i++) {
		pthread_join(t[i], &r);
		bad += (int)(long)r;
	}
	for (i = 0; i < N; i++)
		for (k = 0; k < i; k++)
			twice += tids[i] == tids[k];
	say("counter %d, bad %d, numbers twice %d, own local %d", counter, bad, twice, local);
	SHOW("bytes from all", read(pipes[0], buf, sizeof(buf)));

	for (i = 0; i < 200; i++) {
		MUST(pthread_create(&one, NULL, forker, NULL) ? -1 : 0);
		pthread_join(one, &r);
		bad += (long)r != 7;
		if (i >= 20)
			break;
	}
	say("forks from threads: bad %d", bad);
	MUST(pipe(p));
	MUST(pthread_create(&one, NULL, blocked, &p[0]) ? -1 : 0);
	sleep_ms(30);
	SHOW("cancel", pthread_cancel(one));
	pthread_join(one, &r);
	say("cancelled: %d", r == PTHREAD_CANCELED);
	SHOW("exit_group from a thread", wait_code(CHILD({
		pthread_create(&one, NULL, blocked, &p[0]);
		pthread_create(&one, NULL, exits, NULL);
		blocked(&p[0]);
	})));
	SHOW("main ends first", wait_code(CHILD({
		pthread_create(&one, NULL, leaves_last, NULL);
		pthread_exit(NULL);
	})));
	SHOW("killed with threads", wait_code(({
		pid_t pid = CHILD({
			for (i = 0; i < 5; i++)
				pthread_create(&one, NULL, blocked, &p[0]);
			blocked(&p[0]);
		});
		sleep_ms(50);
		kill(pid, SIGKILL);
		pid;
	})));
	CPU_ZERO(&cpus);
	SHOW("affinity", sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 0);
	SHOW("processors", sysconf(_SC_NPROCESSORS_ONLN) > 0);
	return 0;
}
