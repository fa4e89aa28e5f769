/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this host offers to kbox.
 *
 * Side: host.
 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/macros.h"
#include "../guest/proc-status.h"
#include "../intercept/filter.h"
#include "../intercept/listener.h"
#include "loader-file.h"

/* Descriptors that a box needs before its guests open any file. */
#define FILES_FEW 256

static void found(struct kbox_finding *f, enum kbox_finding_state state,
		  const char *cost, const char *fmt, ...) KBOX_PRINTF(4, 5);
static void found(struct kbox_finding *f, enum kbox_finding_state state,
		  const char *cost, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->found, sizeof(f->found), fmt, args);
	va_end(args);
	f->state = state;
	f->cost = state == KBOX_FINDING_OK ? NULL : cost;
}

/* A number in a file of the host's; @missing when there is none. */
static long number_in(const char *path, long missing)
{
	KBOX_CLEANUP_FILE FILE *file = fopen(path, "re");
	long value;

	return file && fscanf(file, "%ld", &value) == 1 ? value : missing;
}

/* The number of KiB behind @key in /proc/meminfo or the like; -1: none. */
static long long field_in(const char *path, const char *key)
{
	KBOX_CLEANUP_FILE FILE *file = fopen(path, "re");
	char line[256];
	size_t len = strlen(key);

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, len) && line[len] == ':')
			return strtoll(line + len + 1, NULL, 10);
	return -1;
}

static void check_kernel(struct kbox_finding *f)
{
	struct utsname name;
	int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	found(f, strcmp(name.machine, "x86_64") != 0 ? KBOX_FINDING_BAD :
		 major * 1000 + minor < 5019	     ? KBOX_FINDING_BAD :
						       KBOX_FINDING_OK,
	      "x86-64 and Linux 5.19 are needed", "%s on %s", name.release,
	      name.machine);
}

/* --- a process under the filter, as the first guest is */

struct probe {
	_Atomic int listener;	/* 0: not there yet; -errno */
	unsigned long word;	/* to be read from outside */
};

static void run_probe(struct probe *probe)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	int fd = kbox_filter_install(0);

	atomic_store(&probe->listener, fd);
	/* Only what the filter lets through natively. */
	for (;;)
		syscall(SYS_nanosleep, &nap, NULL);
}

static int wait_for_listener(struct probe *probe)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int i = 0; i < 1000; i++) {
		int fd = atomic_load(&probe->listener);

		if (fd)
			return fd;
		nanosleep(&nap, NULL);
	}
	return -ETIMEDOUT;
}

static const char *filter_trouble(int err)
{
	if (err == -EBUSY)
		return "in use: kbox cannot run in another sandbox that uses "
		       "it";
	return "Linux 5.19 with CONFIG_SECCOMP_FILTER is needed, and a "
	       "container that allows seccomp(2)";
}

static void check_wake_up(struct kbox_finding *f, int listener)
{
	unsigned long long flags = 1;	/* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
	/* SECCOMP_IOCTL_NOTIF_SET_FLAGS, Linux 6.6. */
	bool has = ioctl(listener, _IOW('!', 4, uint64_t), flags) == 0;

	found(f, has ? KBOX_FINDING_OK : KBOX_FINDING_WARN,
	      "guests may be woken on another processor: a system call then "
	      "takes up to ten times as long; Linux 6.6 has it",
	      has ? "there" : "not there");
}

static void check_memory_access(struct kbox_finding *f, int pid,
				struct probe *probe)
{
	unsigned long word = 0;
	struct iovec here = { &word, sizeof(word) };
	struct iovec there = { &probe->word, sizeof(word) };
	bool works = process_vm_readv(pid, &here, 1, &there, 1, 0) ==
			     (ssize_t)sizeof(word) && word == probe->word;

	found(f, works ? KBOX_FINDING_OK : KBOX_FINDING_BAD,
	      "kernel.yama.ptrace_scope must be below 2, and the container "
	      "must allow process_vm_readv(2)",
	      "%s", works ? "works" : strerror(errno));
}

/* A process that does what the first guest does. */
static void check_guest(struct kbox_finding *notify,
			struct kbox_finding *wake_up,
			struct kbox_finding *memory)
{
	struct probe *probe = mmap(NULL, sizeof(*probe), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KBOX_CLEANUP_CLOSE int pid_fd = -1, listener = -1;
	int pid, remote;

	if (probe == MAP_FAILED)
		return;
	probe->word = 0x6b626f78;
	pid = fork();
	if (pid == 0)
		run_probe(probe);
	remote = pid < 0 ? -errno : wait_for_listener(probe);
	if (remote > 0) {
		pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
		listener = (int)syscall(SYS_pidfd_getfd, pid_fd, remote, 0);
	}
	if (remote < 0)
		found(notify, KBOX_FINDING_BAD, filter_trouble(remote), "%s",
		      strerror(-remote));
	else if (listener < 0)
		found(notify, KBOX_FINDING_BAD,
		      "kernel.yama.ptrace_scope must be below 2, and the "
		      "container must allow pidfd_getfd(2)",
		      "the listener cannot be fetched: %s", strerror(errno));
	else
		found(notify, KBOX_FINDING_OK, NULL, "works");
	if (listener >= 0)
		check_wake_up(wake_up, listener);
	if (pid > 0) {
		check_memory_access(memory, pid, probe);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	munmap(probe, sizeof(*probe));
}

/* --- the rest */

static void check_memfd(struct kbox_finding *f)
{
	KBOX_CLEANUP_CLOSE int fd = memfd_create("kbox-doctor",
						 MFD_CLOEXEC |
							 MFD_ALLOW_SEALING);
	void *map;

	if (fd < 0 || ftruncate(fd, 4096) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK |
					   F_SEAL_SEAL) < 0) {
		found(f, KBOX_FINDING_BAD, "programs cannot be mapped",
		      "cannot be made and sealed: %s", strerror(errno));
		return;
	}
	map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	found(f, map == MAP_FAILED ? KBOX_FINDING_BAD : KBOX_FINDING_OK,
	      "vm.memfd_noexec must be below 2",
	      map == MAP_FAILED ? "cannot be mapped executable" : "work");
	if (map != MAP_FAILED)
		munmap(map, 4096);
}

static void check_loader(struct kbox_finding *f)
{
	struct kbox_loader_slot slot;

	if (kbox_loader_slot_open(&slot)) {
		found(f, KBOX_FINDING_BAD,
		      "$XDG_RUNTIME_DIR, /tmp, /dev/shm or /var/tmp must be "
		      "writable and allow programs to be executed",
		      "there is no place for it");
		return;
	}
	kbox_loader_slot_close(&slot);
	found(f, KBOX_FINDING_OK, NULL, "has a place");
}

static void check_memory(struct kbox_finding *f)
{
	long long kib = field_in("/proc/meminfo", "MemAvailable");
	long long need = (long long)(KBOX_RAM_DEFAULT_BYTES >> 10);

	found(f, kib < need / 4 ? KBOX_FINDING_BAD :
		 kib < 2 * need ? KBOX_FINDING_WARN :
				  KBOX_FINDING_OK,
	      "use -k mem=SIZE with less than 128M, and --shadow-cache",
	      "%lld MiB available; a box may take %llu MiB and what its "
	      "programs need", kib >> 10, KBOX_RAM_DEFAULT_BYTES >> 20);
}

static void check_address_space(struct kbox_finding *f)
{
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		found(f, KBOX_FINDING_OK, NULL, "no limit");
	else
		found(f, limit.rlim_cur < 4 * KBOX_RAM_DEFAULT_BYTES ?
				 KBOX_FINDING_WARN : KBOX_FINDING_OK,
		      "the kernel's RAM is mapped at once: raise ulimit -v",
		      "limited to %llu MiB",
		      (unsigned long long)limit.rlim_cur >> 20);
}

static void check_files(struct kbox_finding *f)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	found(f, limit.rlim_cur < FILES_FEW ? KBOX_FINDING_WARN :
					      KBOX_FINDING_OK,
	      "guests map files at numbers below this limit only, and "
	      "processes are watched less closely: raise ulimit -n",
	      "%llu, at most %llu", (unsigned long long)limit.rlim_cur,
	      (unsigned long long)limit.rlim_max);
}

static void check_proc(struct kbox_finding *f)
{
	bool ours = kbox_proc_is_ours();

	found(f, ours ? KBOX_FINDING_OK : KBOX_FINDING_BAD,
	      "mount one of this PID namespace there",
	      ours ? "shows this process" : "does not show this process");
}

static void check_processes(struct kbox_finding *f)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NPROC, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		found(f, KBOX_FINDING_OK, NULL, "no limit");
	else
		found(f, limit.rlim_cur < 64 ? KBOX_FINDING_WARN :
					       KBOX_FINDING_OK,
		      "every guest process is one of the host's: raise "
		      "ulimit -u",
		      "at most %llu of this user",
		      (unsigned long long)limit.rlim_cur);
}

static void check_inotify(struct kbox_finding *f)
{
	long max = number_in("/proc/sys/fs/inotify/max_user_instances", 0);

	found(f, max < 16 ? KBOX_FINDING_WARN : KBOX_FINDING_OK,
	      "each box takes one when it executes its second program: raise "
	      "fs.inotify.max_user_instances",
	      "%ld instances for each user", max);
}

static void check_processors(struct kbox_finding *f)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) < 0 ?
			    1 : CPU_COUNT(&set);

	found(f, count < 2 ? KBOX_FINDING_WARN : KBOX_FINDING_OK,
	      "disks, traces and guests share it with the kernel",
	      "%d to run on", count);
}

static void check_filters(struct kbox_finding *f)
{
	long long filters = field_in("/proc/self/status", "Seccomp_filters");

	found(f, filters > 0 ? KBOX_FINDING_WARN : KBOX_FINDING_OK,
	      "calls that they refuse are refused to guests and to kbox, and "
	      "each makes every call a little slower",
	      "%lld", filters < 0 ? 0 : filters);
}

static void check_namespaces(struct kbox_finding *f)
{
	long max = number_in("/proc/sys/user/max_user_namespaces", 0);
	long sysctl = number_in("/proc/sys/kernel/unprivileged_userns_clone",
				1);

	found(f, KBOX_FINDING_OK, NULL, "%s; not needed",
	      max > 0 && sysctl ? "offered" : "not offered");
}

static void check_disk(struct kbox_finding *f)
{
	struct statvfs fs;

	if (statvfs(".", &fs) < 0) {
		found(f, KBOX_FINDING_WARN, "its images cannot be seen", "%s",
		      strerror(errno));
		return;
	}
	found(f, fs.f_flag & ST_RDONLY ? KBOX_FINDING_WARN : KBOX_FINDING_OK,
	      "images in it can be used with --ro only",
	      "%llu MiB free%s",
	      (unsigned long long)fs.f_bavail * fs.f_frsize >> 20,
	      fs.f_flag & ST_RDONLY ? ", read-only" : "");
}

static const struct {
	const char *name, *use;
	void (*check)(struct kbox_finding *finding);
} checks[] = {
	{ "kernel", "the host's", check_kernel },
	{ "sealed memfds", "files that programs map", check_memfd },
	{ "loader", "the host executes it for every program", check_loader },
	{ "/proc", "looking at guests", check_proc },
	{ "memory", "the library kernel's RAM, files, programs", check_memory },
	{ "address space", "the same", check_address_space },
	{ "open files", "ends of processes, mappings", check_files },
	{ "processes", "guests", check_processes },
	{ "inotify", "when the loader is opened", check_inotify },
	{ "processors", "guests, and threads for disks", check_processors },
	{ "seccomp filters", "already in force here", check_filters },
	{ "user namespaces", "nothing", check_namespaces },
	{ "working folder", "images", check_disk },
};

_Static_assert(KBOX_ARRAY_SIZE(checks) + 3 <= KBOX_FINDINGS_MAX,
	       "there is room for all findings");

unsigned int kbox_doctor(struct kbox_finding *findings)
{
	static const struct kbox_finding guest[3] = {
		{ "notification", "catching system calls", KBOX_FINDING_BAD,
		  "not known", "it could not be tried" },
		{ "synchronous wake-up", "answering at once, nearby",
		  KBOX_FINDING_WARN, "not known", "it could not be tried" },
		{ "memory of guests", "reading and writing it",
		  KBOX_FINDING_BAD, "not known", "it could not be tried" },
	};
	unsigned int count = 0;

	memcpy(findings, guest, sizeof(guest));
	check_guest(&findings[0], &findings[1], &findings[2]);
	count = 3;
	for (size_t i = 0; i < KBOX_ARRAY_SIZE(checks); i++) {
		findings[count] = (struct kbox_finding){
			.name = checks[i].name, .use = checks[i].use,
		};
		checks[i].check(&findings[count++]);
	}
	return count;
}
