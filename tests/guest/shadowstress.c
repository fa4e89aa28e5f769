/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many processes map the same files while others rewrite, replace and remove
 * them. Every mapping must show one version whole, and none that is older than
 * the last one whose writer had returned from its call before the file was
 * opened. Natively a mapping follows writers: nothing to compare with.
 * Usage: shadowstress [SECONDS]; tests/stress/shadow.sh runs it for longer.
 * Run: inside limit 60 args 1
 */
#include "guest.h"

#define FILES 200
#define WRITERS 4
#define READERS 12
#define WORDS_MAX 8192

/* Shared by all; a writer owns the files whose number it has modulo WRITERS. */
struct shared {
	volatile uint32_t done[FILES];	/* newest version that is complete */
	volatile long maps[READERS];
	volatile long missing[READERS];
	volatile long writes[WRITERS];
	volatile long bad;
};

static struct shared *shared;
static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static uint64_t stamp(unsigned int file, uint32_t version)
{
	return (uint64_t)(file + 1) << 32 | version;
}

static size_t put(int fd, unsigned int file, uint32_t version, size_t words)
{
	static uint64_t buf[WORDS_MAX];
	size_t i;

	for (i = 0; i < words; i++)
		buf[i] = stamp(file, version);
	MUST(pwrite(fd, buf, words * 8, 0) == (ssize_t)(words * 8) ? 0 : -1);
	return words;
}

static void replace(unsigned int file, uint32_t version, const char *name)
{
	char temporary[32];
	int fd;

	snprintf(temporary, sizeof(temporary), "new%u", file);
	fd = (int)MUST(open(temporary, O_RDWR | O_CREAT | O_EXCL, 0600));
	put(fd, file, version, 1 + rnd(WORDS_MAX));
	close(fd);
	MUST(rename(temporary, name));
}

/* In place, by one write and with all times put back as they were. */
static void rewrite(unsigned int file, uint32_t version, const char *name)
{
	struct timespec times[2];
	struct stat st;
	int fd = (int)MUST(open(name, O_RDWR));

	MUST(fstat(fd, &st));
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	put(fd, file, version, (size_t)st.st_size / 8);
	if (rnd(2))
		MUST(futimens(fd, times));
	close(fd);
}

static void write_files(unsigned int writer, long long end)
{
	char name[32];

	while (now_ms() < end) {
		unsigned int file = rnd(FILES / WRITERS) * WRITERS + writer;
		uint32_t version = shared->done[file] + 1;

		snprintf(name, sizeof(name), "file%u", file);
		switch (version == 1 ? 0 : rnd(8)) {
		case 0:
			unlink(name);
			/* fall through */
		case 1:
			replace(file, version, name);
			break;
		default:
			rewrite(file, version, name);
			break;
		}
		shared->done[file] = version;
		shared->writes[writer]++;
	}
}

static void complain(unsigned int file, uint32_t before, uint64_t first, size_t at, uint64_t word)
{
	say("FAIL file %u: version %u was complete; %u is there, at word %zu %u of file %u", file,
	    before, (uint32_t)first, at, (uint32_t)word, (unsigned int)(word >> 32) - 1);
	shared->bad++;
}

static void check_map(unsigned int file, uint32_t before, const uint64_t *p, size_t words)
{
	size_t i = 0;

	if (p[0] >> 32 == file + 1 && (uint32_t)p[0] >= before)
		while (++i < words && p[i] == p[0])
			;
	if (i != words)
		complain(file, before, p[0], i, p[i]);
}

static void read_files(unsigned int reader, long long end)
{
	while (now_ms() < end && shared->bad < 5) {
		/* Few files are mapped often. */
		unsigned int file = rnd(rnd(4) ? 20 : FILES);
		uint32_t before = shared->done[file];
		struct stat st;
		char name[32];
		void *p;
		int fd;

		snprintf(name, sizeof(name), "file%u", file);
		fd = open(name, O_RDONLY);
		if (fd < 0) {
			shared->missing[reader]++;
			continue;
		}
		MUST(fstat(fd, &st));
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		close(fd);
		if (p == MAP_FAILED) {
			say("FAIL mmap: %s", strerror(errno));
			shared->bad++;
			continue;
		}
		check_map(file, before, p, (size_t)st.st_size / 8);
		munmap(p, (size_t)st.st_size);
		shared->maps[reader]++;
	}
}

int main(int argc, char **argv)
{
	long long end = now_ms() + 1000LL * (argc > 1 ? atoi(argv[1]) : 5);
	long maps = 0, missing = 0, writes = 0;
	unsigned int i, failed = 0;
	pid_t pids[WRITERS + READERS];

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	for (i = 0; i < FILES; i++) {
		char name[32];

		seed = i + 1;
		snprintf(name, sizeof(name), "file%u", i);
		replace(i, 1, name);
		shared->done[i] = 1;
	}
	for (i = 0; i < WRITERS + READERS; i++)
		pids[i] = CHILD({
			seed = 0x9e3779b97f4a7c15ULL * (i + 1);
			if (i < WRITERS)
				write_files(i, end);
			else
				read_files(i - WRITERS, end);
		});
	for (i = 0; i < WRITERS + READERS; i++)
		failed += wait_code(pids[i]) != 0;
	for (i = 0; i < READERS; i++) {
		maps += shared->maps[i];
		missing += shared->missing[i];
	}
	for (i = 0; i < WRITERS; i++)
		writes += shared->writes[i];
	say("%ld maps, %ld of missing files, %ld writes, %ld wrong, %u processes failed", maps,
	    missing, writes, shared->bad, failed);
	if (!maps || !writes || failed || shared->bad)
		say("FAIL");
	return failed || shared->bad;
}
