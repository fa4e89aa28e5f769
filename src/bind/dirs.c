/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's folders, listed.
 *
 * Side: host, in several threads.
 *
 * Positions are the host's own, so a listing is as stable as one of the host's:
 * nothing is shown twice or left out that stays while it goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "call.h"

#define LIST_BYTES 4096	/* of the host's entries at once, on the stack */

int kbox_bind_opendir(struct kbox_bind_call *call)
{
	return kbox_bind_reply_open(call, O_RDONLY | O_DIRECTORY);
}

/* Where the reply goes: one piece of memory, or pages that follow each other. */
struct sink {
	const struct kbox_bind_request *request;
	size_t used, room;
};

static void put(struct sink *sink, const void *bytes, size_t len)
{
	size_t skip = sink->used;

	sink->used += len;
	for (unsigned int i = 0; len && i < sink->request->out_count; i++) {
		const struct kbox_iovec *piece = &sink->request->out[i];
		size_t now;

		if (skip >= piece->len) {
			skip -= piece->len;
			continue;
		}
		now = piece->len - skip < len ? piece->len - skip : len;
		memcpy((char *)piece->base + skip, bytes, now);
		bytes = (const char *)bytes + now;
		len -= now;
		skip = 0;
	}
}

/* Whether it had room. */
static bool put_entry(const struct kbox_bind_call *call, struct sink *sink,
		      const struct kbox_bind_handle *handle,
		      const struct dirent64 *entry)
{
	static const char zeroes[sizeof(uint64_t)];
	const struct fuse_dirent out = {
		.ino = kbox_bind_ino(call->bind, handle->dev, entry->d_ino),
		.off = (uint64_t)entry->d_off,
		.namelen = (uint32_t)strlen(entry->d_name),
		.type = entry->d_type,
	};
	size_t len = FUSE_NAME_OFFSET + out.namelen;
	size_t whole = FUSE_DIRENT_ALIGN(len);

	if (sink->used + whole > sink->room)
		return false;
	put(sink, &out, FUSE_NAME_OFFSET);
	put(sink, entry->d_name, out.namelen);
	put(sink, zeroes, whole - len);
	return true;
}

/* Entries from where the folder stands; how many bytes there were, or -errno. */
static ssize_t list_some(const struct kbox_bind_call *call, struct sink *sink,
			 const struct kbox_bind_handle *handle,
			 bool *ret_full)
{
	char bytes[LIST_BYTES] __attribute__((aligned(8)));
	ssize_t len = getdents64(handle->fd, bytes, sizeof(bytes));

	for (ssize_t at = 0; at < len && !*ret_full;) {
		const struct dirent64 *entry =
			(const struct dirent64 *)(bytes + at);

		*ret_full = !put_entry(call, sink, handle, entry);
		at += entry->d_reclen;
	}
	return len < 0 ? -errno : len;
}

int kbox_bind_readdir(struct kbox_bind_call *call)
{
	const struct fuse_read_in *in = kbox_bind_arg(call, 0, sizeof(*in));
	struct sink sink = { .request = call->request };
	const struct kbox_bind_handle *handle;
	bool full = false;
	ssize_t len = 1;

	if (!in)
		return -EINVAL;
	handle = (const struct kbox_bind_handle *)(uintptr_t)in->fh;
	for (unsigned int i = 0; i < call->request->out_count; i++)
		sink.room += call->request->out[i].len;
	if (lseek(handle->fd, (off_t)in->offset, SEEK_SET) < 0)
		return -errno;
	while (len > 0 && !full)
		len = list_some(call, &sink, handle, &full);
	if (len < 0 && !sink.used)
		return (int)len;
	call->request->out_bytes = (unsigned int)sink.used;
	return 0;
}
