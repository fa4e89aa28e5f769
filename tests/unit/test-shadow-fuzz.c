// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow cache against a model of it: a list of what must be in it, most
 * recently used first. Random files are asked for, rewritten, invalidated;
 * descriptors are kept and closed; after each step the counters, the contents
 * of what was handed out, and all that is still held must be as the model says.
 *
 * Side: host. Deterministic: "test-shadow-fuzz [SEED [STEPS]]" repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shadow/shadow-cache.h"
#include "shadow/shadow-fd.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)
#define PAGE 4096U
#define FILES 96		/* more than entries */
#define HELD 32
#define BUDGET (40 * PAGE)
#define SEEDS 20
#define STEPS 3000

/* What the kernel knows as an open file: a version whose number fills it. */
struct kbox_file {
	struct kbox_file_id id;
	uint32_t stamp;
	bool changes;		/* while it is copied */
	bool fails;
};

struct model_entry {
	struct kbox_file_id id;
	uint32_t stamp;
	unsigned long long bytes;
};

struct model {
	struct model_entry entry[KBOX_SHADOW_CACHE_MAX + 1];
	unsigned int count;
	struct kbox_shadow_stats stats;
};

struct held {
	int fd;
	uint32_t stamp;
	unsigned long long size;
};

struct run {
	struct kbox_shadow_cache cache;
	struct model model;
	struct kbox_file file[FILES];
	struct held held[HELD];
	uint32_t next_stamp;
	uint64_t random;
};

static struct run *the_run;	/* for the copy, which is called back */

static uint32_t rnd(struct run *run, uint32_t below)
{
	run->random ^= run->random << 13;
	run->random ^= run->random >> 7;
	run->random ^= run->random << 17;
	return (uint32_t)(run->random >> 20) % below;
}

/* A new version; sometimes only one member of the identity tells. */
static void change(struct run *run, struct kbox_file *file)
{
	file->stamp = ++run->next_stamp;
	switch (rnd(run, 7)) {
	case 0:
		file->id.mtime_sec++;
		break;
	case 1:
		file->id.mtime_nsec++;
		break;
	case 2:
		file->id.ctime_sec++;
		break;
	case 3:
		file->id.ctime_nsec++;
		break;
	case 4:
		file->id.generation++;
		break;
	case 5:
		file->id.version++;
		break;
	default:
		file->id.size += 8;
		break;
	}
}

/* As the model has it: entries of the device, or of one inode of it, go. */
static void model_invalidate(struct model *model, unsigned long long dev,
			     unsigned long long ino)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < model->count; i++) {
		struct model_entry *entry = &model->entry[i];

		if (entry->id.dev == dev && (!ino || entry->id.ino == ino))
			model->stats.invalidations++;
		else
			model->entry[kept++] = *entry;
	}
	model->count = kept;
}

int kbox_lk_file_fill(struct kbox_file *file, int fd)
{
	static uint32_t contents[(4 * PAGE + 4096) / 4];
	struct kbox_iovec iov = { contents, file->id.size };

	if (file->fails)
		return -5;
	for (unsigned long i = 0; i < sizeof(contents) / 4; i++)
		contents[i] = file->stamp;
	if (file->changes) {
		kbox_shadow_cache_invalidate(&the_run->cache, file->id.dev,
					     file->id.ino);
		model_invalidate(&the_run->model, file->id.dev, file->id.ino);
	}
	return kbox_shadow_write(fd, &iov, 1, 0);
}

static void model_remove(struct model *model, unsigned int i)
{
	memmove(&model->entry[i], &model->entry[i + 1],
		(model->count - i - 1) * sizeof(model->entry[0]));
	model->count--;
}

static void model_push(struct model *model, const struct model_entry *entry)
{
	memmove(&model->entry[1], &model->entry[0],
		model->count * sizeof(model->entry[0]));
	model->entry[0] = *entry;
	model->count++;
}

static unsigned long long model_bytes(const struct model *model)
{
	unsigned long long bytes = 0;

	for (unsigned int i = 0; i < model->count; i++)
		bytes += model->entry[i].bytes;
	return bytes;
}

/* Whether the model expects a hit; a stale entry goes. */
static bool model_look_up(struct model *model, const struct kbox_file_id *id)
{
	for (unsigned int i = 0; i < model->count; i++) {
		struct model_entry entry = model->entry[i];

		if (entry.id.dev != id->dev || entry.id.ino != id->ino)
			continue;
		model_remove(model, i);
		if (memcmp(&entry.id, id, sizeof(*id))) {
			model->stats.invalidations++;
			return false;
		}
		model_push(model, &entry);
		model->stats.hits++;
		return true;
	}
	return false;
}

static void model_insert(struct model *model, const struct kbox_file *file)
{
	struct model_entry entry = {
		.id = file->id,
		.stamp = file->stamp,
		.bytes = (file->id.size + PAGE - 1) / PAGE * PAGE,
	};

	if (entry.bytes > BUDGET)
		return;
	while (model->count == KBOX_SHADOW_CACHE_MAX ||
	       model_bytes(model) + entry.bytes > BUDGET) {
		model->count--;
		model->stats.evictions++;
	}
	model_push(model, &entry);
}

static void check_held(const struct held *held)
{
	uint32_t first, last;

	assert_int_equal(fcntl(held->fd, F_GET_SEALS) & SEALS, SEALS);
	assert_int_equal(lseek(held->fd, 0, SEEK_END), held->size);
	assert_int_equal(pread(held->fd, &first, 4, 0), 4);
	assert_int_equal(pread(held->fd, &last, 4, (off_t)held->size - 4), 4);
	assert_int_equal(first, held->stamp);
	assert_int_equal(last, held->stamp);
}

static void release(struct held *held)
{
	if (held->fd >= 0) {
		check_held(held);
		close(held->fd);
	}
	held->fd = -1;
}

static void ask(struct run *run, struct kbox_file *file)
{
	struct held *held = &run->held[rnd(run, HELD)];
	bool hit, fails;
	int fd = -1, err;

	release(held);
	file->changes = rnd(run, 8) == 0;
	file->fails = rnd(run, 16) == 0;
	file->id.once = rnd(run, 16) == 0;
	hit = !file->id.once && model_look_up(&run->model, &file->id);
	fails = !hit && file->fails;
	if (!hit)
		run->model.stats.misses++;
	err = kbox_shadow_create_cached(&run->cache, &file->id, file, &fd);
	assert_int_equal(err, fails ? -5 : 0);
	if (!hit && !fails && !file->changes && !file->id.once)
		model_insert(&run->model, file);
	file->id.once = 0;
	if (err)
		return;
	*held = (struct held){ fd, file->stamp, file->id.size };
	check_held(held);
}

static void compare(struct run *run)
{
	const struct kbox_shadow_stats *model = &run->model.stats;

	assert_int_equal(kbox_shadow_cache_hits(&run->cache), model->hits);
	assert_int_equal(kbox_shadow_cache_misses(&run->cache), model->misses);
	assert_int_equal(kbox_shadow_cache_evictions(&run->cache),
			 model->evictions);
	assert_int_equal(kbox_shadow_cache_invalidations(&run->cache),
			 model->invalidations);
	assert_int_equal(kbox_shadow_cache_size(&run->cache), run->model.count);
	assert_int_equal(kbox_shadow_cache_bytes(&run->cache),
			 model_bytes(&run->model));
}

static void step(struct run *run)
{
	/* Few files are asked for often, as in life. */
	struct kbox_file *file =
		&run->file[rnd(run, rnd(run, 2) ? FILES : FILES / 8)];
	uint32_t what = rnd(run, 100);

	if (what < 70) {
		ask(run, file);
	} else if (what < 85) {
		change(run, file);
	} else if (what < 92) {
		release(&run->held[rnd(run, HELD)]);
	} else if (what < 98) {
		kbox_shadow_cache_invalidate(&run->cache, file->id.dev,
					     file->id.ino);
		model_invalidate(&run->model, file->id.dev, file->id.ino);
	} else if (what < 99) {
		kbox_shadow_cache_invalidate(&run->cache, file->id.dev, 0);
		model_invalidate(&run->model, file->id.dev, 0);
	} else if (rnd(run, 4) == 0) {
		kbox_shadow_cache_reset(&run->cache);
		run->model.count = 0;
	}
	compare(run);
}

static void fuzz(uint64_t seed, unsigned int steps)
{
	struct run *run = calloc(1, sizeof(*run));
	int lowest = dup(0);

	close(lowest);
	assert_non_null(run);
	the_run = run;
	run->random = seed * 0x9e3779b97f4a7c15ULL + 1;
	kbox_shadow_cache_init(&run->cache, BUDGET);
	for (unsigned int i = 0; i < FILES; i++) {
		run->file[i].id.dev = 1 + i % 3;
		run->file[i].id.ino = 1 + i / 3;
		run->file[i].id.size = 8 + 8 * rnd(run, 2 * PAGE / 8);
		run->file[i].stamp = ++run->next_stamp;
	}
	for (unsigned int i = 0; i < HELD; i++)
		run->held[i].fd = -1;
	for (unsigned int i = 0; i < steps; i++)
		step(run);
	for (unsigned int i = 0; i < HELD; i++)
		release(&run->held[i]);
	kbox_shadow_cache_reset(&run->cache);
	free(run);
	/* Every descriptor has been closed. */
	assert_int_equal(dup(0), lowest);
	close(lowest);
}

static void against_the_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		print_message("# seed %llu\n", (unsigned long long)seed);
		fuzz(seed, STEPS);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_the_model),
	};

	if (argc > 1) {
		fuzz(strtoull(argv[1], NULL, 0),
		     argc > 2 ? (unsigned int)atoi(argv[2]) : STEPS);
		return 0;
	}
	return cmocka_run_group_tests_name("shadow-fuzz", tests, NULL, NULL);
}
