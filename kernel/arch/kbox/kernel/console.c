// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel log goes to the supervisor; /dev/console is the guests' terminal,
 * when they have one (drivers/tty.c). Side: kernel.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/kmsg_dump.h>
#include <asm/kbox.h>

static void console_write(struct console *con, const char *text,
			  unsigned int len)
{
	kbox_host->console_write(text, len);
}

static struct console kbox_console = {
	.name = "kbox",
	.write = console_write,
	.device = kbox_tty_console,
	.flags = CON_PRINTBUFFER | CON_ENABLED | CON_ANYTIME,
	.index = -1,
};

void kbox_console_init(void)
{
	register_console(&kbox_console);
}

unsigned long kbox_lk_log(char *buf, unsigned long size)
{
	struct kmsg_dump_iter iter;
	size_t len = 0;

	kmsg_dump_rewind(&iter);
	if (!kmsg_dump_get_buffer(&iter, true, buf, size, &len))
		return 0;
	return len;
}
