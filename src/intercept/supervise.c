/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of the guests: from the first one's first call to its end.
 *
 * Side: host.
 *
 * One round of the loop: wait for fds or the nearest time limit; ends of
 * processes; host fds of kernel files; notifications, each followed by what it
 * makes possible in the library kernel; then what has become due by time.
 */
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "../base/cleanup.h"
#include "../base/log.h"
#include "../dispatch/exec.h"
#include "../guest/affinity.h"
#include "../guest/hold.h"
#include "../guest/process.h"
#include "../guest/signals.h"
#include "../guest/table.h"
#include "../lkernel/host.h"
#include "ends.h"
#include "listener.h"
#include "opened.h"
#include "serve.h"

/* A listener in the loop. */
struct kbox_watched {
	struct kbox_watch watch;
	struct kbox_box *box;
	struct kbox_listener *listener;
	struct kbox_list link;		/* in box->watched */
};

static void unwatch(struct kbox_watched *watched)
{
	kbox_loop_del(watched->box->loop, &watched->watch);
	kbox_list_del(&watched->link);
	kbox_listener_put(watched->listener);
	free(watched);
}

static void listener_ready(struct kbox_watch *watch, unsigned int events)
{
	struct kbox_watched *watched =
		KBOX_CONTAINER_OF(watch, struct kbox_watched, watch);
	struct kbox_box *box = watched->box;
	struct kbox_notification note;
	int got;

	/* Nobody is left under the filter. */
	if (!(events & EPOLLIN)) {
		unwatch(watched);
		return;
	}
	kbox_box_update_clock(box);
	/* Tasks of processes whose end was just seen close their files now. */
	kbox_serve_followups(box);
	/*
	 * One, the oldest: a later one may come from a thread that has seen an
	 * end which this round does not know of yet.
	 */
	got = kbox_listener_receive(watched->listener, &note);
	if (got < 0)
		box->broken = true;
	if (got > 0)
		kbox_serve(box, &note);
}

/* Takes a use of @listener. */
static int watch_listener(struct kbox_box *box, struct kbox_listener *listener)
{
	struct kbox_watched *watched = calloc(1, sizeof(*watched));
	int err;

	if (!watched)
		return -ENOMEM;
	watched->box = box;
	watched->watch = (struct kbox_watch){
		.fd = listener->fd,
		.events = EPOLLIN,
		.priority = KBOX_PRIO_NOTIFY,
		.ready = listener_ready,
	};
	err = kbox_loop_add(box->loop, &watched->watch);
	if (err) {
		free(watched);
		return err;
	}
	watched->listener = kbox_listener_get(listener);
	kbox_list_add_tail(&box->watched, &watched->link);
	return 0;
}

int kbox_supervise_add(struct kbox_box *box, int pid, int listener_fd)
{
	struct kbox_process *process = kbox_process_find(box, pid);
	struct kbox_listener *listener = calloc(1, sizeof(*listener));
	int err = -ENOMEM;

	if (!listener || !process) {
		free(listener);
		kbox_close(listener_fd);
		return err;
	}
	listener->fd = listener_fd;
	process->listener = kbox_listener_get(listener);
	err = kbox_listener_attach(listener_fd);
	return err ? err : watch_listener(box, listener);
}

static void sooner(uint64_t *when_ns, uint64_t other_ns)
{
	if (other_ns < *when_ns)
		*when_ns = other_ns;
}

/* Until when the loop may sleep. */
static uint64_t next_time(const struct kbox_box *box)
{
	uint64_t when_ns = kbox_lk_next_event_ns();

	if (!kbox_list_empty(&box->blocked))
		sooner(&when_ns, box->next_check_ns);
	sooner(&when_ns, box->next_held_ns);
	sooner(&when_ns, box->affinity.tick_ns);
	if (box->exec_opening)
		sooner(&when_ns, box->exec_look_ns);
	if (box->unwatched)
		sooner(&when_ns, box->next_liveness_ns);
	if (box->stopping)
		sooner(&when_ns, box->stop_ns);
	return when_ns;
}

static void check_stop(struct kbox_box *box)
{
	struct kbox_process *first;

	if (!box->stopping || box->now_ns < box->stop_ns)
		return;
	box->stop_ns = UINT64_MAX;
	first = kbox_process_find(box, box->first_pid);
	if (first)
		kbox_process_signal(first, SIGKILL);
}

static int serve_until_end(struct kbox_box *box)
{
	while (!box->first_ended && !box->ending) {
		int err;

		kbox_serve_followups(box);
		err = kbox_loop_wait(box->loop, next_time(box));
		if (err < 0)
			return err;
		if (box->broken)
			return -EIO;
		kbox_box_update_clock(box);
		kbox_serve_followups(box);
		kbox_ends_check(box);
		kbox_hold_check(box);
		kbox_exec_check(box);
		kbox_affinity_check(box);
		kbox_signal_check(box);
		check_stop(box);
	}
	return 0;
}

int kbox_supervise(struct kbox_box *box, int listener_fd,
		   int *ret_wait_status)
{
	int err, end_err;

	kbox_box_update_clock(box);
	err = kbox_supervise_add(box, box->first_pid, listener_fd);
	if (!err) {
		kbox_ends_init(box);
		kbox_opened_init(box);
		kbox_host_disks_start(kbox_host());
		err = serve_until_end(box);
	}
	while (!kbox_list_empty(&box->watched))
		unwatch(KBOX_LIST_FIRST(&box->watched, struct kbox_watched,
					link));
	end_err = kbox_ends_kill_all(box);
	kbox_opened_done(box);
	kbox_affinity_done(box);
	if (end_err < 0)
		kbox_warn("not all guests have ended: %s", strerror(-end_err));
	kbox_punished_summary(box);
	if (!err)
		*ret_wait_status = box->first_status;
	return err;
}

void kbox_box_stop(struct kbox_box *box, int sig)
{
	struct kbox_process *first = kbox_process_find(box, box->first_pid);

	if (first)
		kbox_process_signal(first, sig);
	if (!box->stopping) {
		kbox_box_update_clock(box);
		box->stopping = true;
		box->stop_ns = box->now_ns + KBOX_STOP_GRACE_NS;
	}
	if (first)
		kbox_signal_hint(box, first, 0);
}

void kbox_box_end(struct kbox_box *box)
{
	box->ending = true;
}
