/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What /proc/PID/maps and auxv say about a process: names, numbers and states
 * of the files it has mapped, in parents, children and after renames.
 * Run: gdyn
 */
#include "guest.h"
#include <elf.h>
#include <sys/auxv.h>

#define MANY 300

/* The line of process @pid that holds @addr, read in pieces of @piece. */
static const char *line_of(pid_t pid, const void *addr, size_t piece)
{
	static char text[262144];
	char path[64], *line, *save = NULL;
	unsigned long from, to;
	size_t len = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	MUST(fd = open(path, O_RDONLY));
	while ((n = read(fd, text + len, piece)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = 0;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 && from <= (unsigned long)addr && (unsigned long)addr < to)
			return line;
	return "";
}

/* Name, access and offset; and whether the numbers are those of @file. */
static void show_map(const char *what, const char *line, const char *file)
{
	unsigned long from, to, offset;
	unsigned int major, minor;
	unsigned long long ino;
	char access[5], name[512] = "";
	struct stat st;

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %llu %511[^\n]", &from, &to, access, &offset, &major, &minor, &ino, name) < 7) {
		say("%s: no line", what);
		return;
	}
	if (stat(file, &st) < 0)
		memset(&st, 0, sizeof(st));
	say("%s: %s %lx %lx %s, is that file %d", what, access, to - from, offset, strrchr(name, '/') ? strrchr(name, '/') + 1 : name,
	    ino == st.st_ino && major == st.st_dev >> 8 && minor == (st.st_dev & 255));
}

static void *map(const char *path, int prot, int type, long offset)
{
	int fd = (int)MUST(open(path, O_RDONLY));
	void *addr = mmap(NULL, 4096, prot, type, fd, offset);

	MUST(addr == MAP_FAILED ? -1 : 0);
	close(fd);
	return addr;
}

static void check_auxv(void)
{
	Elf64_auxv_t aux[64];
	int fd = (int)MUST(open("/proc/self/auxv", O_RDONLY)), n, same = 1;

	n = (int)MUST(read(fd, aux, sizeof(aux))) / (int)sizeof(aux[0]);
	for (int i = 0; i < n; i++)
		if (aux[i].a_type && getauxval(aux[i].a_type) != aux[i].a_un.a_val)
			same = 0;
	say("auxv: %d, ends: %d", same && n > 15, n > 0 && aux[n - 1].a_type == 0);
}

int main(void)
{
	char name[64];
	void *a, *b, *c, *many[MANY];
	int i, good = 0;
	pid_t self = getpid(), pid;

	MUST(put_file("first", "first", 0600));
	MUST(put_file("second", "second", 0600));
	MUST(truncate("second", 10000));
	a = map("first", PROT_READ, MAP_PRIVATE, 0);
	b = map("second", PROT_READ, MAP_SHARED, 4096);
	show_map("private", line_of(self, a, 4096), "first");
	show_map("shared", line_of(self, b, 4096), "second");
	show_map("in small pieces", line_of(self, b, 17), "second");
	MUST(rename("first", "renamed"));
	show_map("renamed", line_of(self, a, 4096), "renamed");
	MUST(link("renamed", "other"));
	MUST(unlink("renamed"));
	show_map("one name gone", line_of(self, a, 4096), "other");
	MUST(mprotect(a, 4096, PROT_READ | PROT_WRITE));
	*(volatile char *)a = 'x';
	show_map("written to", line_of(self, a, 4096), "other");
	MUST(unlink("second"));
	show_map("deleted", line_of(self, b, 4096), "second");

	MUST(put_file("third", "third", 0600));
	MUST(i = open("third", O_RDWR));
	c = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, i, 0);
	show_map("shared and writable", line_of(self, c, 4096), "third");
	MUST(i = open("/dev/zero", O_RDWR));
	c = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, i, 0);
	show_map("zeroes", line_of(self, c, 4096), "/dev/zero");
	MUST(i = memfd_create("named", 0));
	MUST(ftruncate(i, 4096));
	c = mmap(NULL, 4096, PROT_READ, MAP_SHARED, i, 0);
	say("memfd: %d", strstr(line_of(self, c, 4096), "/memfd:named (deleted)") != NULL);
	pid = CHILD({
		MUST(put_file("childs", "x", 0600));
		c = map("childs", PROT_READ, MAP_PRIVATE, 0);
		show_map("inherited", line_of(getpid(), a, 4096), "other");
		show_map("the child's own", line_of(getpid(), c, 4096), "childs");
		show_map("the parent's", line_of(getppid(), a, 4096), "other");
	});
	SHOW("child", wait_code(pid));
	MUST(put_file("parents", "y", 0600));
	c = map("parents", PROT_READ, MAP_PRIVATE, 0);
	show_map("mapped later", line_of(self, c, 4096), "parents");

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many-%d", i);
		MUST(put_file(name, name, 0600));
		many[i] = map(name, PROT_READ, MAP_PRIVATE, 0);
		if (i % 3)
			MUST(munmap(many[i], 4096));
	}
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "/many-%d", i);
		if (i % 3 == 0)
			good += strstr(line_of(self, many[i], 65536), name) != NULL;
	}
	say("of many: %d", good);
	show_map("still there", line_of(self, a, 4096), "other");
	a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect((char *)a + 4096, 4096, PROT_READ);
	say("anonymous has a name: %d", strchr(line_of(self, a, 4096), '/') != NULL);
	say("stack: %d", strstr(line_of(self, &i, 4096), "[stack]") != NULL);
	check_auxv();
	SHOW("of a process that is not there", open("/proc/4000000/maps", O_RDONLY));
	return 0;
}
