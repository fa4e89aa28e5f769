/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thousand children one after the other, then fifty at once, each with a
 * snapshot of its parent's state at the moment of the fork.
 * Run: limit 90
 */
#include "guest.h"

int main(void)
{
	int i, good = 0, p[2], fd, bad = 0;
	pid_t pids[50];
	char c;

	for (i = 0; i < 1000; i++)
		good += wait_code(CHILD(_exit(i % 100))) == i % 100;
	say("one after the other: %d", good);

	/* The parent changes its offset and descriptors right after each fork. */
	MUST(pipe(p));
	for (i = 0; i < 50; i++) {
		fd = (int)MUST(open("/dev/null", O_RDONLY));
		if (fd != 5)
			MUST(dup2(fd, 5));
		umask((mode_t)i);
		pids[i] = fork();
		if (pids[i] == 0) {
			int mine = umask(0);

			close(p[1]);
			if (fcntl(5, F_GETFD) < 0)
				_exit(201);
			if (mine != i)
				_exit(202);
			read(p[0], &c, 1);
			_exit(i);
		}
		close(5);
		umask(0777);
	}
	close(p[1]);
	close(p[0]);
	for (i = 0; i < 50; i++) {
		int code = wait_code(pids[i]);

		good += code == i;
		if (code != i) {
			say("child %d: %d", i, code);
			bad++;
		}
	}
	say("with all at once: %d, bad %d", good, bad);
	SHOW("none left", wait_code(-1) == -ECHILD);
	return 0;
}
