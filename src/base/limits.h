/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every limit of the host side, with its reason.
 *
 * Side: host. Limits that are part of a contract are in abi/.
 */
#ifndef KBOX_BASE_LIMITS_H
#define KBOX_BASE_LIMITS_H

/*
 * Longest log line, prefix and newline included: a long path and some words.
 * It lies on the stack, which may be a kernel task's.
 */
#define KBOX_LOG_LINE_MAX 1024

/*
 * Ready watches taken from the host in one round of the event loop. More are
 * taken in the next one; the round is sorted, so it is kept small enough for
 * the stack and large enough that an end of a process is rarely in a later
 * round than a notification that came after it.
 */
#define KBOX_LOOP_ROUND_MAX 64

/* Pieces of one process_vm_writev or pwritev: the host's own UIO_MAXIOV. */
#define KBOX_IOV_MAX 1024

/*
 * Pieces taken through a kernel task's stack at a time, 16 bytes each. The
 * stacks are 32 KiB deep and part of it is used up by the caller.
 */
#define KBOX_STACK_IOV_MAX 64

/*
 * Bytes of a disk's writes that are held in memory: what mounting a clean file
 * system writes, some 50 KiB, many times over.
 */
#define KBOX_HELD_BYTES_MAX (1UL << 20)

/*
 * Threads that wait for the host's disks: enough to keep a disk's queue busy,
 * and for the quick ones not to wait behind a flush. Their stacks hold the
 * pieces of one request.
 */
#define KBOX_WORKERS_MAX 8
#define KBOX_WORKER_STACK_BYTES (64UL << 10)

/*
 * Writes to a disk that the supervisor does itself: copying them takes less
 * than waking a worker and being woken. Once one has taken longer than that,
 * the host makes writers wait, and for some time none is.
 */
#define KBOX_DISK_SMALL_BYTES (64UL << 10)
#define KBOX_DISK_SLOW_NS 300000ULL
#define KBOX_DISK_SHUN_NS 1000000000ULL

/* Zeroes written at once where the host has no better way to make a range zero. */
#define KBOX_DISK_ZEROES_BYTES (64UL << 10)

/* Longest line of the kernel log shown at once; longer ones are broken. */
#define KBOX_CONSOLE_LINE_MAX 512

/*
 * Folders and files of the host's that guests see: each is a file system of the
 * kernel's.
 */
#define KBOX_BINDS_MAX 32

/* Buckets of the inodes that guests have looked at in one of them. */
#define KBOX_BIND_BUCKETS 1024

/*
 * Host descriptors that guests can have open at once: three standard ones, and
 * three for each program that was started with "kbox exec".
 */
#define KBOX_HOST_FDS_MAX 64

/* Watches of host descriptors by kernel files: each open file may ask once. */
#define KBOX_FD_WATCHES_MAX 64

/*
 * Bytes that go to a host descriptor without a non-blocking description at a
 * time: after poll(2) says writable, a pipe takes this much (PIPE_BUF).
 */
#define KBOX_FD_BLOCKING_WRITE_MAX 4096

/*
 * What is said to a running sandbox. A name is part of a file name and of a
 * table; one message is an exec with a long command line, as large as a socket
 * takes without privileges; the listed processes are as many as anybody reads.
 * Clients beyond the limit wait in the socket's queue; one that says nothing
 * makes room for them.
 */
#define KBOX_CONTROL_NAME_MAX 63
#define KBOX_CONTROL_MESSAGE_MAX (128UL << 10)
#define KBOX_CONTROL_WHY_MAX 1024
#define KBOX_CONTROL_PIDS_MAX 512
#define KBOX_CONTROL_CLIENTS_MAX 24
/* How long a client waits for an answer, and for the folder's lock. */
#define KBOX_CONTROL_WAIT_MS 5000

/* The timer slack of processes that ask for none: the host's default. */
#define KBOX_USUAL_TIMERSLACK_NS 50000UL

/*
 * Threads of all guests together, a bound for the supervisor's tables. The
 * library kernel's RAM allows fewer: 64 KiB each (kbox_lk_may_clone). Further
 * ones get EAGAIN, as from a full host.
 */
#define KBOX_GUEST_THREADS_MAX 16384

/* Buckets of the tables by number: about one entry each at the limit. */
#define KBOX_GUEST_BUCKETS 1024

/*
 * Descriptors for ends of processes, if the limit on open files allows. The
 * other processes are looked at now and then.
 */
#define KBOX_GUEST_PIDFDS_MAX 2048
#define KBOX_LIVENESS_NS 50000000ULL

/*
 * Number of the lifeline in a guest's host descriptors. As low as possible,
 * since the host copies the table up to there at each fork; not where guests'
 * own numbers usually are, since a mapping uses the slot of its descriptor.
 */
#define KBOX_LIFELINE_FD 1000

/*
 * Slots of a guest's host descriptors of which is known whether they are used:
 * those below the lifeline, in words of 64.
 */
#define KBOX_SLOTS_KNOWN 960

/*
 * Processes that share one host table without being threads of each other,
 * which hardly any program has: each takes two slots, from that number down.
 * The slots known (above) end below them.
 */
#define KBOX_LIFELINE_PAIRS_MAX 20

/* Naps of 50 us for the host to close a descriptor that a guest closes. */
#define KBOX_CLOSE_NAPS_MAX 2000

/* Children that are looked at to tell whether a wait that is owed EINTR ends. */
#define KBOX_WAIT_CHILDREN_MAX 1024

/* Numbers that are counted each; larger ones share the last counter. */
#define KBOX_COUNTED_NRS 512

/* How long a process is held for a child that did not call yet, before it is
 * looked for: a child that is scheduled at once calls within this.
 */
#define KBOX_HOLD_NS 2000000ULL

/* Killed guests that are named in the log; the others are counted. */
#define KBOX_PUNISHED_SHOWN_MAX 3

/* Threads of a process looked at to tell which one a signal will take. */
#define KBOX_SIGNAL_CANDIDATES_MAX 64

/*
 * What a process_vm_readv between guests copies at once, on the stack, and in
 * all, in some milliseconds for which nobody else is served.
 */
#define KBOX_VM_COPY_BYTES (32U << 10)
#define KBOX_VM_COPY_MAX (16U << 20)

/*
 * Descriptors that a wait handed to the host may name: each costs one transfer
 * to the guest's table. With more, the wait ends with EINTR instead.
 */
#define KBOX_HANDED_FDS_MAX 256

/*
 * Arguments and variables of one exec that share memory with its path: one is
 * usual (argv[0], or $SHELL), more are odd.
 */
#define KBOX_EXEC_OVERLAPS_MAX 16

/* Pointers of argv or envp that are looked at for that: 2 MiB of them. */
#define KBOX_EXEC_POINTERS_MAX (256U << 10)

/*
 * How often the host is asked about an exec that has not opened the loader yet,
 * and the processor time since the first look after which it never will: the
 * opening is among the first things that the host does.
 */
#define KBOX_EXEC_LOOK_NS 100000000ULL
#define KBOX_EXEC_TICKS_MAX 5

/*
 * How often and when an inotify instance is asked for again when the user has
 * no more: those of the last kboxes are given back within this.
 */
#define KBOX_INOTIFY_TRIES 100
#define KBOX_INOTIFY_NAP_NS 5000000

/*
 * Bytes of the second image that --overlay makes: more than an image usually
 * changes. It is sparse; its empty file system takes some MiB on the disk.
 */
#define KBOX_OVERLAY_FILE_BYTES (16LL << 30)

/*
 * How long an image that another program has locked is waited for: a box whose
 * front was killed needs a moment to unmount it.
 */
#define KBOX_LOCK_WAIT_NS 2000000000ULL
#define KBOX_LOCK_RETRY_NS 10000000ULL

/* From asking the first guest to end until it is killed. */
#define KBOX_STOP_GRACE_NS 2000000000ULL

/* How long the end of all guests may take after SIGKILL. */
#define KBOX_KILL_GRACE_NS 5000000000ULL

/* Bytes of a terminal read at once: a line of canonical mode. */
#define KBOX_TTY_READ_MAX 4096

/*
 * How often it is chosen which threads run on the supervisor's processor: long
 * against a call, short against what people and schedulers notice; the calls in
 * a period from which on that pays when another thread could run meanwhile, some
 * 50 us for each, as crossing to a sleeping processor and back takes; the periods
 * after which the host may choose another processor; and the callers that are
 * looked at to tell who could run.
 */
#define KBOX_NEAR_PERIOD_NS 4000000ULL
#define KBOX_NEAR_CALLS 80
#define KBOX_NEAR_PERIODS 50
#define KBOX_NEAR_LOOK_MAX 16

/*
 * Slots of a process whose shadow is remembered: those of the descriptors that
 * programs map files with, which are low; others are asked for anew.
 */
#define KBOX_SHADOW_SLOTS 16

/*
 * Files mapped with MAP_SHARED at once: two descriptors and one memfd each.
 * Beyond it a mapping to write fails with ENOMEM, as with too many mappings,
 * and one to read shows the file as it was then.
 */
#define KBOX_LIVES_MAX 1024

/*
 * Numbers of shadows: seconds up to 2001, which no clock shows. When they are
 * used up, mappings need a descriptor each.
 */
#define KBOX_SHADOW_NUMBER_MAX 1000000000

/* Entries of the shadow cache: a shell session maps a few dozen files. */
#define KBOX_SHADOW_CACHE_MAX 64

/*
 * Bytes of all cached shadows together, when the user does not say: enough for
 * a compiler and its libraries, but at most one part in so many of the
 * machine's memory, since several boxes run on one machine.
 */
#define KBOX_SHADOW_CACHE_BYTES (256ULL << 20)
#define KBOX_SHADOW_CACHE_SHARE 16

/*
 * RAM of the library kernel. The least with which it boots and mounts; what
 * it gets by default; and the most, where its own page structs begin to cost.
 */
#define KBOX_RAM_MIN_BYTES (16ULL << 20)
#define KBOX_RAM_DEFAULT_BYTES (128ULL << 20)
#define KBOX_RAM_MAX_BYTES (64ULL << 30)

/* Copies of the loader, one for each kbox that runs at the same time. */
#define KBOX_LOADER_SLOTS_MAX 4096

/* Kernel command line: COMMAND_LINE_SIZE of the kernel's architecture. */
#define KBOX_COMMAND_LINE_MAX 2048

/* Mount options given with -m: the kernel copies one page of them. */
#define KBOX_MOUNT_OPTIONS_MAX 4096

/* Arguments and variables of the first command: the host's MAX_ARG_STRINGS
 * is far higher; this bounds what a typing error can allocate.
 */
#define KBOX_ARGS_MAX 65536

/* Bytes of /etc/passwd and /etc/hostname that are looked at. */
#define KBOX_GUEST_FILE_MAX (256U << 10)

/*
 * Pages shared with the first guest's process beyond its arguments: for paths
 * that are tried and files of the image that are read. Used as touched.
 */
#define KBOX_CHILD_SCRATCH_BYTES (1UL << 20)

/* Bytes of archives, layers and folders taken at a time. */
#define KBOX_IMAGE_CHUNK_BYTES (256U << 10)

/*
 * Files of one image: the names of a layer's files are kept in memory, about
 * 100 bytes each.
 */
#define KBOX_IMAGE_FILES_MAX (4ULL << 20)

/*
 * ... and not more than this, with the names of folders on the way to them: one
 * path of 2,000 folders, 4 KiB in an archive, has 4 MiB of names.
 */
#define KBOX_IMAGE_NAME_BYTES_MAX (512ULL << 20)

/* Contents of one image, when the user does not say: more than systems have. */
#define KBOX_IMAGE_LIMIT_BYTES (64ULL << 30)

/*
 * How many times larger an archive may become when it is unpacked, once it has
 * become large at all. Systems become 3 to 10 times larger.
 */
#define KBOX_IMAGE_GROWTH_MAX 100
#define KBOX_IMAGE_GROWTH_FREE_BYTES (1ULL << 30)

/* Bytes of a container image's description, of which each has a few KiB. */
#define KBOX_IMAGE_JSON_MAX (4U << 20)

/* Files that container images in one archive or folder consist of. */
#define KBOX_IMAGE_PIECES_MAX 10000

/* Layers of a container image; overlayfs, which most are made for, takes 500. */
#define KBOX_IMAGE_LAYERS_MAX 1000

/*
 * How often a front that was continued in the background looks whether it is in
 * the foreground: shells need not say so.
 */
#define KBOX_FOREGROUND_POLL_MS 50

/* Bytes of the kernel log shown when the kernel panics. */
#define KBOX_PANIC_LOG_BYTES 2048

/*
 * A trace. A record has room for two long paths, argv and envp; strings of an
 * exec and elements of an array are shown up to here, buffers as the user says.
 */
#define KBOX_TRACE_RECORD_MAX (32U << 10)
#define KBOX_TRACE_STRINGS_MAX 4096U
#define KBOX_TRACE_ARRAY_MAX 16U
#define KBOX_TRACE_DATA_BYTES 32U
#define KBOX_TRACE_DATA_MAX 4096U

/*
 * Bytes of records between supervisor and writer: some 20,000 calls, a fifth of
 * a second at 100,000 a second, which a disk's hiccup may take.
 */
#define KBOX_TRACE_RING_BYTES (8U << 20)

/* The writer naps that long, so that it is woken once for many records. */
#define KBOX_TRACE_NAP_NS 5000000

/* Words of one kind in the filter of a trace. */
#define KBOX_TRACE_WORDS_MAX 64

/* Bytes of text that are written to a trace's file at once. */
#define KBOX_TRACE_WRITE_BYTES (256U << 10)

/* Pairs of call and program that asked for something unsupported. */
#define KBOX_STATS_REFUSED_MAX 128

/*
 * The page of --web. One sample a second, for a quarter of an hour; a sample
 * has less than 1 KiB.
 */
#define KBOX_WEB_SAMPLE_NS 1000000000ULL
#define KBOX_WEB_SAMPLES 900

/*
 * Connections at once, and how long a silent one is kept: a browser has six.
 * What others of the machine open beyond has to wait; the box never does.
 */
#define KBOX_WEB_CONNECTIONS_MAX 64
#define KBOX_WEB_TIMEOUT_S 10
#define KBOX_WEB_CONNECTION_BYTES (32U << 10)

/* How long a question to the supervisor waits for its turn. */
#define KBOX_WEB_ANSWER_NS 2000000000ULL

/*
 * What one list shows: processes, and descriptors of each. The supervisor
 * serves no guest while it looks, some 0.1 us for each descriptor.
 */
#define KBOX_WEB_PROCESSES_MAX 200
#define KBOX_WEB_FDS_MAX 64

/*
 * The stream of events that the page shows: calls that are fetched in a second,
 * which take some 2 ms of it together; room for twice as many between two
 * looks; events that are kept; and how long it goes on after a look.
 */
#define KBOX_WINDOW_PER_SECOND 400
#define KBOX_WINDOW_RING_BYTES (1U << 20)
#define KBOX_WEB_EVENTS 2000
#define KBOX_WEB_LOOK_NS 3000000000ULL

/* Bytes of a file of the library kernel's /proc. */
#define KBOX_WEB_PROC_BYTES (32U << 10)

#endif
