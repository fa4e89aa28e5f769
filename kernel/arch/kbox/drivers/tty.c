// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests' terminal: a tty of this kernel whose line is the user's terminal.
 *
 * Side: kernel. Line editing, signals, window size and job control are the
 * stock tty layer's; what is here moves bytes between it and a host descriptor,
 * which the supervisor has put into raw mode.
 *
 * Theory of operation: input is read when the host says that there is some, as
 * an interrupt would, unless the line discipline is full (throttle). Output
 * gathers in a buffer, which a work item hands to the host: so what a call
 * writes in many pieces leaves in one. What the host does not take at once
 * stays until it is ready again; writers sleep meanwhile.
 *
 * Invariants
 *  1. The host's operations never block.
 *  2. The device exists only when there is a host descriptor, and for good.
 *  3. When the host's terminal is gone, this one is hung up, once; from then
 *     on the descriptor is not used.
 *
 * Sources: Documentation/driver-api/tty and drivers/tty/tty_port.c in the kernel.
 */
#include <linux/console.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <linux/workqueue.h>

#include "kbox-drivers.h"

#define INPUT_BYTES	512	/* read at once */
#define OUTPUT_BYTES	8192	/* that the host has not taken yet */

struct line {
	struct kbox_fd_waiter waiter;
	struct tty_port port;
	struct work_struct push;
	int fd;			/* the host's */
	int watched;		/* poll(2) events that the host watches */
	bool gone;		/* the host's terminal has hung up */
	unsigned int used;	/* bytes of output[] */
	u8 input[INPUT_BYTES];
	u8 output[OUTPUT_BYTES];
};

static struct line *the_line;
static struct tty_driver *the_driver;

static void line_watch(struct line *line, int events)
{
	if (line->gone || (line->watched & events) == events)
		return;
	line->watched |= events;
	kbox_host->fd_watch(line->fd, line->watched, &line->waiter);
}

/* As for any process of the host's: who has the terminal is told. */
static void line_hang_up(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);
	struct pid *group;

	line->gone = true;
	line->used = 0;
	kbox_host->fd_watch(line->fd, 0, &line->waiter);
	if (!tty)
		return;
	group = tty_get_pgrp(tty);
	kill_pgrp(group, SIGHUP, 1);
	kill_pgrp(group, SIGCONT, 1);
	put_pid(group);
	tty_hangup(tty);
	tty_kref_put(tty);
}

static bool line_is_full(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);
	bool full = !tty || tty_throttled(tty);

	tty_kref_put(tty);
	return full;
}

/* What does not fit any more waits at the host, for line_unthrottle(). */
static void line_receive(struct line *line)
{
	long n;

	if (line_is_full(line))
		return;
	n = kbox_host->fd_read(line->fd, line->input, sizeof(line->input));
	if (n > 0) {
		tty_insert_flip_string(&line->port, line->input, n);
		tty_flip_buffer_push(&line->port);
	} else if (n < 0 && n != -EAGAIN) {
		line_hang_up(line);
	}
	line_watch(line, POLLIN);
}

static void line_ready(struct kbox_fd_waiter *waiter, int events)
{
	struct line *line = container_of(waiter, struct line, waiter);

	line->watched &= ~events;
	if (events & (POLLHUP | POLLERR | POLLNVAL)) {
		line_hang_up(line);
		return;
	}
	if (events & POLLOUT)
		schedule_work(&line->push);
	if (events & POLLIN)
		line_receive(line);
	else if (line->watched)
		kbox_host->fd_watch(line->fd, line->watched, &line->waiter);
}

static void line_push(struct work_struct *work)
{
	struct line *line = container_of(work, struct line, push);
	long n = 0;

	while (line->used) {
		n = kbox_host->fd_write(line->fd, line->output, line->used);
		if (n <= 0)
			break;
		line->used -= n;
		memmove(line->output, line->output + n, line->used);
	}
	if (line->used && n == -EAGAIN)
		line_watch(line, POLLOUT);
	else if (line->used)
		line->used = 0;
	tty_port_tty_wakeup(&line->port);
}

static ssize_t line_write(struct tty_struct *tty, const u8 *buf, size_t count)
{
	struct line *line = tty->driver_data;
	size_t room = sizeof(line->output) - line->used;

	if (line->gone)
		return -EIO;
	if (tty->flow.stopped)
		return 0;
	count = min(count, room);
	memcpy(line->output + line->used, buf, count);
	line->used += count;
	if (count)
		schedule_work(&line->push);
	return count;
}

static unsigned int line_write_room(struct tty_struct *tty)
{
	struct line *line = tty->driver_data;

	return tty->flow.stopped ? 0 : sizeof(line->output) - line->used;
}

static unsigned int line_chars_in_buffer(struct tty_struct *tty)
{
	struct line *line = tty->driver_data;

	return line->used;
}

static void line_flush_buffer(struct tty_struct *tty)
{
	struct line *line = tty->driver_data;

	line->used = 0;
	tty_wakeup(tty);
}

static void line_unthrottle(struct tty_struct *tty)
{
	line_watch(tty->driver_data, POLLIN);
}

static int line_install(struct tty_driver *driver, struct tty_struct *tty)
{
	tty->driver_data = the_line;
	return tty_port_install(&the_line->port, driver, tty);
}

static int line_open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(&the_line->port, tty, file);
}

static void line_close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(&the_line->port, tty, file);
}

static void line_hangup(struct tty_struct *tty)
{
	tty_port_hangup(&the_line->port);
}

static const struct tty_operations line_ops = {
	.install	= line_install,
	.open		= line_open,
	.close		= line_close,
	.hangup		= line_hangup,
	.write		= line_write,
	.write_room	= line_write_room,
	.chars_in_buffer = line_chars_in_buffer,
	.flush_buffer	= line_flush_buffer,
	.unthrottle	= line_unthrottle,
};

static int line_activate(struct tty_port *port, struct tty_struct *tty)
{
	line_watch(container_of(port, struct line, port), POLLIN);
	return 0;
}

static const struct tty_port_operations line_port_ops = {
	.activate	= line_activate,
};

/* /dev/console leads to it. NULL: there is none. */
struct tty_driver *kbox_tty_console(struct console *console, int *ret_index)
{
	*ret_index = 0;
	return the_driver;
}

static struct tty_driver *make_driver(struct tty_port *port)
{
	struct tty_driver *driver;
	int err;

	driver = tty_alloc_driver(1, TTY_DRIVER_REAL_RAW |
				  TTY_DRIVER_UNNUMBERED_NODE);
	if (IS_ERR(driver))
		return driver;
	driver->driver_name = "kbox-terminal";
	driver->name = KBOX_TERMINAL_NAME;
	driver->major = KBOX_TERMINAL_MAJOR;
	driver->minor_start = KBOX_TERMINAL_MINOR;
	driver->type = TTY_DRIVER_TYPE_SYSTEM;
	driver->init_termios = tty_std_termios;
	tty_set_operations(driver, &line_ops);
	tty_port_link_device(port, driver, 0);
	err = tty_register_driver(driver);
	if (err) {
		tty_driver_kref_put(driver);
		return ERR_PTR(err);
	}
	return driver;
}

/* The host descriptor @host_fd becomes the line of the terminal. */
long kbox_tty_attach(int host_fd)
{
	struct tty_driver *driver;
	struct line *line;

	if (the_line)
		return -EBUSY;
	line = kzalloc(sizeof(*line), GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	line->waiter.ready = line_ready;
	line->fd = host_fd;
	INIT_WORK(&line->push, line_push);
	tty_port_init(&line->port);
	line->port.ops = &line_port_ops;
	driver = make_driver(&line->port);
	if (IS_ERR(driver)) {
		tty_port_destroy(&line->port);
		kfree(line);
		return PTR_ERR(driver);
	}
	the_line = line;
	the_driver = driver;
	return 0;
}
