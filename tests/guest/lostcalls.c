/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A signal that comes right after a call began, while others have long calls
 * under way: the call ends with EINTR when the handler asks for that, or the
 * call is one that always does. A timer rings once and then again much later,
 * which a call must not have to wait for. And it goes on when the handler
 * restarts it, or when it has a result.
 * Run: limit 120
 */
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/select.h>

#include "guest.h"

#define ROUNDS 10
#define FIRST_US 700
#define AGAIN_MS 2000
#define CROWD 3
#define LONG_BYTES (16 << 20)
#define FUTEX_WAIT_BITSET 9	/* linux/futex.h, which musl lacks */

static int ends[2], ep, queue;
static volatile sig_atomic_t rings;

static void on_alarm(int sig)
{
	(void)sig;
	rings++;
}

/* A handler whose own call is taken by whatever comes. */
static void on_alarm_busy(int sig)
{
	struct stat st;

	(void)sig;
	stat("/", &st);
	rings++;
}

/* Children whose calls take milliseconds each, one after the other. */
static void make_crowd(pid_t crowd[CROWD])
{
	for (int i = 0; i < CROWD; i++)
		crowd[i] = CHILD({
			int zero = open("/dev/zero", O_RDONLY);
			char *room = malloc(LONG_BYTES);

			for (;;)
				read(zero, room, LONG_BYTES);
		});
}

static void end_crowd(pid_t crowd[CROWD])
{
	for (int i = 0; i < CROWD; i++) {
		kill(crowd[i], SIGKILL);
		waitpid(crowd[i], NULL, 0);
	}
}

static int wait_read(void)
{
	char c;

	return (int)read(ends[0], &c, 1);
}

static int wait_poll(void)
{
	struct pollfd pfd = { .fd = ends[0], .events = POLLIN };

	return poll(&pfd, 1, -1);
}

static int wait_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return select(ends[0] + 1, &set, NULL, NULL, NULL);
}

static int wait_pselect(void)
{
	sigset_t none;
	fd_set set;

	sigemptyset(&none);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, NULL, &none);
}

static int wait_epoll(void)
{
	struct epoll_event ev;

	return epoll_wait(ep, &ev, 1, -1);
}

static int wait_message(void)
{
	struct {
		long type;
		char text[8];
	} message;

	return (int)msgrcv(queue, &message, sizeof(message.text), 0, 0);
}

static int wait_child(void)
{
	return (int)waitpid(-1, NULL, 0);
}

static int wait_child_id(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED);
}

static int wait_semaphore(void)
{
	static sem_t sem;

	return sem_wait(&sem);
}

static int wait_bitset(void)
{
	static int word;

	return (int)syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, NULL, NULL,
			    0xff);
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void ring(int us, int again_ms)
{
	const struct itimerval timer = {
		.it_value.tv_usec = us,
		.it_interval = { again_ms / 1000, again_ms % 1000 * 1000L },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* In how many rounds did it take the second ring? None, but for a slow machine. */
static void rounds(const char *name, int (*wait_call)(void))
{
	int late = 0, wrong = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t begin = now_ms();

		ring(FIRST_US, AGAIN_MS);
		wrong += wait_call() != -1 || errno != EINTR;
		ring(0, 0);
		late += now_ms() - begin >= AGAIN_MS;
	}
	say("%s: wrong %d, late %d", name, wrong, late);
}

/* Not in place of a result, and not when the handler restarts. */
static void restarted(void)
{
	int wrong = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = CHILD({
			sleep_ms(5);
			write(ends[1], "x", 1);
		});

		ring(FIRST_US, 0);
		wrong += wait_read() != 1;
		while (waitpid(child, NULL, 0) < 0)
			wrong++;
	}
	say("restarted: wrong %d", wrong);
}

/* A semaphore posted late is waited for, whatever rings. */
static void restarted_semaphore(void)
{
	sem_t *sem = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int wrong = 0, before = rings;

	sem_init(sem, 1, 0);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = CHILD({
			sleep_ms(5);
			sem_post(sem);
		});

		ring(FIRST_US, 0);
		wrong += sem_wait(sem) != 0;
		while (waitpid(child, NULL, 0) < 0)
			wrong++;
	}
	say("restarted semaphore: wrong %d, rang %d", wrong, rings > before);
}

/*
 * The signal that says that a child has ended comes while that child is waited
 * for: the child is told, though the handler asked to interrupt.
 */
static void told(void)
{
	int wrong = 0;

	handle(SIGCHLD, on_alarm, 0);
	for (int i = 0; i < 4 * ROUNDS; i++) {
		pid_t child = CHILD({
			for (volatile int spin = 0; spin < i * 600; spin++)
				;
			_exit(7);
		});
		int status = 0;

		wrong += waitpid(child, &status, 0) != child ||
			 WEXITSTATUS(status) != 7;
	}
	say("told: wrong %d", wrong);
	signal(SIGCHLD, SIG_DFL);
}

static sigjmp_buf away;

static void on_alarm_away(int sig)
{
	(void)sig;
	siglongjmp(away, 1);
}

/* A call that a handler left for good is owed nothing when it is made again. */
static void left(void)
{
	int wrong = 0;

	handle(SIGALRM, on_alarm_away, 0);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t child;

		if (!sigsetjmp(away, 1)) {
			ring(FIRST_US, 0);
			wait_read();
			wrong++;
		}
		child = CHILD({
			sleep_ms(2);
			write(ends[1], "x", 1);
		});
		wrong += wait_read() != 1;
		wrong += waitpid(child, NULL, 0) != child;
	}
	say("left: wrong %d", wrong);
}

int main(void)
{
	pid_t crowd[CROWD];

	pipe(ends);
	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, ends[0],
		  &(struct epoll_event){ .events = EPOLLIN });
	queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	make_crowd(crowd);
	handle(SIGALRM, on_alarm, 0);
	rounds("read", wait_read);
	rounds("poll", wait_poll);
	rounds("wait4", wait_child);
	rounds("waitid", wait_child_id);
	rounds("semaphore", wait_semaphore);
	rounds("bitset", wait_bitset);
	handle(SIGALRM, on_alarm_busy, 0);
	rounds("read, busy handler", wait_read);
	rounds("wait4, busy handler", wait_child);
	handle(SIGALRM, on_alarm, SA_RESTART);
	rounds("poll, restart", wait_poll);
	rounds("select, restart", wait_select);
	rounds("pselect, restart", wait_pselect);
	rounds("epoll, restart", wait_epoll);
	rounds("message, restart", wait_message);
	handle(SIGALRM, on_alarm_busy, SA_RESTART);
	rounds("poll, restart, busy handler", wait_poll);
	restarted();
	restarted_semaphore();
	left();
	told();
	end_crowd(crowd);
	msgctl(queue, IPC_RMID, NULL);
	return 0;
}
