/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the user, one line each, on standard error.
 *
 * Side: host. Invariants are in log.h.
 */
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "limits.h"

/* The level and where it goes: the only mutable globals beside the kernel. */
static enum kbox_log_level shown_level = KBOX_LOG_WARN;
static int log_fd = STDERR_FILENO;

void kbox_log_set_level(enum kbox_log_level level)
{
	shown_level = level;
}

enum kbox_log_level kbox_log_level(void)
{
	return shown_level;
}

void kbox_log_set_fd(int fd)
{
	log_fd = fd;
}

static void defuse(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* Like vsnprintf(); what does not fit is left out in the middle. */
static void format(char *text, size_t room, const char *fmt, va_list args)
{
	static const char gap[] = " ... ";
	const size_t head = room / 2;
	const size_t tail = room - head - sizeof(gap);
	char *whole = NULL;
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(text, room, fmt, args);
	if (len < 0)
		*text = '\0';
	if (len >= (int)room && vasprintf(&whole, fmt, again) >= 0) {
		memcpy(text + head, gap, sizeof(gap) - 1);
		memcpy(text + head + sizeof(gap) - 1, whole + len - tail,
		       tail + 1);
		free(whole);
	}
	va_end(again);
}

void kbox_vlog(enum kbox_log_level level, const char *fmt, va_list args)
{
	static const char prefix[] = "kbox: ";
	const size_t prefix_len = sizeof(prefix) - 1;
	char line[KBOX_LOG_LINE_MAX];
	int saved = errno;
	size_t len;
	ssize_t ignored KBOX_UNUSED;

	if (level > shown_level)
		return;
	memcpy(line, prefix, prefix_len);
	/* One byte is kept for the newline. */
	format(line + prefix_len, sizeof(line) - prefix_len - 1, fmt, args);
	defuse(line + prefix_len);
	len = strlen(line);
	line[len] = '\n';
	ignored = write(log_fd, line, len + 1);
	errno = saved;
}

void kbox_log(enum kbox_log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	kbox_vlog(level, fmt, args);
	va_end(args);
}
