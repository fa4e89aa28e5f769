/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The description of a container image that is kept in an image.
 *
 * Side: host. Guests may have written it: it is read within limits, and checked.
 */
#include "kept-config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "config.h"

#define CONFIG "/" KBOX_CONFIG_PATH

/*
 * Up to the room there is; the number of bytes or -errno. Other kinds of file
 * could block.
 */
static long read_all(struct kbox_caller *caller, long fd, char *text,
		     size_t room)
{
	struct stat st;
	size_t len = 0;
	long err = kbox_call2(caller, SYS_fstat, fd, &st);

	if (err < 0 || !S_ISREG(st.st_mode))
		return err < 0 ? err : -EINVAL;

	while (len < room) {
		long n = kbox_call3(caller, SYS_read, fd, text + len,
				    room - len);

		if (n < 0)
			return n;
		if (!n)
			break;
		len += (size_t)n;
	}
	return (long)len;
}

/* The text, owned by the caller, or NULL without one. 0 or -errno. */
static int read_text(struct kbox_caller *caller, char **ret_text)
{
	/* O_NONBLOCK: a named pipe must not hold us up. */
	long fd = kbox_call3(caller, SYS_open, KBOX_CONFIG_PATH,
			     O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	char *text;
	long len;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return (int)fd;
	text = calloc(1, KBOX_GUEST_FILE_MAX + 1);
	len = text ? read_all(caller, fd, text, KBOX_GUEST_FILE_MAX + 1) :
		     -ENOMEM;
	kbox_call1(caller, SYS_close, fd);
	if (len == KBOX_GUEST_FILE_MAX + 1)
		len = -EFBIG;
	if (len < 0) {
		free(text);
		return (int)len;
	}
	*ret_text = text;
	return 0;
}

int kbox_kept_config_read(struct kbox_caller *caller, json_t **ret_config)
{
	KBOX_CLEANUP_FREE char *text = NULL;
	struct kbox_config config = { 0 };
	int err = read_text(caller, &text);

	if (!err && text)
		err = kbox_config_parse(&config, text);
	if (err) {
		kbox_error(CONFIG ": %s", err != -EINVAL ? strerror(-err) :
			   "not the description of a container image; "
			   "kbox run --no-config can mend or remove it");
		return err;
	}
	*ret_config = json_incref(config.json);
	kbox_config_done(&config);
	return 0;
}
