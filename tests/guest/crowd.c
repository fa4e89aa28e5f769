/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ten thousand open files, a thousand processes, and as many threads.
 * Run: limit 120
 */
#include <pthread.h>

#include "guest.h"

#define FILES 10000
#define CROWD 1000

/* Each file has the number that its descriptor has, for the last to be told
 * from the first.
 */
static void files(void)
{
	struct rlimit limit = { FILES + 10, FILES + 10 };
	int i, fd, good = 0, wrong = 0;
	char name[16];

	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i % 100);
		fd = open(name, O_CREAT | O_RDWR | O_APPEND, 0600);
		good += fd == i + 3;
	}
	say("opened in order: %d", good);
	for (i = 0; i < FILES; i += 7)
		wrong += pwrite(i + 3, "x", 1, 0) != 1;
	for (i = 0; i < 100; i++) {
		struct stat st;

		MUST(fstat(i + 3, &st));
		good += st.st_size >= 14;
	}
	say("written: %d wrong, %d long enough", wrong, good - FILES);
	while ((fd = dup(0)) >= 0)
		good++;
	say("then %d more, and %s", good - FILES - 100, strerror(errno));
	if (fork() == 0)
		_exit(fcntl(FILES + 2, F_GETFD) == 0 ? 7 : 8);
	SHOW("the child has them", wait_code(-1));
	for (i = 3; i < FILES + 10; i++)
		close(i);
}

static void processes(void)
{
	int gate[2], i, good = 0;
	pid_t pids[CROWD];
	char c;

	MUST(pipe(gate));
	for (i = 0; i < CROWD; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			close(gate[1]);
			_exit((int)read(gate[0], &c, 1) + i % 100);
		}
		good += pids[i] > 0;
	}
	say("processes: %d", good);
	close(gate[1]);
	for (good = 0, i = 0; i < CROWD; i++)
		good += pids[i] > 0 && wait_code(pids[i]) == i % 100;
	say("ended as they should: %d", good);
}

static void *wait_for_byte(void *fd)
{
	char c;

	return (void *)read(*(int *)fd, &c, 1);
}

static void threads(void)
{
	static pthread_t ids[CROWD];
	pthread_attr_t attr;
	int gate[2], i, made = 0, good = 0;

	MUST(pipe(gate));
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	while (made < CROWD &&
	       !pthread_create(&ids[made], &attr, wait_for_byte, &gate[0]))
		made++;
	say("threads: %d", made);
	for (i = 0; i < made; i++)
		MUST(write(gate[1], "x", 1));
	for (i = 0; i < made; i++) {
		void *got;

		good += !pthread_join(ids[i], &got) && got == (void *)1;
	}
	say("each got its byte: %d", good);
}

int main(void)
{
	files();
	processes();
	threads();
	return 0;
}
