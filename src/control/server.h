/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sandbox's end: a socket in the supervisor's loop.
 *
 * Side: host, on the supervisor's thread. What a request needs that the loop's
 * owner alone can do is a function of struct kbox_control_ops.
 *
 * Invariants
 *  1. Nothing waits for a client: a message is read whole or not at all, and
 *     one that does not read its answers loses its connection.
 *  2. While nobody is connected there is one more descriptor in the loop, and
 *     nothing on the way of a call.
 *  3. A program outlives neither the sandbox nor, but for what it does about a
 *     SIGHUP, the client that has started it.
 */
#ifndef KBOX_CONTROL_SERVER_H
#define KBOX_CONTROL_SERVER_H

#include "../base/list.h"
#include "../lkernel/loop.h"
#include "folder.h"
#include "protocol.h"

/* A program that a client has started. */
struct kbox_control_program {
	/* Called once by whoever runs it, when it has ended. */
	void (*ended)(struct kbox_control_program *program, int wait_status);
};

/* What a client asks to be run; valid during the call. */
struct kbox_control_command {
	const char *work_dir;	/* NULL: / */
	char **env;
	unsigned int env_count;
	char **argv;		/* ends with NULL */
	unsigned int argc;
	const int *files;	/* three */
};

struct kbox_control_ops {
	void *arg;
	/* All but the head and the name. */
	void (*info)(void *arg, struct kbox_control_info *ret_info);
	/* 0 or -errno. */
	int (*kill)(void *arg, int sig);
	/*
	 * Start @command: the number of its process; or 0 and what went wrong
	 * in @ret_why and *@ret_status, an exit status of kbox.
	 */
	int (*exec)(void *arg, const struct kbox_control_command *command,
		    struct kbox_control_program *program, int *ret_status,
		    char ret_why[KBOX_CONTROL_WHY_MAX]);
	/* To the process group of a program that was started and not ended. */
	void (*signal)(void *arg, int pid, int sig);
};

struct kbox_control_client;

struct kbox_control_server {
	struct kbox_control_folder folder;
	char name[KBOX_CONTROL_NAME_MAX + 1];
	struct kbox_loop *loop;		/* NULL: not attached */
	const struct kbox_control_ops *ops;
	struct kbox_watch watch;	/* watch.fd is the socket, or -1 */
	struct kbox_list clients;	/* the one that spoke last is the last */
	unsigned int client_count;
};

/*
 * Take the name @name, or with NULL one made from @image and our number. 0;
 * -EADDRINUSE, or another -errno after which there is no server, and the two
 * functions below do nothing.
 */
int kbox_control_open(struct kbox_control_server *server, const char *name,
		      const char *image);

/* Serve clients from @loop; all three must outlive kbox_control_close(). */
int kbox_control_attach(struct kbox_control_server *server,
			struct kbox_loop *loop,
			const struct kbox_control_ops *ops);

/* Drop all clients and give up the name. */
void kbox_control_close(struct kbox_control_server *server);

#endif
