/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The desk between two threads: the server's puts a question, the
 * supervisor's answers it from its event loop.
 *
 * Side: host.
 *
 * Invariants
 *  1. There is one question at a time. One that was given up is answered all
 *     the same, and the answer thrown away before the next is put.
 *  2. The lock is held for a few instructions, never while an answer is made
 *     or read: neither thread can hold up the other by being slow.
 */
#ifndef KBOX_WEB_DESK_H
#define KBOX_WEB_DESK_H

#include <pthread.h>

#include "../lkernel/loop.h"
#include "../observe/json.h"

enum kbox_web_question {
	KBOX_WEB_CALLS,
	KBOX_WEB_PROCESSES,
	KBOX_WEB_KERNEL,
	KBOX_WEB_SHADOWS,
};

enum kbox_desk_state {
	KBOX_DESK_EMPTY,
	KBOX_DESK_ASKED,
	KBOX_DESK_ANSWERED,
};

typedef void kbox_desk_answer(void *arg, enum kbox_web_question question,
			      struct kbox_json *answer);

struct kbox_desk {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	enum kbox_desk_state state;
	enum kbox_web_question question;
	struct kbox_json text;		/* owned: the answer, when ANSWERED */
	bool closed;
	struct kbox_loop *loop;		/* not owned; NULL: not open */
	struct kbox_watch watch;	/* of an eventfd, owned */
	kbox_desk_answer *answer;
	void *arg;
};

int kbox_desk_init(struct kbox_desk *desk);
void kbox_desk_done(struct kbox_desk *desk);

/* For the supervisor: answer questions from now on. 0 or -errno. */
int kbox_desk_open(struct kbox_desk *desk, struct kbox_loop *loop,
		   kbox_desk_answer *answer, void *arg);
/* No more answers; who waits is told so. */
void kbox_desk_close(struct kbox_desk *desk);

/*
 * For the server: the answer goes to *@ret_text, which the caller frees with
 * kbox_json_done(). 0; -ETIMEDOUT after KBOX_WEB_ANSWER_NS; -ESHUTDOWN.
 */
int kbox_desk_ask(struct kbox_desk *desk, enum kbox_web_question question,
		  struct kbox_json *ret_text);

#endif
