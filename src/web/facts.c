/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the page asks for now and then.
 *
 * Side: host.
 */
#include "facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/macros.h"
#include "../guest/box.h"

/* Of the library kernel's /proc, as they are. */
static const char *const kernel_files[] = {
	"vmstat",  "stat",	 "diskstats",	"loadavg", "zoneinfo",
	"buddyinfo", "interrupts", "mounts",	"partitions", "filesystems",
	"net/dev", "net/sockstat", "locks",	"cmdline", "version",
};

static void json_kernel(const struct kbox_facts *facts, struct kbox_json *json)
{
	kbox_json_open(json, '{');
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(kernel_files); i++) {
		long len = kbox_proc_files_read(facts->proc, kernel_files[i]);

		if (len < 0)
			continue;
		kbox_json_name(json, kernel_files[i]);
		kbox_json_bytes(json, facts->proc->text, (size_t)len);
	}
	kbox_json_close(json, '}');
}

static void json_shadows(const struct kbox_facts *facts,
			 struct kbox_json *json)
{
	const struct kbox_shadow_cache *cache = &facts->sources->host->shadows;
	const struct kbox_list *at = cache->lru.next;

	kbox_json_open(json, '{');
	kbox_json_name_uint(json, "budget_bytes", cache->budget_bytes);
	kbox_json_name_uint(json, "entries_max", KBOX_SHADOW_CACHE_MAX);
	kbox_json_name(json, "entries");
	kbox_json_open(json, '[');
	for (; at != &cache->lru; at = at->next) {
		const struct kbox_shadow_entry *entry =
			KBOX_LIST_ENTRY(at, struct kbox_shadow_entry, lru);

		kbox_json_open(json, '{');
		kbox_json_name_uint(json, "number", entry->number);
		kbox_json_name_uint(json, "dev", entry->id.dev);
		kbox_json_name_uint(json, "ino", entry->id.ino);
		kbox_json_name_uint(json, "size", entry->id.size);
		kbox_json_name_uint(json, "bytes", entry->bytes);
		kbox_json_name_int(json, "mtime", entry->id.mtime_sec);
		kbox_json_close(json, '}');
	}
	kbox_json_close(json, ']');
	kbox_json_close(json, '}');
}

/* Its descriptors; those of its first thread, which has a table. */
static void json_files(struct kbox_json *json, const struct kbox_task *task)
{
	char path[512];

	kbox_json_name(json, "files");
	kbox_json_open(json, '[');
	for (int fd = 0; fd < KBOX_WEB_FDS_MAX; fd++) {
		long len = kbox_lk_fd_path(task, fd, path, sizeof(path));

		if (len == -EBADF)
			continue;
		if (len == -ESRCH)
			break;
		kbox_json_open(json, '{');
		kbox_json_name_int(json, "fd", fd);
		kbox_json_name(json, "path");
		if (len < 0)
			kbox_json_null(json);
		else
			kbox_json_bytes(json, path, (size_t)len);
		kbox_json_close(json, '}');
	}
	kbox_json_close(json, ']');
}

static void json_command(const struct kbox_facts *facts, struct kbox_json *json,
			 int tgid)
{
	char name[32];
	long len;

	snprintf(name, sizeof(name), "%d/cmdline", tgid);
	len = kbox_proc_files_read(facts->proc, name);
	for (long i = 0; i + 1 < len; i++)
		if (!facts->proc->text[i])
			facts->proc->text[i] = ' ';
	if (len > 1024)
		len = 1024;
	kbox_json_name(json, "command");
	kbox_json_bytes(json, facts->proc->text, len > 0 ? (size_t)len - 1 : 0);
}

static const char *state_name(const struct kbox_thread *thread)
{
	switch (thread->state) {
	case KBOX_THREAD_BLOCKED:
		return "blocked";
	case KBOX_THREAD_WAITING:
	case KBOX_THREAD_HELD:
		return "waiting";
	case KBOX_THREAD_ENDED:
		return "ended";
	default:
		return thread->sleeps ? "sleeping" : "running";
	}
}

static void json_process(const struct kbox_facts *facts, struct kbox_json *json,
			 const struct kbox_process *process)
{
	const struct kbox_list *at = process->threads.next;
	const struct kbox_thread *first =
		KBOX_LIST_ENTRY(at, struct kbox_thread, sibling);
	unsigned int threads = 0;
	char comm[16];

	for (; at != &process->threads; at = at->next)
		threads++;
	kbox_json_open(json, '{');
	kbox_json_name_int(json, "pid", process->tgid);
	kbox_json_name_int(json, "parent", process->parent_tgid);
	kbox_json_name_uint(json, "threads", threads);
	if (threads && first->task) {
		kbox_lk_task_comm(first->task, comm);
		kbox_json_name(json, "comm");
		kbox_json_bytes(json, comm, strlen(comm));
		kbox_json_name_string(json, "state", state_name(first));
		json_command(facts, json, process->tgid);
		json_files(json, first->task);
	}
	kbox_json_close(json, '}');
}

static void json_processes(const struct kbox_facts *facts,
			   struct kbox_json *json)
{
	const struct kbox_box *box = facts->sources->box;
	const struct kbox_list *at;
	unsigned int shown = 0, all = 0;

	kbox_json_open(json, '{');
	kbox_json_name(json, "processes");
	kbox_json_open(json, '[');
	for (at = box->processes.next; at != &box->processes; at = at->next) {
		all++;
		if (shown == KBOX_WEB_PROCESSES_MAX)
			continue;
		shown++;
		json_process(facts, json,
			     KBOX_LIST_ENTRY(at, struct kbox_process, link));
	}
	kbox_json_close(json, ']');
	kbox_json_name_uint(json, "all", all);
	kbox_json_name_int(json, "fds_max", KBOX_WEB_FDS_MAX);
	kbox_json_close(json, '}');
}

void kbox_facts_answer(void *arg, enum kbox_web_question question,
		       struct kbox_json *json)
{
	const struct kbox_facts *facts = arg;

	switch (question) {
	case KBOX_WEB_CALLS:
		facts->sources->stats_json(facts->sources->stats_arg, json);
		break;
	case KBOX_WEB_PROCESSES:
		json_processes(facts, json);
		break;
	case KBOX_WEB_KERNEL:
		json_kernel(facts, json);
		break;
	case KBOX_WEB_SHADOWS:
		json_shadows(facts, json);
		break;
	}
}
