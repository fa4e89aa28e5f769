/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The desk between the server's thread and the supervisor's.
 *
 * Side: host. Invariants are in desk.h.
 */
#include "desk.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/macros.h"

int kbox_desk_init(struct kbox_desk *desk)
{
	pthread_condattr_t attr;

	memset(desk, 0, sizeof(*desk));
	desk->watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (desk->watch.fd < 0)
		return -errno;
	pthread_mutex_init(&desk->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&desk->moved, &attr);
	pthread_condattr_destroy(&attr);
	return 0;
}

void kbox_desk_done(struct kbox_desk *desk)
{
	kbox_json_done(&desk->text);
	desk->watch.fd = kbox_close(desk->watch.fd);
	pthread_cond_destroy(&desk->moved);
	pthread_mutex_destroy(&desk->lock);
}

static void asked(struct kbox_watch *watch, unsigned int events)
{
	struct kbox_desk *desk = KBOX_CONTAINER_OF(watch, struct kbox_desk,
						   watch);
	enum kbox_web_question question;
	struct kbox_json text = { 0 };
	uint64_t count;
	bool wanted;

	(void)events;
	if (read(watch->fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&desk->lock);
	wanted = desk->state == KBOX_DESK_ASKED;
	question = desk->question;
	pthread_mutex_unlock(&desk->lock);
	if (!wanted)
		return;
	desk->answer(desk->arg, question, &text);
	pthread_mutex_lock(&desk->lock);
	desk->text = text;
	desk->state = KBOX_DESK_ANSWERED;
	pthread_cond_broadcast(&desk->moved);
	pthread_mutex_unlock(&desk->lock);
}

int kbox_desk_open(struct kbox_desk *desk, struct kbox_loop *loop,
		   kbox_desk_answer *answer, void *arg)
{
	int err;

	desk->watch.events = EPOLLIN;
	desk->watch.priority = KBOX_PRIO_FD;
	desk->watch.ready = asked;
	desk->answer = answer;
	desk->arg = arg;
	err = kbox_loop_add(loop, &desk->watch);
	if (!err)
		desk->loop = loop;
	return err;
}

void kbox_desk_close(struct kbox_desk *desk)
{
	if (desk->loop)
		kbox_loop_del(desk->loop, &desk->watch);
	desk->loop = NULL;
	pthread_mutex_lock(&desk->lock);
	desk->closed = true;
	pthread_cond_broadcast(&desk->moved);
	pthread_mutex_unlock(&desk->lock);
}

/* Wait while the desk is in that state; the lock is held. 0 or -errno. */
static int wait_while(struct kbox_desk *desk, enum kbox_desk_state state,
		      const struct timespec *until)
{
	while (desk->state == state && !desk->closed)
		if (pthread_cond_timedwait(&desk->moved, &desk->lock, until))
			return -ETIMEDOUT;
	return desk->closed ? -ESHUTDOWN : 0;
}

static int put(struct kbox_desk *desk, enum kbox_web_question question,
	       const struct timespec *until)
{
	const uint64_t one = 1;
	int err = wait_while(desk, KBOX_DESK_ASKED, until);

	if (err)
		return err;
	kbox_json_done(&desk->text);
	desk->question = question;
	desk->state = KBOX_DESK_ASKED;
	return write(desk->watch.fd, &one, sizeof(one)) < 0 ? -errno : 0;
}

int kbox_desk_ask(struct kbox_desk *desk, enum kbox_web_question question,
		  struct kbox_json *ret_text)
{
	struct timespec until;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += KBOX_WEB_ANSWER_NS / 1000000000;
	pthread_mutex_lock(&desk->lock);
	err = put(desk, question, &until);
	if (!err)
		err = wait_while(desk, KBOX_DESK_ASKED, &until);
	if (!err) {
		*ret_text = desk->text;
		desk->text = (struct kbox_json){ 0 };
		desk->state = KBOX_DESK_EMPTY;
	}
	pthread_mutex_unlock(&desk->lock);
	return err;
}
