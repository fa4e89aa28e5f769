// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bind mounts, asked for anything: random requests of FUSE's protocol, with
 * arguments that are cut short, names that are none, and nodes of every kind.
 * The numbers of nodes and handles are right, since they are the kernel's.
 * Nothing beside the folder may change, or all of it with a read-only one; a
 * reply fits; no file gets a set-id bit; no descriptor is left.
 *
 * Side: host. Deterministic but for the host's own numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "bind/bind.h"

#define SEEDS 8
#define STEPS 4000
#define NODES 64
#define HANDLES 32
#define ROOM 8192

struct node {
	uint64_t id;
	uint64_t lookups;
};

struct run {
	char top[64];
	struct kbox_bind bind;
	struct node node[NODES];
	unsigned int node_count;
	uint64_t handle[HANDLES];
	unsigned int handle_count;
	uint64_t random;
	char reply[2][ROOM];
};

/* What a request is made of. */
struct question {
	struct fuse_in_header header;
	union {
		struct fuse_setattr_in setattr;
		struct fuse_create_in create;
		struct fuse_mknod_in mknod;
		struct fuse_mkdir_in mkdir;
		struct fuse_link_in link;
		struct fuse_rename2_in rename;
		struct fuse_open_in open;
		struct fuse_read_in read;
		struct fuse_write_in write;
		struct fuse_release_in release;
		struct fuse_fsync_in fsync;
		struct fuse_fallocate_in fallocate;
		struct fuse_lseek_in lseek;
		struct fuse_setxattr_in setxattr;
		struct fuse_getxattr_in getxattr;
	} in;
	size_t in_size;		/* 0: none */
	unsigned int names;
};

/*
 * None names anything of the host's outside the test's own folder: a check that
 * is broken shall fail the test, not exchange the host's folders.
 */
static const char *const names[] = {
	"file", "folder", "up", "away", "pipe", "new", "a", "b", "\xff\xfe",
	"..", ".", "", "a/b", "/dev/null/x", "../outside", "folder/..", "user.x",
	"trusted.x", "\n", "outside",
};

static uint32_t rnd(struct run *run, uint32_t below)
{
	run->random ^= run->random << 13;
	run->random ^= run->random >> 7;
	run->random ^= run->random << 17;
	return (uint32_t)(run->random >> 20) % below;
}

static uint64_t a_node(struct run *run)
{
	unsigned int i = rnd(run, run->node_count + 1);

	return i ? run->node[i - 1].id : FUSE_ROOT_ID;
}

static uint64_t a_handle(struct run *run)
{
	return run->handle[rnd(run, run->handle_count)];
}

static bool wants_handle(uint32_t opcode)
{
	return opcode == FUSE_READ || opcode == FUSE_WRITE ||
	       opcode == FUSE_FSYNC || opcode == FUSE_FALLOCATE ||
	       opcode == FUSE_LSEEK || opcode == FUSE_READDIR ||
	       opcode == FUSE_FSYNCDIR;
}

static void ask_of_names(struct run *run, struct question *q)
{
	const uint32_t mode = rnd(run, 0x10000);

	q->names = 1;
	switch (q->header.opcode) {
	case FUSE_SYMLINK:
		q->names = 2;
		break;
	case FUSE_MKDIR:
		q->in.mkdir.mode = mode & 07777;
		q->in_size = sizeof(q->in.mkdir);
		break;
	case FUSE_MKNOD:
		q->in.mknod.mode = mode;
		q->in_size = sizeof(q->in.mknod);
		break;
	case FUSE_CREATE:
	case FUSE_TMPFILE:
		q->in.create.mode = mode & 07777;
		q->in.create.flags = rnd(run, 3) | (rnd(run, 2) ? O_EXCL : 0) |
				     (rnd(run, 2) ? O_TRUNC : 0);
		q->in_size = sizeof(q->in.create);
		break;
	case FUSE_LINK:
		q->in.link.oldnodeid = a_node(run);
		q->in_size = sizeof(q->in.link);
		break;
	case FUSE_RENAME2:
		q->in.rename.newdir = a_node(run);
		q->in.rename.flags = rnd(run, 8);
		q->in_size = sizeof(q->in.rename);
		q->names = 2;
		break;
	case FUSE_SETXATTR:
		q->in.setxattr.size = rnd(run, 40);
		q->in_size = FUSE_COMPAT_SETXATTR_IN_SIZE;
		q->names = 2;
		break;
	case FUSE_GETXATTR:
	case FUSE_LISTXATTR:
		q->in.getxattr.size = rnd(run, 2) * ROOM;
		q->in_size = sizeof(q->in.getxattr);
		break;
	default:
		break;
	}
}

static void ask_of_file(struct run *run, struct question *q)
{
	switch (q->header.opcode) {
	case FUSE_SETATTR:
		q->in.setattr.valid = rnd(run, 1U << 9) & ~(uint32_t)FATTR_FH;
		q->in.setattr.size = rnd(run, 1U << 20);
		q->in.setattr.mode = rnd(run, 0x10000) | 0700;
		q->in.setattr.uid = geteuid();
		q->in.setattr.gid = getegid();
		q->in.setattr.mtimensec = rnd(run, 2000000000);
		q->in_size = sizeof(q->in.setattr);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		q->in.open.flags = rnd(run, 4) | (rnd(run, 8) ? 0 : O_TRUNC);
		q->in_size = sizeof(q->in.open);
		break;
	case FUSE_READ:
	case FUSE_READDIR:
		q->in.read.fh = a_handle(run);
		q->in.read.offset = rnd(run, 3) ? rnd(run, ROOM) : rnd(run, -1U);
		q->in_size = sizeof(q->in.read);
		break;
	case FUSE_WRITE:
		q->in.write.fh = a_handle(run);
		q->in.write.offset = rnd(run, 1U << 20);
		q->in.write.size = rnd(run, 2000);
		q->in.write.flags = rnd(run, 2) ? O_APPEND : 0;
		q->in_size = sizeof(q->in.write);
		q->names = 1;
		break;
	case FUSE_FSYNC:
	case FUSE_FSYNCDIR:
		q->in.fsync.fh = a_handle(run);
		q->in_size = sizeof(q->in.fsync);
		break;
	case FUSE_FALLOCATE:
		q->in.fallocate.fh = a_handle(run);
		q->in.fallocate.mode = rnd(run, 128);
		q->in.fallocate.offset = rnd(run, 1U << 20);
		q->in.fallocate.length = rnd(run, 1U << 16);
		q->in_size = sizeof(q->in.fallocate);
		break;
	case FUSE_LSEEK:
		q->in.lseek.fh = a_handle(run);
		q->in.lseek.whence = rnd(run, 8);
		q->in_size = sizeof(q->in.lseek);
		break;
	default:
		ask_of_names(run, q);
		break;
	}
}

/* Every name that is the kernel's to give back is given back. */
static void forget(struct run *run, unsigned int i)
{
	const struct fuse_in_header header = {
		.opcode = FUSE_FORGET, .nodeid = run->node[i].id,
	};
	const struct fuse_forget_in in = { .nlookup = run->node[i].lookups };
	const struct kbox_iovec iov[] = {
		{ (void *)&header, sizeof(header) }, { (void *)&in, sizeof(in) },
	};
	struct kbox_bind_request request = { .in = iov, .in_count = 2 };

	kbox_bind_serve(&run->bind, &request, false);
	run->node[i] = run->node[--run->node_count];
}

static void release(struct run *run, unsigned int i)
{
	const struct fuse_in_header header = {
		.opcode = FUSE_RELEASE, .nodeid = FUSE_ROOT_ID,
	};
	const struct fuse_release_in in = { .fh = run->handle[i] };
	const struct kbox_iovec iov[] = {
		{ (void *)&header, sizeof(header) }, { (void *)&in, sizeof(in) },
	};
	struct kbox_bind_request request = { .in = iov, .in_count = 2 };

	kbox_bind_serve(&run->bind, &request, false);
	run->handle[i] = run->handle[--run->handle_count];
}

static void learn_node(struct run *run, const void *reply)
{
	struct fuse_entry_out entry;
	unsigned int i = 0;

	memcpy(&entry, reply, sizeof(entry));
	assert_false(S_ISREG(entry.attr.mode) && entry.attr.mode & 06000);
	if (entry.nodeid == FUSE_ROOT_ID)
		return;
	while (i < run->node_count && run->node[i].id != entry.nodeid)
		i++;
	if (i == run->node_count)
		run->node[run->node_count++] =
			(struct node){ .id = entry.nodeid };
	run->node[i].lookups++;
}

static void learn_handle(struct run *run, const void *reply)
{
	struct fuse_open_out out;

	memcpy(&out, reply, sizeof(out));
	run->handle[run->handle_count++] = out.fh;
}

static void learn(struct run *run, uint32_t opcode)
{
	switch (opcode) {
	case FUSE_CREATE:
	case FUSE_TMPFILE:
		learn_handle(run, run->reply[1]);
		learn_node(run, run->reply[0]);
		break;
	case FUSE_LOOKUP:
	case FUSE_MKDIR:
	case FUSE_MKNOD:
	case FUSE_SYMLINK:
	case FUSE_LINK:
		learn_node(run, run->reply[0]);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		learn_handle(run, run->reply[0]);
		break;
	default:
		break;
	}
}

/* An argument in memory of its own, so that reading beyond it is seen. */
static struct kbox_iovec piece(struct run *run, const void *from, size_t len)
{
	char *copy;

	if (!rnd(run, 12))
		len = rnd(run, (uint32_t)len + 1);
	copy = malloc(len + !len);
	assert_non_null(copy);
	memcpy(copy, from, len);
	return (struct kbox_iovec){ copy, len };
}

static void step(struct run *run)
{
	struct question q = { .header = {
		.opcode = rnd(run, FUSE_TMPFILE + 2),
		.nodeid = a_node(run), .uid = geteuid(), .gid = getegid(),
	} };
	struct kbox_iovec in[4] = { { &q.header, sizeof(q.header) } };
	struct kbox_iovec out[2] = { { run->reply[0], ROOM },
				     { run->reply[1], ROOM } };
	struct kbox_bind_request request = { .in = in, .in_count = 1,
					     .out = out, .out_count = 2 };
	uint32_t op = q.header.opcode;

	if (op == FUSE_FORGET || op == FUSE_RELEASE || op == FUSE_RELEASEDIR ||
	    op == FUSE_INIT || op == FUSE_SYNCFS || op == FUSE_RENAME ||
	    (wants_handle(op) && !run->handle_count))
		return;
	ask_of_file(run, &q);
	if (q.in_size)
		in[request.in_count++] = piece(run, &q.in, q.in_size);
	for (unsigned int i = 0; i < q.names; i++) {
		const char *name = names[rnd(run, KBOX_ARRAY_SIZE(names))];

		in[request.in_count++] = piece(run, name, strlen(name) + 1);
	}
	kbox_bind_serve(&run->bind, &request, rnd(run, 2));
	assert_in_range(-request.error, 0, 4095);
	assert_in_range(request.out_bytes, 0, 2 * ROOM);
	if (!request.error)
		learn(run, op);
	while (--request.in_count)
		free(in[request.in_count].base);
	if (run->node_count == NODES || (run->node_count && !rnd(run, 8)))
		forget(run, rnd(run, run->node_count));
	if (run->handle_count == HANDLES)
		release(run, rnd(run, run->handle_count));
}

static unsigned int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void command(const struct run *run, const char *fmt)
{
	char text[512];

	snprintf(text, sizeof(text), "cd %s && { %s; }", run->top, fmt);
	assert_int_equal(system(text), 0);
}

static void prepare(struct run *run)
{
	strcpy(run->top, "/tmp/kbox-bind.XXXXXX");
	assert_non_null(mkdtemp(run->top));
	command(run, "mkdir outside in in/folder && echo secret >outside/secret "
		     "&& chmod 4755 outside/secret && echo x >in/file && "
		     "mkfifo in/pipe && ln -s ../outside in/up && "
		     "ln -s / in/away && find outside -printf "
		     "'%P %y %m %s %T@ %C@\\n' >before");
}

static void fuzz(struct run *run, bool read_only)
{
	const struct kbox_bind_ids ids = { .as_is = true,
					   .may_give = geteuid() == 0 };
	unsigned int before = open_descriptors();
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/in", run->top);
	fd = open(path, O_PATH | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(kbox_bind_init(&run->bind, fd, read_only, &ids), 0);
	for (unsigned int i = 0; i < STEPS; i++)
		step(run);
	while (run->handle_count)
		release(run, 0);
	while (run->node_count)
		forget(run, 0);
	assert_int_equal(run->bind.node_count, 1);
	kbox_bind_done(&run->bind);
	assert_int_equal(open_descriptors(), before);
}

static void check_writable(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= SEEDS; seed++) {
		struct run *run = test_calloc(1, sizeof(*run));

		run->random = seed * 0x9e3779b97f4a7c15ULL;
		prepare(run);
		fuzz(run, false);
		command(run, "find outside -printf '%P %y %m %s %T@ %C@\\n' | "
			     "cmp - before && [ \"$(ls | tr '\\n' ' ')\" = "
			     "'before in outside ' ] && "
			     "! find in -type f -perm /6000 | grep .");
		command(run, "chmod -R u+rwx . ; rm -rf in outside before");
		rmdir(run->top);
		test_free(run);
	}
}

static void check_read_only(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));

	(void)state;
	run->random = 77;
	prepare(run);
	command(run, "find in -printf '%P %y %m %s %T@ %C@\\n' >all");
	fuzz(run, true);
	command(run, "find in -printf '%P %y %m %s %T@ %C@\\n' | cmp - all && "
		     "rm -rf in outside before all");
	rmdir(run->top);
	test_free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_writable),
		cmocka_unit_test(check_read_only),
	};

	return cmocka_run_group_tests_name("bind-fuzz", tests, NULL, NULL);
}
