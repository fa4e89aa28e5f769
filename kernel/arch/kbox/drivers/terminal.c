// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user's terminal under the names that programs know: /dev/console, and
 * /dev/tty for processes that it is the controlling terminal of.
 *
 * Side: kernel. hostfd.c brings the host descriptors that are terminals.
 *
 * Theory of operation: a standard file that is a terminal is an opened
 * /dev/console, so that ttyname(3) finds a name that leads to the same device,
 * and opening that name gives the terminal again. Both numbers belong to the
 * stock kernel's tty driver: devices of ours are put in front of it, and send
 * on to it whatever is no business of theirs, such as /dev/tty of a process
 * whose controlling terminal is a pseudo terminal of this kernel.
 *
 * Invariant: a terminal's inode is held for good, since its descriptor can be
 * asked for at any time.
 *
 * Without devtmpfs on /dev there is no such name, and none is made up.
 * Sources: drivers/tty/tty_io.c, console(4), tty(4).
 */
#include <linux/cdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/major.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/termios.h>
#include <linux/tty.h>

#include "../../../drivers/tty/tty.h"
#include "kbox-drivers.h"

#define CONTROLLING_TTY	MKDEV(TTYAUX_MAJOR, 0)
#define CONSOLE		MKDEV(TTYAUX_MAJOR, 1)

struct terminal {
	struct list_head link;
	struct inode *inode;	/* hostfd.c's */
	int host_fd;
};

static LIST_HEAD(terminals);
static struct file_operations stock_fops;

static int stock_open(struct inode *inode, struct file *file)
{
	replace_fops(file, &stock_fops);
	return stock_fops.open(inode, file);
}

static int terminal_open(struct inode *inode, struct file *file)
{
	bool own = inode->i_rdev == CONTROLLING_TTY;
	struct terminal *terminal;

	if (own && current->signal->tty)
		return stock_open(inode, file);
	list_for_each_entry(terminal, &terminals, link) {
		if (own && !kbox_host->fd_controls(terminal->host_fd,
						   current->tgid))
			continue;
		if (kbox_hostfd_attach(terminal->inode, file))
			continue;
		replace_fops(file, &kbox_hostfd_fops);
		return 0;
	}
	return stock_open(inode, file);
}

static const struct file_operations terminal_fops = {
	.open		= terminal_open,
	.llseek		= noop_llseek,
};

static bool is_ours(const struct file *file)
{
	return file->f_op == &kbox_hostfd_fops &&
	       file_inode(file)->i_rdev == CONSOLE &&
	       !strcmp(file_inode(file)->i_sb->s_type->name, "devtmpfs");
}

/*
 * An opened /dev/console in front of @host_fd, whose inode is @inode; @flags
 * are open(2)'s. NULL when that is no terminal, or there is no such device.
 */
struct file *kbox_terminal_open(struct inode *inode, int host_fd,
				unsigned int flags)
{
	struct terminal *terminal;
	struct termios termios;
	struct file *file;

	if (kbox_host->fd_ioctl(host_fd, TCGETS, &termios))
		return NULL;
	terminal = kmalloc(sizeof(*terminal), GFP_KERNEL);
	if (!terminal)
		return NULL;
	terminal->inode = inode;
	terminal->host_fd = host_fd;
	ihold(inode);
	list_add_tail(&terminal->link, &terminals);

	file = filp_open("/dev/console", flags | O_NOCTTY, 0);
	if (IS_ERR(file))
		return NULL;
	if (!is_ours(file) || kbox_hostfd_attach(inode, file)) {
		fput(file);
		return NULL;
	}
	return file;
}

static struct cdev tty_cdev, console_cdev;

/* After the stock driver: of two with the same number, the later is found. */
static int __init terminal_init(void)
{
	tty_default_fops(&stock_fops);
	cdev_init(&tty_cdev, &terminal_fops);
	cdev_init(&console_cdev, &terminal_fops);
	if (cdev_add(&tty_cdev, CONTROLLING_TTY, 1) ||
	    cdev_add(&console_cdev, CONSOLE, 1))
		panic("cannot register the terminal");
	return 0;
}
device_initcall(terminal_init);
