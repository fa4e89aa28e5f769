/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/self/maps shows the files of the image under their names, and never a
 * memfd, a host path or the loader.
 * Run: dyn gdyn
 */
#include "guest.h"

int main(void)
{
	static char maps[65536];
	char exe[PATH_MAX] = "", *line, *save = NULL;
	int has_exe = 0, has_stack = 0, memfd = 0, anon = 0, ours = 0;
	char cwd[PATH_MAX];
	unsigned long here = (unsigned long)main;
	int covered = 0, fd;
	void *map;

	MUST(readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	MUST(getcwd(cwd, sizeof(cwd)) ? 0 : -1);
	MUST(put_file("mapped", "contents", 0600));
	MUST(fd = open("mapped", O_RDONLY));
	MUST((map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED ? -1 : 0);
	strcat(cwd, "/mapped");
	MUST(get_file("/proc/self/maps", maps, sizeof(maps)));
	for (line = strtok_r(maps, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long from = 0, to = 0;

		sscanf(line, "%lx-%lx", &from, &to);
		covered |= from <= here && here < to && strstr(line, exe) && strstr(line, " r-xp ");
		has_exe |= strstr(line, exe) != NULL;
		has_stack |= strstr(line, "[stack]") != NULL;
		memfd |= strstr(line, "memfd") != NULL;
		ours |= strstr(line, cwd) && from == (unsigned long)map;
		anon++;
	}
	say("the program: %d", has_exe);
	say("its code: %d", covered);
	say("the stack: %d", has_stack);
	say("the mapped file: %d", ours);
	say("memfd: %d", memfd);
	say("lines: %d", anon > 3);
	return 0;
}
