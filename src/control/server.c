/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sandbox's end: a socket in the supervisor's loop.
 *
 * Side: host. Invariants are in server.h.
 */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/list.h"
#include "../base/log.h"
#include "../base/macros.h"
#include "message.h"

struct kbox_control_client {
	struct kbox_watch watch;	/* watch.fd: owned; -1: it has gone */
	struct kbox_control_server *server;
	struct kbox_control_program program;
	int pid;			/* of the program that runs, or 0 */
	struct kbox_list link;		/* in server->clients, while it is there */
};

/* Its program, if one runs, keeps the entry until it has ended. */
static void drop(struct kbox_control_client *client)
{
	struct kbox_control_server *server = client->server;

	if (client->watch.fd >= 0) {
		kbox_loop_del(server->loop, &client->watch);
		client->watch.fd = kbox_close(client->watch.fd);
		kbox_list_del(&client->link);
		server->client_count--;
		if (client->pid)
			server->ops->signal(server->ops->arg, client->pid,
					    SIGHUP);
	}
	if (!client->pid)
		free(client);
}

static void say(struct kbox_control_client *client, enum kbox_control_kind kind,
		int number)
{
	if (client->watch.fd >= 0 &&
	    kbox_control_say(client->watch.fd, kind, number))
		drop(client);
}

static void ended(struct kbox_control_program *program, int wait_status)
{
	struct kbox_control_client *client = KBOX_CONTAINER_OF(
		program, struct kbox_control_client, program);

	client->pid = 0;
	if (client->watch.fd >= 0)
		say(client, KBOX_CONTROL_ENDED, wait_status);
	else
		free(client);
}

static void give_info(struct kbox_control_client *client)
{
	struct kbox_control_server *server = client->server;
	struct kbox_control_info info = {
		.head.kind = KBOX_CONTROL_INFO,
	};

	memcpy(info.name, server->name, sizeof(info.name));
	server->ops->info(server->ops->arg, &info);
	if (kbox_control_send(client->watch.fd, &info.head, sizeof(info), NULL,
			      0))
		drop(client);
}

static void give_failure(struct kbox_control_client *client, int status,
			 const char *why)
{
	struct kbox_control_failure failure = {
		.head = { .kind = KBOX_CONTROL_FAILED, .number = status },
	};

	snprintf(failure.why, sizeof(failure.why), "%s", why);
	if (kbox_control_send(client->watch.fd, &failure.head, sizeof(failure),
			      NULL, 0))
		drop(client);
}

/* The next text of @exec, or NULL when there is none. */
static char *next_text(struct kbox_control_exec *exec, size_t *offset)
{
	size_t room = exec->head.size - sizeof(*exec);
	char *text = exec->texts + *offset;
	size_t len = *offset < room ? strnlen(text, room - *offset) : 0;

	if (*offset >= room || len == room - *offset)
		return NULL;
	*offset += len + 1;
	return text;
}

/* @count texts as a new array that ends with NULL; NULL: they are not there. */
static char **next_texts(struct kbox_control_exec *exec, size_t *offset,
			 unsigned int count)
{
	char **texts;

	if (count > exec->head.size)
		return NULL;
	texts = calloc((size_t)count + 1, sizeof(*texts));
	for (unsigned int i = 0; texts && i < count; i++) {
		texts[i] = next_text(exec, offset);
		if (!texts[i]) {
			free(texts);
			return NULL;
		}
	}
	return texts;
}

static void start(struct kbox_control_client *client,
		  struct kbox_control_exec *exec, const int *files)
{
	const struct kbox_control_ops *ops = client->server->ops;
	struct kbox_control_command command = {
		.env_count = exec->env_count,
		.argc = exec->arg_count,
		.files = files,
	};
	char why[KBOX_CONTROL_WHY_MAX] = "";
	size_t offset = 0;
	int pid = 0, status = 0;

	if (exec->has_work_dir)
		command.work_dir = next_text(exec, &offset);
	command.env = next_texts(exec, &offset, exec->env_count);
	if (command.env)
		command.argv = next_texts(exec, &offset, exec->arg_count);
	if (command.argv && (command.work_dir || !exec->has_work_dir)) {
		pid = ops->exec(ops->arg, &command, &client->program, &status,
				why);
		if (pid) {
			client->pid = pid;
			say(client, KBOX_CONTROL_STARTED, pid);
		} else {
			give_failure(client, status, why);
		}
	} else {
		drop(client);
	}
	free(command.argv);
	free(command.env);
}

static bool is_exec(const struct kbox_control_client *client,
		    const struct kbox_control_head *head, const int *files)
{
	const struct kbox_control_exec *exec = (const void *)head;

	return !client->pid && head->size >= sizeof(*exec) &&
	       exec->arg_count && files[KBOX_CONTROL_FILES - 1] >= 0;
}

static void answer(struct kbox_control_client *client,
		   struct kbox_control_head *head, const int *files)
{
	const struct kbox_control_ops *ops = client->server->ops;

	switch (head->kind) {
	case KBOX_CONTROL_INFO:
		give_info(client);
		break;
	case KBOX_CONTROL_KILL:
		say(client, KBOX_CONTROL_DONE,
		    ops->kill(ops->arg, head->number));
		break;
	case KBOX_CONTROL_SIGNAL:
		/* One that comes too late has nobody to go to. */
		if (client->pid)
			ops->signal(ops->arg, client->pid, head->number);
		break;
	case KBOX_CONTROL_EXEC:
		if (is_exec(client, head, files)) {
			start(client, (void *)head, files);
			break;
		}
		/* fall through */
	default:
		drop(client);
	}
}

static void client_ready(struct kbox_watch *watch,
			 unsigned int events KBOX_UNUSED)
{
	struct kbox_control_client *client =
		KBOX_CONTAINER_OF(watch, struct kbox_control_client, watch);
	int files[KBOX_CONTROL_FILES];
	char *buf = malloc(KBOX_CONTROL_MESSAGE_MAX);
	long len = -ENOMEM;

	if (buf)
		len = kbox_control_receive(watch->fd, buf,
					   KBOX_CONTROL_MESSAGE_MAX, files);
	if (len > 0) {
		kbox_list_del(&client->link);
		kbox_list_add_tail(&client->server->clients, &client->link);
		answer(client, (void *)buf, files);
	} else if (len != -EAGAIN) {
		drop(client);
	}
	for (unsigned int i = 0; buf && i < KBOX_CONTROL_FILES; i++)
		kbox_close(files[i]);
	free(buf);
}

/* The one that has been silent for longest, and has no program, goes. */
static bool make_room(struct kbox_control_server *server)
{
	struct kbox_control_client *client;

	if (server->client_count < KBOX_CONTROL_CLIENTS_MAX)
		return true;
	KBOX_LIST_FOR_EACH(client, &server->clients, link) {
		if (client->pid)
			continue;
		drop(client);
		return true;
	}
	return false;
}

static void client_comes(struct kbox_watch *watch,
			 unsigned int events KBOX_UNUSED)
{
	struct kbox_control_server *server =
		KBOX_CONTAINER_OF(watch, struct kbox_control_server, watch);
	KBOX_CLEANUP_CLOSE int fd = accept4(watch->fd, NULL, NULL,
					    SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct kbox_control_client *client;

	if (fd < 0 || !kbox_control_is_own(fd) || !make_room(server))
		return;
	client = calloc(1, sizeof(*client));
	if (!client)
		return;
	client->server = server;
	client->program.ended = ended;
	client->watch = (struct kbox_watch){
		.fd = fd,
		.events = EPOLLIN,
		.priority = KBOX_PRIO_FD,
		.ready = client_ready,
	};
	if (kbox_loop_add(server->loop, &client->watch)) {
		free(client);
		return;
	}
	KBOX_TAKE_FD(fd);
	kbox_list_add_tail(&server->clients, &client->link);
	server->client_count++;
}

/* The image's name without folders and ending, and the number of our front. */
static void make_name(char name[KBOX_CONTROL_NAME_MAX + 1], const char *image)
{
	const char *base = strrchr(image, '/');
	int len;

	base = base ? base + 1 : image;
	len = (int)strcspn(base, ".");
	snprintf(name, KBOX_CONTROL_NAME_MAX + 1, "%.*s-%d",
		 len > 40 ? 40 : len, base, (int)getppid());
	for (char *c = name; *c; c++) {
		char one[2] = { *c, '\0' };

		if (!kbox_control_name_is_good(one) && *c != '-')
			*c = '_';
	}
	if (*name == '-')
		*name = '_';
}

int kbox_control_open(struct kbox_control_server *server, const char *name,
		      const char *image)
{
	int err;

	memset(server, 0, sizeof(*server));
	kbox_list_init(&server->clients);
	server->watch.fd = -1;
	if (name)
		snprintf(server->name, sizeof(server->name), "%s", name);
	else
		make_name(server->name, image);
	err = kbox_control_folder_open(&server->folder, true);
	if (!err) {
		server->watch.fd = kbox_control_listen(&server->folder,
						       server->name);
		err = server->watch.fd < 0 ? server->watch.fd : 0;
	}
	if (err)
		kbox_control_folder_close(&server->folder);
	return err;
}

int kbox_control_attach(struct kbox_control_server *server,
			struct kbox_loop *loop,
			const struct kbox_control_ops *ops)
{
	int err;

	if (server->watch.fd < 0)
		return 0;
	server->ops = ops;
	server->watch.events = EPOLLIN;
	server->watch.priority = KBOX_PRIO_FD;
	server->watch.ready = client_comes;
	err = kbox_loop_add(loop, &server->watch);
	if (!err)
		server->loop = loop;
	return err;
}

void kbox_control_close(struct kbox_control_server *server)
{
	if (server->watch.fd < 0)
		return;
	while (!kbox_list_empty(&server->clients))
		drop(KBOX_LIST_FIRST(&server->clients,
				     struct kbox_control_client, link));
	if (server->loop)
		kbox_loop_del(server->loop, &server->watch);
	kbox_control_unlisten(&server->folder, server->name);
	server->watch.fd = kbox_close(server->watch.fd);
	kbox_control_folder_close(&server->folder);
}
