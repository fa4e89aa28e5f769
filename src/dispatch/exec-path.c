/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path string of an exec, and what shares memory with it.
 *
 * Side: host. The idea is in exec-path.h.
 */
#include "exec-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../guest/fd.h"
#include "../guest/lifeline.h"

#define PAGE_BYTES 4096
#define POINTERS_AT_ONCE 64

/* MAX_ARG_STRLEN of the host: no argument is longer. */
#define STRING_MAX (128U << 10)

/* Absolute paths of the loader's folder; the short one needs a descriptor. */
#define FOLDER "/proc/self/cwd"
#define SHORT_FOLDER "/dev/fd/9"
#define SHORT_FOLDER_FD 9

/* Whether @folder, a slash and the loader's name fit @len bytes. */
static bool fits(const char *folder, size_t len)
{
	return len >= strlen(folder) + 2;
}

/* A path of the loader with @len bytes, not terminated. */
static void make_path(char *path, size_t len, bool absolute)
{
	const char *folder = ".";

	if (absolute)
		folder = fits(FOLDER, len) ? FOLDER : SHORT_FOLDER;
	memset(path, '/', len);
	memcpy(path, folder, len < 2 ? 0 : strlen(folder));
	path[len - 1] = KBOX_LOADER_NAME[0];
	if (len == 2)
		memcpy(path, KBOX_LOADER_NAME_2, len);
}

/* The path that is in guest memory now: its length, or -errno. */
static ssize_t read_path(struct kbox_exec *exec, char path[PATH_MAX])
{
	ssize_t len = pread(exec->mem_fd, path, PATH_MAX, (off_t)exec->path);
	char *end;

	if (len <= 0)
		return -EFAULT;
	end = memchr(path, '\0', (size_t)len);
	if (!end)
		return -EFAULT;
	return end == path ? -ENOENT : end - path;
}

/*
 * Where the string that the path is the end of begins: behind the last NUL
 * before it, or at the edge of what can be read.
 */
static kbox_guest_addr string_begin(struct kbox_exec *exec)
{
	kbox_guest_addr begin = exec->path;
	char page[PAGE_BYTES];

	while (begin && exec->path - begin < STRING_MAX) {
		kbox_guest_addr start = (begin - 1) & ~(PAGE_BYTES - 1ULL);
		size_t len = begin - start;
		char *nul;

		if (kbox_guest_mem_read(exec->mem_fd, page, start, len) < 0)
			break;
		nul = memrchr(page, '\0', len);
		if (nul)
			return start + (size_t)(nul - page) + 1;
		begin = start;
	}
	return begin;
}

static void note_overlap(struct kbox_exec *exec, bool env, unsigned int index,
			 kbox_guest_addr addr)
{
	if (exec->overlap_count == KBOX_EXEC_OVERLAPS_MAX)
		return;
	exec->overlaps[exec->overlap_count++] = (struct kbox_exec_overlap){
		.env = env,
		.index = index,
		.addr = addr,
	};
}

/* Look through the pointers of argv or envp for strings in [@begin, end). */
static void find_overlaps(struct kbox_exec *exec, kbox_guest_addr array,
			  bool env, kbox_guest_addr begin)
{
	kbox_guest_addr end = exec->path + exec->path_len;
	uint64_t pointers[POINTERS_AT_ONCE];
	unsigned int index = 0;

	while (array && index < KBOX_EXEC_POINTERS_MAX) {
		kbox_guest_addr at = array + 8ULL * index;
		ssize_t len;

		if (at > INT64_MAX)
			return;
		/* Short of the array's end there may be nothing mapped. */
		len = pread(exec->mem_fd, pointers, sizeof(pointers),
			    (off_t)at);
		if (len < 8)
			return;
		for (ssize_t i = 0; i < len / 8; i++, index++) {
			if (!pointers[i])
				return;
			if (pointers[i] >= begin && pointers[i] < end)
				note_overlap(exec, env, index, pointers[i]);
		}
	}
}

/* An absolute path can do without the descriptor that could not be put. */
static int prepare_absolute(struct kbox_box *box, struct kbox_thread *thread,
			    const char *path)
{
	size_t len = thread->process->exec.path_len;
	int err;

	if (path[0] != '/' || !fits(SHORT_FOLDER, len))
		return -EBADF;
	if (fits(FOLDER, len))
		return 0;
	err = kbox_lifeline_avoid(box, thread, SHORT_FOLDER_FD);
	if (err < 0)
		return err;
	return kbox_guest_put_fd(box, thread, box->loader_dir_fd,
				 SHORT_FOLDER_FD, O_CLOEXEC);
}

int kbox_exec_path_replace(struct kbox_box *box, struct kbox_thread *thread,
			   bool absolute)
{
	struct kbox_exec *exec = &thread->process->exec;
	unsigned int argv = thread->call.nr == SYS_execveat ? 2 : 1;
	char path[PATH_MAX];
	kbox_guest_addr begin;
	ssize_t len = read_path(exec, path);
	int err;

	if (len < 0)
		return (int)len;
	exec->saved = malloc((size_t)len);
	if (!exec->saved)
		return -ENOMEM;
	memcpy(exec->saved, path, (size_t)len);
	exec->path_len = (size_t)len;
	exec->absolute = absolute;
	err = absolute ? prepare_absolute(box, thread, path) : 0;
	if (err < 0)
		return err;
	begin = string_begin(exec);
	find_overlaps(exec, thread->call.args[argv], false, begin);
	find_overlaps(exec, thread->call.args[argv + 1], true, begin);
	make_path(path, exec->path_len, exec->absolute);
	exec->written = true;
	return kbox_guest_mem_write(exec->mem_fd, exec->path, path,
				    exec->path_len);
}

void kbox_exec_path_restore(struct kbox_exec *exec)
{
	char now[PATH_MAX], ours[PATH_MAX];

	if (!exec->written)
		return;
	exec->written = false;
	make_path(ours, exec->path_len, exec->absolute);
	if (kbox_guest_mem_read(exec->mem_fd, now, exec->path,
				exec->path_len) < 0 ||
	    memcmp(now, ours, exec->path_len))
		return;
	kbox_guest_mem_write(exec->mem_fd, exec->path, exec->saved,
			     exec->path_len);
}

/* The address of string number @index of those in [@at, @end); 0: none. */
static kbox_guest_addr find_string(int tid, kbox_guest_addr at,
				   kbox_guest_addr end, unsigned int index)
{
	char page[PAGE_BYTES];

	while (index && at < end) {
		size_t len = end - at < sizeof(page) ? end - at : sizeof(page);
		size_t used = 0;

		if (kbox_guest_read(tid, page, at, len) < 0)
			return 0;
		while (index && used < len)
			index -= page[used++] == '\0';
		at += used;
	}
	return at < end ? at : 0;
}

static void repair(struct kbox_thread *thread,
		   const struct kbox_exec_overlap *overlap,
		   kbox_guest_addr string)
{
	const struct kbox_exec *exec = &thread->process->exec;
	size_t skip_path = 0, skip_string = 0;

	if (overlap->addr > exec->path)
		skip_path = overlap->addr - exec->path;
	else
		skip_string = exec->path - overlap->addr;
	kbox_guest_write(thread->tid, string + skip_string,
			 exec->saved + skip_path, exec->path_len - skip_path);
}

void kbox_exec_path_repair(struct kbox_thread *thread,
			   const struct kbox_exec_layout *layout)
{
	const struct kbox_exec *exec = &thread->process->exec;
	int tid = thread->tid;

	for (unsigned int i = 0; exec->saved && i < exec->overlap_count; i++) {
		const struct kbox_exec_overlap *overlap = &exec->overlaps[i];
		kbox_guest_addr at = layout->env_start, end = layout->env_end;
		unsigned int index = overlap->index;

		if (!overlap->env) {
			at = layout->arg_start;
			end = layout->arg_end;
			/* The prefix has taken the place of argv[0]. */
			if (exec->prefix_count) {
				if (!index--)
					continue;
				at += exec->prefix_bytes;
			}
		}
		at = find_string(tid, at, end, index);
		if (at)
			repair(thread, overlap, at);
	}
}
