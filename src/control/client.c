/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's end: asking sandboxes that run.
 *
 * Side: host.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "folder.h"
#include "message.h"

static int open_folder(struct kbox_control_folder *folder)
{
	int err = kbox_control_folder_open(folder, false);

	if (err == -EPERM)
		kbox_error("%s: not a folder of your own that is closed to "
			   "others", folder->path);
	else if (err && err != -ENOENT)
		kbox_error("%s: %s", folder->path, strerror(-err));
	return err;
}

int kbox_client_connect(const char *name)
{
	struct kbox_control_folder folder;
	int fd, err = -ENOENT;

	if (kbox_control_name_is_good(name))
		err = open_folder(&folder);
	if (err == -ENOENT)
		kbox_error("%s: no such sandbox; kbox ps lists them", name);
	if (err)
		return err;
	fd = kbox_control_connect(&folder, name);
	kbox_control_folder_close(&folder);
	if (fd == -ENOENT)
		kbox_error("%s: no such sandbox; kbox ps lists them", name);
	else if (fd < 0)
		kbox_error("%s: %s", name, strerror(-fd));
	return fd;
}

struct visit {
	const struct kbox_control_folder *folder;
	void (*found)(const char *name, int fd, void *arg);
	void *arg;
};

static void visit_one(const char *name, void *arg)
{
	const struct visit *visit = arg;
	KBOX_CLEANUP_CLOSE int fd = kbox_control_connect(visit->folder, name);

	/* One that cannot be reached is just ending. */
	if (fd >= 0)
		visit->found(name, fd, visit->arg);
}

int kbox_client_each(void (*found)(const char *name, int fd, void *arg),
		     void *arg)
{
	struct kbox_control_folder folder;
	struct visit visit = { &folder, found, arg };
	int err = open_folder(&folder);

	if (err)
		return err == -ENOENT ? 0 : err;
	err = kbox_control_each(&folder, visit_one, &visit);
	if (err)
		kbox_error("%s: %s", folder.path, strerror(-err));
	kbox_control_folder_close(&folder);
	return err;
}

long kbox_client_receive(int fd, void *buf, size_t room)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int files[KBOX_CONTROL_FILES];
	int ready = poll(&pfd, 1, KBOX_CONTROL_WAIT_MS);
	long len;

	if (ready <= 0)
		return ready < 0 ? -errno : -ETIMEDOUT;
	len = kbox_control_receive(fd, buf, room, files);
	/* No answer has any. */
	for (unsigned int i = 0; i < KBOX_CONTROL_FILES; i++)
		kbox_close(files[i]);
	return len;
}

int kbox_client_info(int fd, struct kbox_control_info *ret_info)
{
	int err = kbox_control_say(fd, KBOX_CONTROL_INFO, 0);
	long len;

	if (err)
		return err;
	len = kbox_client_receive(fd, ret_info, sizeof(*ret_info));
	if (len < 0)
		return (int)len;
	if (len != sizeof(*ret_info) ||
	    ret_info->head.kind != KBOX_CONTROL_INFO)
		return len ? -EPROTO : -ECONNRESET;
	ret_info->name[KBOX_CONTROL_NAME_MAX] = '\0';
	ret_info->image[KBOX_CONTROL_IMAGE_MAX - 1] = '\0';
	return 0;
}

int kbox_client_kill(int fd, int sig)
{
	struct kbox_control_head head;
	int err = kbox_control_say(fd, KBOX_CONTROL_KILL, sig);
	long len;

	if (err)
		return err;
	len = kbox_client_receive(fd, &head, sizeof(head));
	if (len < 0)
		return (int)len;
	/* It ends, and could not say so any more. */
	if (!len)
		return 0;
	return head.kind == KBOX_CONTROL_DONE ? head.number : -EPROTO;
}
