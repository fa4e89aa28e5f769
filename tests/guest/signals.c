/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals between processes of the box: handlers, masks, queued values, who
 * sent it, stop and continue, suspend and timed wait, thread-directed kills.
 * Run: dyn
 */
#include "guest.h"
#include <pthread.h>

static volatile sig_atomic_t got, got_value, got_pid, got_code, got_term;

static void on_signal(int sig, siginfo_t *si, void *ctx)
{
	(void)ctx;
	got = sig;
	got_term |= sig == SIGTERM;
	got_pid = si->si_pid;
	got_code = si->si_code;
	got_value = si->si_value.sival_int;
}

static void catch(int sig, int flags)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags };

	sigaction(sig, &sa, NULL);
}

static volatile sig_atomic_t thread_hit;
static pthread_t target;

static void on_thread(int sig)
{
	(void)sig;
	thread_hit = pthread_equal(pthread_self(), target) ? 1 : 2;
}

static void *waiter(void *arg)
{
	(void)arg;
	while (!thread_hit)
		sleep_ms(2);
	return NULL;
}

static void between(void)
{
	pid_t me = getpid(), pid;
	sigset_t set, none;
	siginfo_t si;
	struct timespec ts = { 5, 0 }, zero = { 0, 0 };
	int status;

	catch(SIGUSR1, 0);
	sigemptyset(&set);
	sigemptyset(&none);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = CHILD(kill(me, SIGUSR1));
	SHOW("sender", wait_code(pid));
	say("blocked: %d", got == 0);
	SHOW("sigsuspend", sigsuspend(&none));
	say("got %d from child %d code %d", got, got_pid == pid, got_code);
	got = 0;
	pid = CHILD({
		union sigval v = { .sival_int = 4711 };

		sigqueue(me, SIGUSR1, v);
	});
	SHOW("sigwaitinfo", sigwaitinfo(&set, &si));
	say("value %d code %d from child %d", si.si_value.sival_int, si.si_code, si.si_pid == pid);
	wait_code(pid);
	SHOW("sigtimedwait none", sigtimedwait(&set, &si, &zero));
	pid = CHILD(sleep_ms(30); kill(me, SIGUSR1));
	SHOW("sigtimedwait", sigtimedwait(&set, &si, &ts));
	wait_code(pid);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	say("handler not run: %d", got == 0);

	catch(SIGCHLD, 0);
	pid = CHILD(_exit(7));
	while (wait_code(pid) == -EINTR)
		;
	say("SIGCHLD: %d from child %d code %d", got == SIGCHLD, got_pid == pid, got_code);
	signal(SIGCHLD, SIG_DFL);

	pid = CHILD(for (;;) pause());
	SHOW("kill STOP", kill(pid, SIGSTOP));
	SHOW("stopped", waitpid(pid, &status, WUNTRACED) == pid);
	say("status %d", status_code(status));
	SHOW("kill CONT", kill(pid, SIGCONT));
	SHOW("continued", waitpid(pid, &status, WCONTINUED) == pid);
	say("status %d", status_code(status));
	SHOW("kill TERM", kill(pid, SIGTERM));
	SHOW("ended", wait_code(pid));
	SHOW("kill ended", kill(pid, 0));
	SHOW("kill bad signal", kill(me, 99));
	SHOW("kill 0 self", kill(me, 0));
	SHOW("tgkill self", syscall(SYS_tgkill, me, me, 0));
	pid = CHILD(pause());
	SHOW("tgkill wrong group", syscall(SYS_tgkill, pid, me, 0));
	kill(pid, SIGKILL);
	wait_code(pid);
	SHOW("tkill missing", syscall(SYS_tkill, 999999, 0));
	signal(SIGCHLD, SIG_IGN);
	pid = CHILD(_exit(1));
	SHOW("ignored child", wait_code(pid));
	signal(SIGCHLD, SIG_DFL);
}

static void groups(void)
{
	pid_t pids[3], group = 0;
	int i, p[2];
	char c;

	MUST(pipe(p));
	for (i = 0; i < 3; i++) {
		pids[i] = CHILD({
			setpgid(0, group);
			write(p[1], "x", 1);
			for (;;)
				pause();
		});
		setpgid(pids[i], group);
		if (i == 0)
			group = pids[0];
		read(p[0], &c, 1);
	}
	SHOW("kill group", kill(-group, SIGTERM));
	for (i = 0; i < 3; i++)
		SHOW("member", wait_code(pids[i]));
	SHOW("kill empty group", kill(-group, SIGTERM));
	SHOW("own group", wait_code(CHILD({
		setpgid(0, 0);
		catch(SIGUSR2, 0);
		kill(0, SIGUSR2);
		_exit(got);
	})));
}

int main(void)
{
	pthread_t thread;
	pid_t pid;
	int i;

	between();
	groups();
	signal(SIGUSR2, on_thread);
	MUST(pthread_create(&thread, NULL, waiter, NULL) ? -1 : 0);
	target = thread;
	pthread_kill(thread, SIGUSR2);
	pthread_join(thread, NULL);
	say("the thread itself: %d", thread_hit);

	/* Many signals to a process that makes calls all the time: none lost. */
	signal(SIGUSR1, SIG_DFL);
	pid = CHILD({
		struct stat st;

		catch(SIGUSR1, SA_RESTART);
		catch(SIGTERM, SA_RESTART);
		while (!got_term)
			if (stat("/", &st) < 0)
				_exit(1);
		_exit(42);
	});
	sleep_ms(50);
	for (i = 0; i < 200; i++)
		kill(pid, SIGUSR1);
	kill(pid, SIGTERM);
	SHOW("busy caller", wait_code(pid));
	return 0;
}
