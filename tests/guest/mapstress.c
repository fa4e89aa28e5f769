/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many processes store to, write and read the same pages of one file, each its
 * own bytes of them: no byte may be lost or old. With arguments, what the
 * script that kills kbox uses:
 *
 *	mapstress durable FILE	stores a number to all pages, msync, prints it; on
 *				and on
 *	mapstress left FILE	stores, and sleeps
 *	mapstress check FILE N	whether all pages have N or a later number
 * Run: limit 120
 */
#include "guest.h"

#define PAGES 16
#define BYTES (PAGES * 4096)
#define PROCESSES 6
#define PIECE 96		/* a process's bytes of each turn of all */
#define TURN (PROCESSES * PIECE)
#define OWN (BYTES / TURN)	/* pieces of a process */
#define ROUNDS 600

static unsigned int seed;

static unsigned int draw(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Each of the pieces has its process's last value in all its bytes. */
static int whole(const unsigned char *piece, unsigned char value)
{
	for (int i = 0; i < PIECE; i++)
		if (piece[i] != value)
			return 0;
	return 1;
}

static int work(const char *name, int number)
{
	int fd = open(name, O_RDWR), bad = 0;
	unsigned char *map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char value[OWN] = { 0 }, buf[TURN];

	if (map == MAP_FAILED)
		return 100;
	seed = (unsigned int)number;
	for (int round = 0; round < ROUNDS; round++) {
		unsigned int which = draw(OWN);
		off_t at = (off_t)(which * TURN + (unsigned int)number * PIECE);

		switch (draw(6)) {
		case 0:
		case 1:
			memset(map + at, ++value[which], PIECE);
			break;
		case 2:
			memset(buf, ++value[which], PIECE);
			bad += pwrite(fd, buf, PIECE, at) != PIECE;
			break;
		case 3:
			bad += pread(fd, buf, PIECE, at) != PIECE || !whole(buf, value[which]);
			break;
		case 4:
			bad += !whole(map + at, value[which]);
			break;
		case 5:
			if (draw(20) == 0)
				msync(map, BYTES, MS_SYNC);
			else if (draw(20) == 0)
				fsync(fd);
			else if (draw(10) == 0)
				bad += ftruncate(fd, BYTES + draw(5000)) < 0;
			else if (draw(10) == 0) {
				munmap(map, BYTES);
				map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
				if (map == MAP_FAILED)
					return 101;
			}
			break;
		}
	}
	for (unsigned int which = 0; which < OWN; which++) {
		off_t at = (off_t)(which * TURN + (unsigned int)number * PIECE);

		bad += pread(fd, buf, PIECE, at) != PIECE || !whole(buf, value[which]);
		bad += !whole(map + at, value[which]);
		/* What the parent is to find; half of it by a last store. */
		memset(buf, number + 1, PIECE);
		if (which % 2)
			memset(map + at, number + 1, PIECE);
		else
			bad += pwrite(fd, buf, PIECE, at) != PIECE;
	}
	return bad > 99 ? 99 : bad;
}

static void stress(const char *name)
{
	static unsigned char file[BYTES];
	int fd = (int)MUST(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600)), bad = 0;
	pid_t pids[PROCESSES];

	MUST(ftruncate(fd, BYTES));
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = CHILD(_exit(work(name, i)));
	for (int i = 0; i < PROCESSES; i++)
		SHOW("process", wait_code(pids[i]));
	MUST(pread(fd, file, BYTES, 0));
	for (int i = 0; i < OWN * PROCESSES; i++)
		bad += !whole(file + i * PIECE, (unsigned char)(i % PROCESSES + 1));
	say("wrong in the end: %d", bad);
	MUST(unlink(name));
}

static volatile uint32_t *open_map(const char *name)
{
	int fd = (int)MUST(open(name, O_RDWR | O_CREAT, 0666));
	void *map;

	MUST(ftruncate(fd, BYTES));
	map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		_exit(95);
	return map;
}

static void store(volatile uint32_t *map, uint32_t value)
{
	for (int i = 0; i < BYTES / 4; i++)
		map[i] = value;
}

int main(int argc, char **argv)
{
	volatile uint32_t *map;

	if (argc < 3) {
		stress("stressed");
		stress("/dev/shm/kbox-mapstress");
		return 0;
	}
	map = open_map(argv[2]);
	if (!strcmp(argv[1], "durable")) {
		for (uint32_t i = 1;; i++) {
			store(map, i);
			MUST(msync((void *)map, BYTES, MS_SYNC));
			say("%u", i);
		}
	}
	if (!strcmp(argv[1], "left")) {
		store(map, 7777);
		say("stored");
		for (;;)
			pause();
	}
	for (int i = 0; i < BYTES / 4; i++)
		if (map[i] < strtoul(argv[3], NULL, 10)) {
			say("word %d is %u", i, map[i]);
			return 1;
		}
	say("all there");
	return 0;
}
