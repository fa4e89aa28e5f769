/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hoard WHAT...: takes as much of the kernel's memory as it gets, says which
 * error ended that, and holds it until the end of its standard input.
 * tests/stress/memory.sh runs it where there is little memory.
 * Run: inside args memfds inodes mappings
 */
#include "guest.h"

#define MIB (1UL << 20)

static char block[MIB];

static void ended(const char *what, long count)
{
	say("%s: %s%s", what, strerror(errno), count ? "" : ", none at all");
}

static void more_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void memfds(void)
{
	long count = 0;
	int fd;

	while ((fd = memfd_create("hoard", 0)) >= 0) {
		if (write(fd, block, MIB) != (ssize_t)MIB &&
		    write(fd, block, 1) < 0)
			break;
		count++;
	}
	ended("memfds", count);
}

/* Stores through mappings cost the host's memory; what is closed, no other. */
static void mappings(void)
{
	char *p = MAP_FAILED;
	int i, fd;

	for (i = 0; i < 200; i++) {
		fd = (int)MUST(memfd_create("hoard", 0));
		MUST(ftruncate(fd, MIB));
		p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p == MAP_FAILED)
			break;
		memset(p, 1, MIB);
		close(fd);
	}
	say("mappings: %s", p == MAP_FAILED ? strerror(errno) : "all");
}

static void fill(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, block, 65536) > 0)
		;
}

static void pipes(void)
{
	long count = 0;
	int p[2];

	while (pipe(p) == 0) {
		fill(p[1]);
		count++;
	}
	ended("pipes", count);
}

static void sockets(void)
{
	long count = 0;
	int p[2];

	while (socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0) {
		fill(p[0]);
		fill(p[1]);
		count++;
	}
	ended("sockets", count);
}

static void files(void)
{
	long count = 0;

	while (open("/dev/null", O_RDONLY) >= 0)
		count++;
	ended("files", count);
}

static void inodes(void)
{
	char name[64];
	long count = 0;
	int fd;

	do {
		snprintf(name, sizeof(name), "/tmp/hoard-%d-%ld", getpid(), count++);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
	} while (fd >= 0 && close(fd) == 0);
	ended("inodes", count - 1);
}

static const struct {
	const char *name;
	void (*take)(void);
} kinds[] = {
	{ "memfds", memfds },	{ "mappings", mappings }, { "pipes", pipes },
	{ "sockets", sockets }, { "files", files },	  { "inodes", inodes },
};

int main(int argc, char **argv)
{
	unsigned int k;
	char c;
	int i;

	memset(block, 'x', sizeof(block));
	more_descriptors();
	for (i = 1; i < argc; i++)
		for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			if (!strcmp(argv[i], kinds[k].name))
				kinds[k].take();
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
