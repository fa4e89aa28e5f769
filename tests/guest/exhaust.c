/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that runs out for a process, by its limits: each way to ask for more
 * gives the native error, what the process has stays usable, and it goes on
 * when it has given some back.
 * Run: dyn
 */
#include <pthread.h>

#include "guest.h"

#define MIB (1UL << 20)
#define MIBS 64

static char *pieces[MIBS];

/* As many pieces as the limit leaves, each one touched. */
static int take(void)
{
	int n = 0;

	for (n = 0; n < MIBS; n++) {
		pieces[n] = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (pieces[n] == MAP_FAILED)
			break;
		memset(pieces[n], n + 1, MIB);
	}
	return n;
}

static int intact(int n)
{
	int good = 0;

	for (int i = 0; i < n; i++)
		good += pieces[i][0] == i + 1 && pieces[i][MIB - 1] == i + 1;
	return good;
}

static void *nothing(void *arg)
{
	return arg;
}

static void address_space(void)
{
	struct rlimit limit = { 32 * MIB, 32 * MIB };
	int file = MUST(open("file", O_CREAT | O_RDWR, 0600)), n;
	pthread_attr_t attr;
	pthread_t thread;

	MUST(ftruncate(file, 8 * MIB));
	MUST(setrlimit(RLIMIT_AS, &limit));
	n = take();
	say("some, not all: %d", n > 8 && n < 32);
	SHOW("why", pieces[n] == MAP_FAILED ? -1 : 0);
	SHOW("a file, private", mmap(NULL, 8 * MIB, PROT_READ, MAP_PRIVATE, file,
				     0) == MAP_FAILED ? -1 : 0);
	SHOW("a file, shared", mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE,
				    MAP_SHARED, file, 0) == MAP_FAILED ? -1 : 0);
	SHOW("mremap", mremap(pieces[0], MIB, 9 * MIB, MREMAP_MAYMOVE) ==
			       MAP_FAILED ? -1 : 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 8 * MIB);
	say("a thread: %d", pthread_create(&thread, &attr, nothing, NULL));
	say("intact: %d", intact(n) == n);
	SHOW("written out", pwrite(file, pieces[n - 1], MIB, 0));
	SHOW("a child", wait_code(CHILD(_exit(intact(n) == n ? 3 : 4))));
	for (int i = 0; i < n; i++)
		munmap(pieces[i], MIB);
	SHOW("a file, again", mmap(NULL, 8 * MIB, PROT_READ, MAP_PRIVATE, file,
				   0) == MAP_FAILED ? -1 : 0);
	say("a thread, again: %d", pthread_create(&thread, &attr, nothing, NULL));
	pthread_join(thread, NULL);
}

int main(void)
{
	address_space();
	return 0;
}
